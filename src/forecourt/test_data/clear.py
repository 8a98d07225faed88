"""Clear Test Data: every customer of test mode at a dealership, with all that is known of them."""

from __future__ import annotations

import msgspec

from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.test_data.queries import CLEAR, LOCK

PERMISSION = "manage:dealership"


class ClearedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What there was."""

    lead_clusters: int
    leads: int


async def clear(change: Change) -> ClearedOut:
    """Delete the test data of the dealership; that it was done stays in the log."""
    # Whoever writes to one of them ends first, and is seen by what follows.
    await change.connection.run(LOCK, dealership_id=change.dealership_id)
    row = await change.connection.one(record, CLEAR, dealership_id=change.dealership_id)
    cleared = ClearedOut(**row)
    if cleared.lead_clusters:
        await record_event(change, "test_data.cleared", None, _changes(cleared))
    return cleared


def _changes(cleared: ClearedOut) -> dict[str, dict[str, int]]:
    return {name: {"from": count, "to": 0} for name, count in msgspec.structs.asdict(cleared).items()}


async def _clear(change: Change, _: None, __: Nothing) -> Outcome:
    cleared = await clear(change)
    return Outcome(body=cleared, changes=_changes(cleared))


OPERATION = Operation(PERMISSION, nothing_to_find, Nothing, _clear)
