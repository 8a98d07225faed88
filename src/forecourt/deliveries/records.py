"""A delivery as a worker has it, and how an attempt at it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

# A delivery that went wrong this many times by our own doing (a worker died with it, the code raised) is given up.
MISHAPS_ALLOWED = 5
# A delivery whose workers died with it this many times is suspected of having killed them, and goes alone among its kind
# (deliveries/queries.py: CLAIM).
_SUSPECT = 2


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that a worker has claimed.

    Attributes:
        attempts: this attempt's number, counted before it begins: who finishes with another one finishes nothing.
        attempts_before: how many of them do not count: those before somebody asked for it again, and those in which nothing
            was tried.
        mishaps: how many went wrong by our own doing.
        orphaned: how many workers died with it.
        test: whether it is about a customer of test mode.
    """

    dealership_id: int
    id: int
    event_id: int
    lead_cluster_id: int | None
    lead_id: int | None
    channel: str
    topic: str
    target: str
    webhook_endpoint_id: int | None
    notification_rule_id: int | None
    lane: int
    attempts: int
    attempts_before: int
    mishaps: int
    orphaned: int
    created_at: datetime
    test: bool

    @property
    def tries(self) -> int:
        """This attempt's number among those that count."""
        return self.attempts - self.attempts_before

    @property
    def is_suspect(self) -> bool:
        """Whether it may be what its workers died of."""
        return self.orphaned >= _SUSPECT


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent and what came back.

    Attributes:
        outcome: ``answered``, ``accepted``, or the way in which it failed.
        milliseconds: from beginning to end.
    """

    outcome: str
    milliseconds: int = 0
    status: int | None = None
    request_headers: Mapping[str, str] | None = None
    request_body: str | None = None
    response_headers: Mapping[str, str] | None = None
    response_body: str | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt at a delivery ended.

    Attributes:
        state: ``sent``, ``cancelled``, ``failed``, ``unknown``; ``waiting`` for another attempt.
        again_in: until the next attempt, where there is one.
        reason: why, where it was not sent.
        mishap: whether it went wrong by our own doing.
        attempt: None where nothing was tried.
    """

    delivery: Claimed
    state: str
    again_in: timedelta | None = None
    reason: str | None = None
    mishap: bool = False
    changed_by_event_id: int | None = None
    attempt: Attempt | None = None


def sent(delivery: Claimed, attempt: Attempt | None = None, **more: Any) -> Ended:  # noqa: ANN401 - Ended's own fields
    """The other side has it."""
    return Ended(delivery=delivery, state="sent", attempt=attempt, **more)


def cancelled(delivery: Claimed, reason: str, *, changed_by_event_id: int | None = None) -> Ended:
    """What was to be told is no longer so."""
    return Ended(delivery=delivery, state="cancelled", reason=reason, changed_by_event_id=changed_by_event_id)


def mishap(delivery: Claimed, reason: str) -> Ended:
    """It went wrong by our own doing; tried again after a while that doubles."""
    pause = timedelta(seconds=10 * 2 ** min(delivery.mishaps, 10))
    return Ended(delivery=delivery, state="waiting", again_in=pause, reason=reason, mishap=True)


def put_off(delivery: Claimed, reason: str, pause: timedelta = timedelta(seconds=1)) -> Ended:
    """Nothing was tried, and it is nobody's fault."""
    return Ended(delivery=delivery, state="waiting", again_in=pause, reason=reason)
