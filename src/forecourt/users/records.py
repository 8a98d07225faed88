"""Users as their owners see them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from forecourt.access.roles import ROLES


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A user of a dealership.

    Attributes:
        role: at the dealership itself; None where they have none of their own.
        group_role: in its whole group, where they have one.
        can_sign_in: whether they have a password or an identity provider.
        is_managed: whether whoever looks owns every dealership where they have a role.
        last_seen_at: in whichever browser.
    """

    user_id: int
    name: str
    email: str
    role: str | None
    group_role: str | None
    disabled_at: datetime | None
    can_sign_in: bool
    has_second_factor: bool
    is_managed: bool
    last_seen_at: datetime | None
    sessions: int

    @property
    def effective_role(self) -> str | None:
        """Whichever of the two allows more; None where there is neither."""
        return max(filter(None, (self.role, self.group_role)), key=ROLES.index, default=None)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A user whom something is done to, locked with the dealership until it is done.

    Attributes:
        group_id: of the dealership's group.
        owns_group: whether whoever does it owns the whole group.
        is_managed: whether they own every dealership where the user has a role.
        alone_at: a dealership that nobody else owns; None where there is none.
    """

    user_id: int
    name: str
    email: str
    role: str | None
    group_role: str | None
    group_id: int | None
    disabled: bool
    can_sign_in: bool
    owns_group: bool
    is_managed: bool
    alone_here: bool
    alone_at: str | None
