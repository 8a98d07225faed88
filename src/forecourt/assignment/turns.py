"""Whose turn it is: the one who has waited longest, of those who are there and have room. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the staff, as the rotation sees one.

    Attributes:
        absent_from: since when the user is away; None with an ``absent_until`` for "already".
        absent_until: until when, that moment not included; None with an ``absent_from`` for "until further notice".
        most_open_clusters: how many are enough; None for any number.
        open_clusters: how many open clusters the user answers for; None where it was not counted, because any number
            will do.
        last_assigned_at: the user's last turn; None where there was none.
    """

    user_id: int
    absent_from: datetime | None
    absent_until: datetime | None
    most_open_clusters: int | None
    open_clusters: int | None
    last_assigned_at: datetime | None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is next, and who was passed over.

    Attributes:
        user_id: None where nobody could take it.
        absent: how many of the rule's users are away.
        full: how many of the others have as many open clusters as they should.
    """

    user_id: int | None
    absent: int
    full: int


def is_absent(absent_from: datetime | None, absent_until: datetime | None, now: datetime) -> bool:
    """Whether a user is away *now*; with neither time nobody is."""
    if absent_from is None and absent_until is None:
        return False
    return (absent_from is None or absent_from <= now) and (absent_until is None or now < absent_until)


class Rotation:
    """The staff's turns, one after the other."""

    def __init__(self, members: Iterable[Member], now: datetime) -> None:
        """The turns that come after those which *members* had; *now* decides who is away."""
        self._open: dict[int, int] = {}
        self._most: dict[int, int | None] = {}
        self._absent: set[int] = set()
        # Who had a turn longer ago stands further ahead.
        self._place: dict[int, int] = {}
        ordered = sorted(members, key=_longest_ago)
        self._turns = len(ordered)
        for place, member in enumerate(ordered):
            self._place[member.user_id] = place
            self._open[member.user_id] = member.open_clusters or 0
            self._most[member.user_id] = member.most_open_clusters
            if is_absent(member.absent_from, member.absent_until, now):
                self._absent.add(member.user_id)

    @property
    def anybody_free(self) -> bool:
        """Whether one of them could take another cluster."""
        return any(user_id not in self._absent and not self._full(user_id) for user_id in self._place)

    def take(self, user_ids: Iterable[int]) -> Turn:
        """Give the next turn to one of *user_ids*; those who are not of the staff are not looked at."""
        here = [user_id for user_id in user_ids if user_id in self._place]
        present = [user_id for user_id in here if user_id not in self._absent]
        free = [user_id for user_id in present if not self._full(user_id)]
        chosen = min(free, key=self._place.__getitem__, default=None)
        if chosen is not None:
            self._place[chosen] = self._turns
            self._turns += 1
            self._open[chosen] += 1
        return Turn(user_id=chosen, absent=len(here) - len(present), full=len(present) - len(free))

    def hold(self, user_id: int) -> None:
        """Note that a user answers for one more open cluster, which no turn gave."""
        if user_id in self._open:
            self._open[user_id] += 1

    def _full(self, user_id: int) -> bool:
        most = self._most[user_id]
        return most is not None and self._open[user_id] >= most


def _longest_ago(member: Member) -> tuple[timedelta, int]:
    last = member.last_assigned_at
    return (timedelta.min if last is None else last - _EPOCH, member.user_id)
