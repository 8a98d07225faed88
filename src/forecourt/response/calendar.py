"""A country's public holidays, printed as JSON: ``python -m forecourt.response.calendar AU QLD 2026 2028``.

A program of its own, because the library that knows them takes more memory than the rest of a server.
"""

from __future__ import annotations

import json
import sys

import holidays


def told(country: str, region: str, first_year: int, last_year: int) -> dict[str, object]:
    """The holidays of a region and the regions of its country; both empty for a country that is not known.

    Args:
        country: ISO 3166-1, two letters.
        region: as ``QLD``; empty for the country's own.
        first_year: of the calendar.
        last_year: included.
    """
    years = range(first_year, last_year + 1)
    try:
        regions = holidays.country_holidays(country, years=first_year).subdivisions
    except NotImplementedError:
        return {"regions": [], "holidays": {}}
    known = not region or region in regions
    found = holidays.country_holidays(country, subdiv=region or None, years=years) if known else {}
    return {"regions": sorted(regions), "holidays": {day.isoformat(): name for day, name in found.items()}}


if __name__ == "__main__":
    print(json.dumps(told(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))  # noqa: T201
