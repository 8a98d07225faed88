"""When a call is tried again. Pure: the clock and the dice are handed in."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds before the first retry, at most; twice as many before each further one, up to the longest.
SHORTEST = 0.25
LONGEST = 8.0


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take.

    Attributes:
        timeout: seconds in which an attempt must connect, and hear from the server again and again.
        retries: how often a call is tried again.
        within: seconds after which no attempt begins any more.
    """

    timeout: float
    retries: int
    within: float


def wait_before(retry: int, asked: float | None, dice: float) -> float:
    """Seconds to wait before a retry: what the server asked for, and a random part of a doubling limit.

    The whole of the limit is random, so that clients that failed together do not come back together.

    Args:
        retry: 0 for the first.
        asked: the server's own wish.
        dice: from 0 up to 1.
    """
    return (asked or 0.0) + dice * min(LONGEST, SHORTEST * 2.0 ** min(retry, 32))


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for; None where it does not, or cannot be read.

    A moment is counted from the answer's own ``Date``, as the two clocks may differ.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004 - thirty years
        return float(text)
    until = _moment(text)
    if until is None:
        return None
    now = _moment(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
