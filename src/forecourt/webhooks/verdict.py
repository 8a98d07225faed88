"""What an endpoint's answer means: sent, tried again and when, or given up. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

from forecourt.deliveries.schedule import WEBHOOK, next_pause

if TYPE_CHECKING:
    from collections.abc import Mapping

# The endpoint wants no more, ever.
GONE = 410
# It wants to be left alone for a while: Retry-After says for how long.
_BUSY = frozenset({429, 502, 503, 504})


class Verdict(msgspec.Struct, frozen=True):
    """How an attempt is to end.

    Attributes:
        state: ``sent``, ``waiting`` or ``failed``.
        again_in: until the next attempt.
        reason: why it was not sent.
    """

    state: str
    again_in: timedelta | None = None
    reason: str | None = None


def verdict(
    outcome: str,
    status: int | None,
    headers: Mapping[str, str],
    attempts: int,
    *,
    chance: float,
    now: datetime,
) -> Verdict:
    """What follows from an answer, or from there being none.

    Args:
        outcome: ``answered``, or the way in which it failed.
        status: of the answer.
        headers: of the answer, by lower-case names.
        attempts: how many there have been, this one included.
        chance: from 0 to 1, drawn anew for each.
        now: when the answer came.
    """
    if status is not None and 200 <= status < 300:  # noqa: PLR2004
        return Verdict("sent")
    reason = outcome.replace("_", " ") if status is None else f"answered {status}"
    if status == GONE:
        return Verdict("failed", reason="answered 410: it wants no more")
    asked = retry_after(headers.get("retry-after"), now) if status in _BUSY else None
    pause = next_pause(WEBHOOK, attempts, chance=chance, asked=asked)
    if pause is None:
        return Verdict("failed", reason=f"{reason}, and so {attempts} times")
    return Verdict("waiting", pause, reason)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After asks to wait, in seconds or until a date; None where it says nothing that can be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta())
