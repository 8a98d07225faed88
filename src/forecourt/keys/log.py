"""What is done to a key, in the log of each dealership that it speaks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.events.record import record_event
from forecourt.keys.queries import LOG_ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecourt.dealerships.operation import Change


async def log_at_each(
    change: Change, kind: str, dealership_ids: Sequence[int], changes: Mapping[str, Any]
) -> None:
    """Log what was done; never a token.

    Args:
        change: the write that did it, at one of the dealerships.
        kind: as ``api_key.revoked``.
        dealership_ids: all of the key's.
        changes: field -> ``{"from": old, "to": new}``.
    """
    await record_event(change, kind, None, changes)
    await change.connection.run(
        LOG_ELSEWHERE,
        dealership_ids=list(dealership_ids),
        but=change.dealership_id,
        kind=kind,
        now=change.now,
        user_id=change.user_id,
        request_id=change.request_id,
        changes=msgspec.json.encode(changes).decode(),
    )


def of_key(key_id: int, name: str, /, **changes: tuple[Any, Any]) -> dict[str, Any]:
    """The changes of a key that is there: which it is, and what became of its fields."""
    same = {"id": (key_id, key_id), "name": (name, name)}
    return {
        f"api_key.{field}": {"from": before, "to": after}
        for field, (before, after) in (same | changes).items()
    }
