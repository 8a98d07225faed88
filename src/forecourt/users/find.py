"""A dealership's users, to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.sessions import IDLE
from forecourt.users.queries import GROUP, MEMBERS
from forecourt.users.records import Member

if TYPE_CHECKING:
    from forecourt.infra.database import Connection


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The group of a dealership, and whether whoever looks owns all of it."""

    slug: str
    name: str
    is_mine: bool


async def members_of(connection: Connection, dealership_id: int, me: int) -> list[Member]:
    """Everybody with a role at a dealership, those who are disabled last."""
    return await connection.every(Member, MEMBERS, dealership_id=dealership_id, me=me, idle=IDLE)


async def group_of(connection: Connection, dealership_id: int, me: int) -> Group | None:
    """The group that a dealership belongs to."""
    return await connection.one_or_none(Group, GROUP, dealership_id=dealership_id, me=me)
