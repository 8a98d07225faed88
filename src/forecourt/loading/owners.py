"""Whose a row is: every way in which a file may name dealerships and their groups. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from rapidfuzz import fuzz, process

from forecourt.loading import values
from forecourt.loading.shapes import Belongs
from forecourt.loading.values import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SINGLE = ("dealership_id", "dealership_slug", "dealership")
SEVERAL = ("dealership_ids", "dealership_slugs", "dealerships")
GROUP = (
    "group",
    "group_id",
    "group_slug",
    "dealership_group",
    "dealership_group_id",
    "dealership_group_slug",
)

_BETWEEN = re.compile(r"[,;\s]+")
# Below this, two slugs have too little in common to suggest one for the other.
_ALIKE = 70


class Dealership(msgspec.Struct, frozen=True):
    """A dealership as far as a row may name it."""

    id: int
    slug: str
    group_id: int | None
    group_slug: str | None


class Dealerships:
    """Every dealership of the database.

    Attributes:
        by_id: each.
        assumed: the one that a row which names none belongs to; None where there is no such one.
    """

    def __init__(self, known: Sequence[Dealership], assumed: int | None = None) -> None:
        self.by_id = {dealership.id: dealership for dealership in known}
        self.assumed = assumed
        self._by_slug = {dealership.slug: dealership.id for dealership in known}

    def everyone(self) -> frozenset[int]:
        """All ids."""
        return frozenset(self.by_id)

    def id_of(self, value: object) -> int:
        """The dealership that *value* names: an id, a slug, or an object with either.

        Raises:
            Unfit: it names none.
        """
        if isinstance(value, Mapping):
            found = {self.id_of(value[name]) for name in ("id", "slug") if not values.blank(value.get(name))}
            if len(found) != 1:
                raise Unfit("must be an object with the id or the slug of one dealership")
            return found.pop()
        if isinstance(value, str) and not value.strip().isdigit():
            return self._id_of_slug(value.strip())
        number = values.identifier(value)
        if number not in self.by_id:
            raise Unfit("there is no dealership of this id")
        return number

    def of_group(self, value: object) -> frozenset[int]:
        """The dealerships of the group that *value* names: an id, a slug, or an object with either.

        Raises:
            Unfit: it names none that has a dealership.
        """
        if isinstance(value, Mapping):
            value = next(
                (value[name] for name in ("id", "slug", "name") if not values.blank(value.get(name))), None
            )
        if isinstance(value, str) and not value.strip().isdigit():
            slug = values.slug_in(value.strip())
            found = (it.id for it in self.by_id.values() if it.group_slug == slug)
        else:
            number = values.identifier(value)
            found = (it.id for it in self.by_id.values() if it.group_id == number)
        members = frozenset(found)
        if not members:
            raise Unfit("there is no dealership group of this id or slug, or it has no dealership")
        return members

    def _id_of_slug(self, slug: str) -> int:
        if slug in self._by_slug:
            return self._by_slug[slug]
        near = process.extractOne(
            slug[: values.MAX_SLUG], list(self._by_slug), scorer=fuzz.ratio, score_cutoff=_ALIKE
        )
        raise Unfit("there is no dealership of this slug" + (f"; did you mean {near[0]}?" if near else ""))


def owners_of(row: Mapping[str, object], belongs: Belongs, dealerships: Dealerships) -> frozenset[int] | None:
    """The dealerships that *row* names; None where it names none.

    Raises:
        Unfit: what it names does not exist, or more than such a row may have.
    """
    if belongs is Belongs.NOBODY:
        return None
    single = {_read(name, value, dealerships) for name, value in _given(row, SINGLE)}
    if len(single) > 1:
        raise Unfit("the row names different dealerships", "dealership")
    owners = single.union(
        *({_read(name, item, dealerships) for item in _items(value)} for name, value in _given(row, SEVERAL))
    )
    if belongs is Belongs.ONE and len(owners) > 1:
        raise Unfit("names several dealerships where one is meant", "dealership")
    if belongs is Belongs.CATALOGUE:
        for name, value in _given(row, GROUP):
            try:
                owners |= dealerships.of_group(value)
            except Unfit as error:
                raise Unfit(error.message, name) from None
    return frozenset(owners) or None


def columns_of(belongs: Belongs) -> tuple[str, ...]:
    """The columns by which a row of such a table may say whose it is."""
    if belongs is Belongs.NOBODY:
        return ()
    return SINGLE + SEVERAL + (GROUP if belongs is Belongs.CATALOGUE else ())


def _given(row: Mapping[str, object], names: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    return ((name, row[name]) for name in names if not values.blank(row.get(name)))


def _items(value: object) -> list[object]:
    """The members of a list, or of a text with commas, semicolons or space between them."""
    if isinstance(value, str):
        return [item for item in _BETWEEN.split(value) if item]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _read(name: str, value: object, dealerships: Dealerships) -> int:
    try:
        return dealerships.id_of(value)
    except Unfit as error:
        raise Unfit(error.message, name) from None
