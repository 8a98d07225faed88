"""The reports' screens: the page, its tables as files, and the word about quiet sources for the sidebar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.reports.figures import MEANINGS
from forecourt.reports.period import PERIODS
from forecourt.reports.read import NAMES, read_days, read_report
from forecourt.reports.sources import calls_since, silent_now, sources
from forecourt.screens.reports.charts import MEASURES, bars_of, heat_of, lines_of
from forecourt.screens.reports.files import get_csv, get_xlsx
from forecourt.screens.reports.page import PERMISSION, TABS, in_words, wanted
from forecourt.screens.reports.quiet import quiet_source, when
from forecourt.screens.reports.tables import table_of, table_of_days, table_of_sources, totals
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.reports.read import Report
    from forecourt.screens.reports.charts import Bars
    from forecourt.screens.reports.links import Links
    from forecourt.screens.reports.page import Wanted
    from forecourt.screens.visit import Visit


async def get_reports(visit: Visit) -> Answer:
    """All customers of a period and day by day, and what tells them apart."""
    want = wanted(visit)
    async with visit.database.connection() as connection:
        days = await read_days(connection, want.ids, want.period)
        shown = await _by(connection, want)
        silences = await _silences(connection, visit, want.ids)
    return visit.page(
        "reports/reports.html",
        section="Reports",
        want=want,
        periods=PERIODS,
        tabs=TABS,
        meanings=MEANINGS,
        days=in_words(want.period.days),
        days_before=in_words(want.period.before),
        lines=lines_of(days),
        day_table=table_of_days(days, want.links),
        silences=silences,
        **shown,
    )


async def _by(connection: Connection, want: Wanted) -> dict[str, Any]:
    """What is under the tab that is open, and the figures over all of them, which come with it."""
    if want.by == "silence":
        report = await read_report(connection, want.ids, "summary", want.period)
        found = await sources(connection, want.ids)
        under = {
            "table": table_of_sources(found, several=len(want.places) > 1),
            "quiet": [
                quiet_source(source, await calls_since(connection, source))
                for source in found
                if source.judged.state == "quiet"
            ],
            "is_open": any(source.is_open for source in found),
        }
    else:
        report = await read_report(connection, want.ids, want.by, want.period)
        under = {"table": table_of(report, want.links, want.links_before)}
        if want.by == "hour":
            under |= {"heat": heat_of(report, want.measure, want.links), "measures": MEASURES}
        else:
            under["charts"] = _charts(report, want.links)
    return under | {"totals": totals(report, want.links, want.links_before)}


def _charts(report: Report, links: Links) -> list[Bars]:
    if report.by == "reason":
        return [bars_of(report, "customers", "Why customers were lost", links)]
    by = NAMES[report.by].lower()
    return [
        bars_of(report, "customers", f"Customers by {by}", links),
        bars_of(report, "median_business_seconds", f"Median response by {by}", links),
    ]


async def get_silence(visit: Visit) -> Answer:
    """The sources that were noticed to be quiet, for the sidebar; empty where all are as usual."""
    places = [place.dealership_id for place in visit.places(PERMISSION)]
    async with visit.database.connection() as connection:
        silences = await _silences(connection, visit, places)
    return visit.page("reports/silence.html", silences=silences)


async def _silences(
    connection: Connection, visit: Visit, dealership_ids: Sequence[int]
) -> list[tuple[str, str]]:
    """Each source that was noticed to be quiet, and since when."""
    several = len(dealership_ids) > 1
    return [
        (
            f"{silence.source}, {silence.dealership_name}" if several else silence.source,
            when(silence.silent_since, visit.who.now, silence.timezone),
        )
        for silence in await silent_now(connection, dealership_ids)
    ]


SCREENS = (
    Screen("GET", "/reports", get_reports, PERMISSION),
    Screen("GET", "/reports/silence", get_silence, PERMISSION),
    Screen("GET", "/reports/{name}.csv", get_csv, PERMISSION),
    Screen("GET", "/reports/{name}.xlsx", get_xlsx, PERMISSION),
)
