"""Which groups of an identity provider have which role where. Pure.

The setting is a list: ``sales=salesperson@brisbane-motors, bosses=owner@group:northern``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from forecourt.access.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ENTRY = re.compile(
    r"(?P<of>.+?)\s*=\s*(?P<role>[a-z_]+)@(?P<group>group:)?(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)"
)


class RoleOfGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever is in a group of the provider has a role at a dealership, or in a group of dealerships."""

    of: str
    role: str
    dealership: str | None
    group: str | None


def roles_in(setting: str | None) -> tuple[RoleOfGroup, ...]:
    """The setting's list.

    Raises:
        ValueError: an entry is none; the message names it and says how one is written.
    """
    found = []
    for text in filter(None, (part.strip() for part in (setting or "").split(","))):
        entry = _ENTRY.fullmatch(text)
        if entry is None or entry["role"] not in ROLES:
            raise ValueError(
                f"{text!r} is no entry: write GROUP=ROLE@DEALERSHIP or GROUP=ROLE@group:SLUG, "
                f"with one of {', '.join(ROLES)}"
            )
        found.append(
            RoleOfGroup(
                of=entry["of"],
                role=entry["role"],
                dealership=None if entry["group"] else entry["slug"],
                group=entry["slug"] if entry["group"] else None,
            )
        )
    return tuple(found)


def roles_of(groups: Iterable[str], mapping: Sequence[RoleOfGroup]) -> list[RoleOfGroup]:
    """What somebody in *groups* is where: of several roles at one place the one that allows most."""
    held = set(groups)
    best: dict[tuple[str | None, str | None], RoleOfGroup] = {}
    for one in mapping:
        place = (one.dealership, one.group)
        if one.of in held and (place not in best or ROLES.index(one.role) > ROLES.index(best[place].role)):
            best[place] = one
    return list(best.values())
