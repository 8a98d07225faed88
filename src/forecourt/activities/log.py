"""Logging what was done: it is kept, told to the log, and stops or starts the customer's waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from forecourt.activities.mentions import Colleague, mentioned
from forecourt.activities.queries import ACTIVITIES, ADD, CLUSTER_OF_ACTIVITY, MENTION, STAFF
from forecourt.clusters import find
from forecourt.clusters.touch import touch
from forecourt.clusters.vocabulary import REOPENED
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.dealerships.paging import cursor_at, limit_in, place_in_cursor
from forecourt.infra.database import record
from forecourt.infra.refusals import Erased, Invalid, Problem
from forecourt.infra.sent import Id, Sent, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.dealerships.operation import Standing
    from forecourt.ids import LeadClusterId
    from forecourt.infra.database import Connection

READ = "read:lead_cluster"
UPDATE = "update:lead_cluster"

KINDS = ("call", "sms", "email", "walk_in", "note")
DIRECTIONS = ("out", "in")
# Of a call.
OUTCOMES = ("spoke", "no_answer", "voicemail", "wrong_number")
_REACHED = frozenset({"spoke", None})
# The clocks of two machines are never quite the same.
_AHEAD = timedelta(minutes=5)
_FIRST_YEAR = 1900
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


class ActivityIn(msgspec.Struct, kw_only=True, frozen=True):
    """An activity.

    Attributes:
        kind: ``call``, ``sms``, ``email``, ``walk_in`` or ``note``.
        direction: ``out`` towards the customer, ``in`` from the customer.
        outcome: of a call: ``spoke``, ``no_answer``, ``voicemail`` or ``wrong_number``.
        body: what was said.
        user_id: the user of the staff who did it.
        occurred_at: when; now where it is left out.
    """

    kind: Sent[Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]] = UNSET
    direction: Sent[Annotated[str, Meta(extra_json_schema={"enum": list(DIRECTIONS)})]] = UNSET
    outcome: Sent[Annotated[str, Meta(extra_json_schema={"enum": list(OUTCOMES)})]] = UNSET
    body: Sent[Text] = UNSET
    user_id: Sent[Id] = UNSET
    occurred_at: Sent[datetime] = UNSET


class ActivityBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that logs an activity."""

    activity: ActivityIn


class ActivityOut(msgspec.Struct, frozen=True):
    """An activity that was logged.

    Attributes:
        mentioned_user_ids: the users whom a note names, as ``@Mia``.
    """

    id: int
    lead_cluster_id: int
    kind: str
    direction: str
    outcome: str | None
    body: str | None
    user_id: int | None
    occurred_at: datetime
    created_at: datetime
    mentioned_user_ids: list[int]


class ActivityPage(msgspec.Struct, frozen=True):
    """A page of a cluster's activities, the latest in front."""

    activities: list[ActivityOut]
    next_cursor: str | None


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, as the rules see it."""

    kind: str
    direction: str
    outcome: str | None

    @property
    def is_human(self) -> bool:
        """Whether a human of the dealership turned to the customer, reached or not."""
        if self.kind == "note":
            return False
        if self.direction == "out" or self.kind == "walk_in":
            return True
        return self.kind == "call" and self.outcome in _REACHED

    @property
    def asks(self) -> bool:
        """Whether the customer turned to the dealership and waits for an answer."""
        return self.direction == "in" and self.kind != "note" and not self.is_human

    @property
    def reached(self) -> bool:
        """Whether the customer has heard from a human."""
        return self.is_human and (self.kind != "call" or self.outcome in _REACHED)


async def log_activity(change: Change, lead_cluster_id: LeadClusterId, sent: ActivityIn) -> Outcome:
    """Log an activity.

    The first by which a customer is reached makes a new cluster a contacted one; a question of the customer's opens a
    closed one, as an enquiry would.

    Raises:
        Erased: the customer was erased.
        Invalid: what was sent does not fit; every problem is named.
    """
    user_id = sent.user_id if isinstance(sent.user_id, int) else change.user_id
    cluster = await change.connection.one(
        record,
        CLUSTER_OF_ACTIVITY,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        user_id=user_id,
    )
    if cluster["erased"]:
        raise Erased
    activity, occurred_at = _checked(sent, change.now, known_user=cluster["user_id"] == user_id)
    logged = await change.connection.one(
        ActivityOut,
        ADD,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
        kind=activity.kind,
        direction=activity.direction,
        outcome=activity.outcome,
        body=sent.body if isinstance(sent.body, str) and sent.body.strip() else None,
        asks=activity.asks,
        user_id=user_id,
        occurred_at=occurred_at,
        now=change.now,
    )
    logged = await _mention(change, logged)
    changes: dict[str, Any] = {"activity.id": {"from": None, "to": logged.id}}
    if activity.outcome is not None:
        changes["activity.outcome"] = {"from": None, "to": activity.outcome}
    state = _state_after(activity, occurred_at, cluster)
    await touch(
        change,
        lead_cluster_id,
        f"{activity.kind}.logged",
        changes,
        state=None if state is None else (cluster["state"], state),
        human=activity.is_human,
        user_id=user_id,
        occurred_at=occurred_at,
    )
    return Outcome(body=logged, status=201, changes=changes, lead_cluster_id=lead_cluster_id)


OPERATION = Operation(UPDATE, find.locked_in_path, ActivityIn, log_activity, wrapper="activity")


async def _mention(change: Change, logged: ActivityOut) -> ActivityOut:
    """*logged* with whom it names, if it is a note; they are told where they look (screens/inbox/views.py)."""
    if logged.kind != "note" or "@" not in (logged.body or ""):
        return logged
    staff = await change.connection.every(Colleague, STAFF, dealership_id=change.dealership_id)
    user_ids = mentioned(logged.body or "", staff)
    if not user_ids:
        return logged
    await change.connection.run(
        MENTION,
        dealership_id=change.dealership_id,
        activity_id=logged.id,
        user_ids=user_ids,
        by_user_id=logged.user_id,
        now=change.now,
    )
    return msgspec.structs.replace(logged, mentioned_user_ids=user_ids)


def _state_after(activity: Activity, occurred_at: datetime, cluster: dict[str, Any]) -> str | None:
    """The state to which it brings the cluster; None where it stays."""
    if activity.reached and cluster["state"] == "new":
        return "contacted"
    if activity.asks and cluster["state"] in REOPENED and occurred_at > cluster["closed_at"]:
        return "new"
    return None


def _checked(sent: ActivityIn, now: datetime, *, known_user: bool) -> tuple[Activity, datetime]:
    problems = []
    kind = sent.kind if isinstance(sent.kind, str) else None
    if kind not in KINDS:
        problems.append(Problem("activity.kind", "is missing" if kind is None else "is not a kind", KINDS))
    direction = sent.direction if isinstance(sent.direction, str) else ("in" if kind == "walk_in" else "out")
    if direction not in DIRECTIONS:
        problems.append(Problem("activity.direction", "is not a direction", DIRECTIONS))
    outcome = sent.outcome if isinstance(sent.outcome, str) else None
    if outcome is not None and kind != "call":
        problems.append(Problem("activity.outcome", "goes with a call only"))
    elif outcome is not None and outcome not in OUTCOMES:
        problems.append(Problem("activity.outcome", "is not an outcome", OUTCOMES))
    if not known_user:
        problems.append(Problem("activity.user_id", "is not a user of this dealership"))
    occurred_at = sent.occurred_at if isinstance(sent.occurred_at, datetime) else now
    if occurred_at.tzinfo is None:
        problems.append(Problem("activity.occurred_at", "must have its offset, as 2026-11-23T09:30:00+10:00"))
    elif occurred_at.year < _FIRST_YEAR:
        problems.append(Problem("activity.occurred_at", f"must be in the year {_FIRST_YEAR} or later"))
    elif occurred_at > now + _AHEAD:
        problems.append(
            Problem("activity.occurred_at", "lies ahead: an appointment is what has not been yet")
        )
    if problems:
        raise Invalid(problems=tuple(problems))
    assert kind is not None  # noqa: S101
    return Activity(kind=kind, direction=direction, outcome=outcome), min(occurred_at, now)


async def activities(
    connection: Connection,
    standing: Standing,
    lead_cluster_id: LeadClusterId,
    query: Mapping[str, list[str]],
) -> ActivityPage:
    """A page of a cluster's activities, the latest in front.

    Raises:
        LeadClusterNotFound: there is no such cluster.
        BadQuery: the limit or the cursor does not fit.
    """
    answering = await find.survivor(connection, standing, lead_cluster_id)
    limit = limit_in(query)
    before, before_id = place_in_cursor(query) or (_LAST, 0)
    rows = await connection.every(
        ActivityOut,
        ACTIVITIES,
        dealership_id=standing.dealership.id,
        lead_cluster_id=answering,
        before=before,
        before_id=before_id,
        size=limit + 1,
    )
    shown = rows[:limit]
    cursor = cursor_at(shown[-1].occurred_at, shown[-1].id) if len(rows) > limit else None
    return ActivityPage(shown, cursor)
