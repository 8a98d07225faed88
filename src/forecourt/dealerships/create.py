"""Dealerships: created and listed."""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING

import msgspec
import phonenumbers

from forecourt.dealerships.queries import DEALERSHIPS, INSERT_DEALERSHIP
from forecourt.infra.database import ConstraintBroken
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from forecourt.infra.database import Database

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class SlugTaken(Refusal):
    """Another dealership has the slug."""

    code = "slug-taken"
    title = "Another dealership has this slug"


class BadDealership(Refusal):
    """A value does not fit a dealership."""

    code = "bad-dealership"
    title = "The dealership does not fit"


class ListedDealership(msgspec.Struct, frozen=True):
    """A dealership; ``group`` is the slug of the group it belongs to, if any."""

    id: int
    slug: str
    name: str
    timezone: str
    country: str
    group: str | None


async def create_dealership(
    database: Database, *, slug: str, name: str, timezone: str, country: str, group: str | None
) -> ListedDealership:
    """Create a dealership.

    Args:
        database: where.
        slug: small letters, digits and hyphens.
        name: as people call it.
        timezone: by its IANA name, ``Australia/Brisbane``.
        country: ISO 3166-1 alpha-2, where its customers' phone numbers are read.
        group: the slug of the group it belongs to; the group is created with its first dealership.

    Raises:
        BadDealership: a value does not fit.
        SlugTaken: another has the slug.
    """
    for word in filter(None, (slug, group)):
        if not _SLUG.fullmatch(word) or len(word) > 255:  # noqa: PLR2004
            raise BadDealership(f"{word!r} is no slug: small letters and digits, with hyphens between")
    if not name.strip():
        raise BadDealership("the name is empty")
    if timezone not in zoneinfo.available_timezones():
        raise BadDealership(f"{timezone!r} is no time zone: use an IANA name such as Australia/Brisbane")
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise BadDealership(f"{country!r} is no country: use two capital letters such as AU")
    try:
        async with database.connection() as connection:
            return await connection.one(
                ListedDealership,
                INSERT_DEALERSHIP,
                slug=slug,
                name=name.strip(),
                timezone=timezone,
                country=country,
                group_slug=group,
            )
    except ConstraintBroken:
        raise SlugTaken(f"there is a dealership {slug} already") from None


async def list_dealerships(database: Database) -> list[ListedDealership]:
    """Every dealership, in the order of their ids."""
    async with database.connection() as connection:
        return await connection.every(ListedDealership, DEALERSHIPS)
