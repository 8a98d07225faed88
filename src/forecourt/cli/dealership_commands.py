"""The commands about dealerships."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from forecourt.cli.output import as_json, line, table
from forecourt.cli.place import HERE, Json, Where, told_by


def dealerships_create(
    *,
    slug: Annotated[str, Parameter(help="Small letters, digits and hyphens.")],
    name: Annotated[str, Parameter(help="As people call it.")],
    timezone: Annotated[str, Parameter(help="Its IANA name.")] = "Australia/Melbourne",
    country: Annotated[str, Parameter(help="Two letters.")] = "AU",
    group: Annotated[str | None, Parameter(help="The slug of its group.")] = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Create a dealership. One that joins a group may use the group's models, variants and colours.

    **Examples**

        forecourt dealerships create --slug brisbane --name "Brisbane Motors" --timezone Australia/Brisbane
        forecourt dealerships create --slug cairns --name "Cairns Motors" --group northern --json
    """
    from forecourt.dealerships.create import create_dealership  # noqa: PLC0415

    created = told_by(
        where,
        lambda database: create_dealership(
            database, slug=slug, name=name, timezone=timezone, country=country, group=group
        ),
    )
    if json:
        as_json(created)
    else:
        line(f"{created.id} {created.slug}")
    return 0


def dealerships_clear_test_data(
    dealership: Annotated[str, Parameter(help="Its slug or id.")],
    /,
    *,
    dry_run: Annotated[bool, Parameter(help="Tell how much there is, and delete nothing.")] = False,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Delete all that keys of the mode test have written at a dealership. It cannot be undone.

    **Examples**

        forecourt dealerships clear-test-data brisbane --dry-run
    """
    from forecourt.test_data.by_command import clear_test_data  # noqa: PLC0415

    cleared = told_by(where, lambda database: clear_test_data(database, dealership, dry_run=dry_run))
    if json:
        as_json(cleared)
    else:
        line(f"{cleared.lead_clusters} lead clusters, {cleared.leads} leads")
    return 0


def dealerships_list(*, where: Where = HERE, json: Json = False) -> int:
    """List the dealerships.

    **Examples**

        forecourt dealerships list --json
    """
    from forecourt.dealerships.create import list_dealerships  # noqa: PLC0415

    found = told_by(where, list_dealerships)
    if json:
        as_json(found)
        return 0
    table(
        ("id", "slug", "name", "time zone", "country", "group"),
        [(one.id, one.slug, one.name, one.timezone, one.country, one.group) for one in found],
        empty="there are no dealerships yet; create one with forecourt dealerships create",
    )
    return 0
