"""Guessing gets slower: how long a try has to wait after those that failed.

A try is counted as a failure before it is looked at, in one statement, so that a hundred at once are no way around it;
one that succeeds is taken back. For whom it is counted decides what a flood can do: strangers' tries at an account slow
down strangers, while somebody in a browser where they have signed in before is counted by that browser alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.refusals import TooManyTries
from forecourt.access.throttle_queries import CLAIM, FORGET, LESS
from forecourt.infra.database import record

if TYPE_CHECKING:
    from forecourt.infra.database import Connection


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """How failures add up.

    Attributes:
        free: so many follow each other without a wait.
        first: seconds after the last of these; doubled by each further one.
        most: the longest wait.
        ends: so many in a row, and no further try is heard at all; None for never.
        fades: seconds after which all is forgotten; None for never.
    """

    kind: str
    free: int
    first: int
    most: int
    ends: int | None = None
    fades: int | None = None


# Ten tries in any quarter of an hour, and a hundred in a row for good (NIST 800-63B).
ACCOUNT = Limit(kind="account", free=3, first=5, most=900, ends=100)
DEVICE = Limit(kind="device", free=3, first=5, most=900, ends=100)
# A whole dealership may sit behind one address: it has to be slower than a person, and that is all.
SOURCE = Limit(kind="source", free=30, first=1, most=60, fades=900)
# Five in five minutes.
SECOND_FACTOR = Limit(kind="second_factor", free=5, first=300, most=900, ends=100)
CONFIRMATION = Limit(kind="confirmation", free=5, first=60, most=900)


def wait_after(limit: Limit, failures: int) -> float:
    """Seconds between a failure and the next try, when *failures* are in a row. What the statement computes too."""
    if failures < limit.free:
        return 0.0
    return min(limit.most, limit.first * 2.0 ** min(failures - limit.free, 20))


async def claim(connection: Connection, limit: Limit, value: str) -> None:
    """Take a try, counted as one that failed until ``forgive``.

    Raises:
        TooManyTries: it has to wait.
    """
    row = await connection.one(
        record,
        CLAIM,
        kind=limit.kind,
        value=value,
        free=limit.free,
        first=limit.first,
        most=limit.most,
        ends=limit.ends,
        fades=limit.fades,
    )
    if row["failures"] is None:
        over = limit.ends is not None and row["before"] >= limit.ends
        raise TooManyTries(None if over else row["wait"] or 1.0)


async def forgive(connection: Connection, limit: Limit, value: str) -> None:
    """The try was right: nothing before it counts any more."""
    await connection.run(FORGET, kind=limit.kind, value=value)


async def take_back(connection: Connection, limit: Limit, value: str) -> None:
    """The try was right, and says nothing of the others that came from there."""
    await connection.run(LESS, kind=limit.kind, value=value)
