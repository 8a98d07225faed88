"""The reports as the address asks for them: which dealerships, which days, told apart by what."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from forecourt.access.sessions import Membership
from forecourt.infra.http import NotFound
from forecourt.reports.period import Days, Period, read_period, today_of
from forecourt.reports.read import NAMES, read_days, read_report
from forecourt.reports.sources import sources
from forecourt.screens.reports.charts import MEASURES
from forecourt.screens.reports.links import Links
from forecourt.screens.reports.tables import Table, table_of, table_of_days, table_of_sources

if TYPE_CHECKING:
    from forecourt.infra.database import Connection
    from forecourt.screens.visit import Visit

PERMISSION = "read:report"
# What the page tells apart by: its word in the address and its tab.
TABS = {**NAMES, "silence": "Quiet sources"}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for.

    Attributes:
        places: the dealerships whose customers are counted.
        choices: those that can be chosen.
        all_together: whether they can be looked at together: only where the lists behind the figures show no others.
        problems: what could not be understood, a sentence each.
    """

    by: str
    measure: str
    period: Period
    places: list[Membership]
    choices: list[Membership]
    all_together: bool
    problems: list[str]

    @property
    def dealership(self) -> str | None:
        """The slug of the only dealership; None where it is all of them."""
        together = self.all_together and len(self.places) == len(self.choices)
        return None if together else self.places[0].slug

    @property
    def ids(self) -> list[int]:
        """Of the dealerships."""
        return [place.dealership_id for place in self.places]

    @property
    def links(self) -> Links:
        """The lists behind the figures."""
        return Links(days=self.period.days, dealership=self.dealership)

    @property
    def links_before(self) -> Links:
        """The lists behind those of the days before."""
        return Links(days=self.period.before, dealership=self.dealership)

    def query(self, **changed: str | None) -> str:
        """The address's query, with something *changed*; what is as it is by itself is left out."""
        period, days = changed.pop("period", self.period.word), self.period.days
        custom = period == "custom"
        parts: dict[str, str | None] = {
            "by": self.by if self.by != "source" else None,
            "period": period if period != "28d" else None,
            "from": str(days.first) if custom else None,
            "to": str(days.last) if custom else None,
            "measure": self.measure if self.measure != "customers" else None,
            "dealership": self.dealership,
        } | changed
        said = urlencode({name: value for name, value in parts.items() if value})
        return f"?{said}" if said else ""

    def address(self, **changed: str | None) -> str:
        """The page with something *changed*."""
        return f"/reports{self.query(**changed)}"

    def file(self, name: str, ending: str) -> str:
        """A table of the page as a file."""
        return f"/reports/{name}.{ending}{self.query(by=None, measure=None)}"


def wanted(visit: Visit) -> Wanted:
    """Read the address; what does not fit is as if it were not there, and is told."""
    query = visit.parameters
    choices = visit.places(PERMISSION)
    listed = {place.dealership_id for place in visit.places("read:lead_cluster")}
    together = listed == {place.dealership_id for place in choices}
    chosen = [place for place in choices if place.slug == query.get("dealership")]
    places = chosen or (choices if together else choices[:1])
    today = today_of(visit.who.now, (place.timezone for place in places))
    period, problems = read_period(query, today)
    by, measure = query.get("by", "source"), query.get("measure", "customers")
    return Wanted(
        by=by if by in TABS else "source",
        measure=measure if measure in MEASURES else "customers",
        period=period,
        places=places,
        choices=choices,
        all_together=together,
        problems=[f"“{problem.field}” {problem.message}." for problem in problems],
    )


async def read_table(connection: Connection, want: Wanted, name: str) -> Table:
    """The table *name*, as the page shows it.

    Raises:
        NotFound: there is none.
    """
    if name == "day":
        return table_of_days(await read_days(connection, want.ids, want.period), want.links)
    if name == "silence":
        return table_of_sources(await sources(connection, want.ids), several=len(want.places) > 1)
    if name not in NAMES:
        raise NotFound
    report = await read_report(connection, want.ids, name, want.period)
    return table_of(report, want.links, want.links_before)


def in_words(days: Days) -> str:
    """``1 to 25 Nov 2026``, ``28 Oct to 3 Nov 2026``."""
    first, last = days.first, days.last
    if first == last:
        return f"{last:%a} {last.day} {last:%b %Y}"
    begins = (
        f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%b}"
    )
    if first.year != last.year:
        begins += f" {first.year}"
    return f"{begins} to {last.day} {last:%b %Y}"
