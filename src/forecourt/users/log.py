"""What is done to a user of a whole group, in the log of each of its dealerships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.users.queries import LOG_IN_GROUP

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Change


async def log_in_group(
    change: Change, group_id: int, kind: str, user_id: int, before: str | None, after: str | None
) -> None:
    """Log a change of somebody's role in the group's other dealerships; that of the request logs it itself."""
    changes = {"user_id": user_id, "role": {"from": before, "to": after}}
    await change.connection.run(
        LOG_IN_GROUP,
        group_id=group_id,
        but=change.dealership_id,
        kind=kind,
        user_id=change.user_id,
        request_id=change.request_id,
        changes=msgspec.json.encode(changes).decode(),
    )
