"""The staff: who is away until when, how much is enough for whom, and giving out what waits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.assignment.assign import Author
from forecourt.assignment.drain import Drained, drain
from forecourt.assignment.refusals import StaffMemberNotFound
from forecourt.assignment.rule_desk import MANAGE
from forecourt.assignment.rule_queries import CHANGE_STAFF_MEMBER, LOCK_WHOLE_STAFF, STAFF, STAFF_MEMBER
from forecourt.assignment.schema import AssignedOut, DrainOut, StaffMemberIn, StaffMemberOut
from forecourt.assignment.turns import is_absent
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.refusals import Invalid, Problem

if TYPE_CHECKING:
    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection

_CHANGEABLE = ("absent_from", "absent_until", "most_open_clusters")
_YEARS = range(2000, 2200)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the staff, as stored; see ``StaffMemberOut``."""

    user_id: int
    name: str
    email: str
    absent_from: datetime | None
    absent_until: datetime | None
    most_open_clusters: int | None
    last_assigned_at: datetime | None
    open_clusters: int


def told(member: Member, now: datetime) -> StaffMemberOut:
    """*member* as it is answered."""
    most = member.most_open_clusters
    return StaffMemberOut(
        **msgspec.structs.asdict(member),
        absent=is_absent(member.absent_from, member.absent_until, now),
        full=most is not None and member.open_clusters >= most,
    )


async def whole_staff(
    connection: Connection, dealership_id: DealershipId, now: datetime
) -> list[StaffMemberOut]:
    """The staff of a dealership, in the order of their ids."""
    members = await connection.every(Member, STAFF, dealership_id=dealership_id)
    return [told(member, now) for member in members]


async def _member(change: Change) -> Member:
    user_id = id_in(change.path, "user_id", StaffMemberNotFound)
    await change.connection.run(LOCK_WHOLE_STAFF, dealership_id=change.dealership_id)
    return await _read(change, user_id)


async def _read(change: Change, user_id: int) -> Member:
    member = await change.connection.one_or_none(
        Member, STAFF_MEMBER, dealership_id=change.dealership_id, user_id=user_id
    )
    if member is None:
        raise StaffMemberNotFound
    return member


async def _change(change: Change, before: Member, sent: StaffMemberIn) -> Outcome:
    values = {
        name: getattr(before, name) if getattr(sent, name) is UNSET else getattr(sent, name)
        for name in _CHANGEABLE
    }
    _check(values)
    changes = {
        name: {"from": getattr(before, name), "to": value}
        for name, value in values.items()
        if value != getattr(before, name)
    }
    if not changes:
        return Outcome(body=told(before, change.now))
    await change.connection.run(
        CHANGE_STAFF_MEMBER, dealership_id=change.dealership_id, user_id=before.user_id, **values
    )
    await record_event(change, "staff_member.updated", None, {"user_id": before.user_id} | changes)
    # Whoever is back or has room now gets what has waited.
    await _drained(change)
    after = await _read(change, before.user_id)
    return Outcome(body=told(after, change.now), changes=changes)


def _check(values: dict[str, Any]) -> None:
    """Refuse times that cannot be meant.

    Raises:
        Invalid: an absence that ends before it begins, or a time in no year of ours.
    """
    problems = [
        Problem(f"staff_member.{name}", f"must be in the years {_YEARS[0]} to {_YEARS[-1]}")
        for name in ("absent_from", "absent_until")
        if values[name] is not None and values[name].year not in _YEARS
    ]
    begins, ends = values["absent_from"], values["absent_until"]
    if not problems and begins is not None and ends is not None and ends <= begins:
        problems.append(Problem("staff_member.absent_until", "must be later than absent_from"))
    if problems:
        raise Invalid(problems=tuple(problems))


async def _give_out(change: Change, _: None, __: Nothing) -> Outcome:
    drained = await _drained(change)
    given = [AssignedOut(lead_cluster_id=one.lead_cluster_id, user_id=one.user_id) for one in drained.given]
    return Outcome(body=DrainOut(assigned=given, more=drained.more_after is not None))


async def _drained(change: Change) -> Drained:
    author = Author(now=change.now, api_key_id=change.api_key_id, request_id=change.request_id)
    return await drain(change.connection, change.dealership_id, author)


CHANGE_MEMBER = Operation(MANAGE, _member, StaffMemberIn, _change, wrapper="staff_member")
DRAIN = Operation(MANAGE, nothing_to_find, Nothing, _give_out)
