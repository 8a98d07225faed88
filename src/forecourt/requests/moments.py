"""The ids of lines: UUIDs of version 7, so that their order is that of the answers. Pure."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment_at(at: float) -> datetime:
    """The moment that is *at* seconds since 1970, its microsecond begun."""
    return _BEGINNING + timedelta(microseconds=int(at * 1_000_000))


def new_id(at: float) -> str:
    """An id for what was answered *at*, in seconds since 1970."""
    return _id(int(at * 1_000_000), int.from_bytes(os.urandom(8), "big") >> 2)


def first_id(moment: datetime) -> str:
    """The smallest id that anything answered at *moment* can have."""
    return _id(max(0, (moment - _BEGINNING) // _MICROSECOND), 0)


def moment_of(ident: str) -> datetime:
    """When something with the id *ident* was answered, to the millisecond."""
    return _BEGINNING + timedelta(milliseconds=int(ident.replace("-", "")[:12], 16))


def _id(microseconds: int, chance: int) -> str:
    # The twelve bits after the milliseconds hold what is left of one, as the standard suggests.
    milliseconds, left = divmod(microseconds, 1_000)
    return f"{milliseconds << 80 | 0x7 << 76 | left * 4_096 // 1_000 << 64 | 0b10 << 62 | chance:032x}"


def id_in(text: str) -> str | None:
    """The id that *text* is, as we write it; None where it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def moment_in(text: str) -> datetime | None:
    """A moment with its offset; None where *text* is none. A ``+`` may have become a space on its way."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 else text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
