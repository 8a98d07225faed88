"""The reports' door: requests in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.dealerships.parameters import DEALERSHIP
from forecourt.infra.http import Answer, BadQuery
from forecourt.infra.routes import Parameter, Route
from forecourt.reports.answers import DaysOut, ReportOut, SourceOut, SourcesOut, SpanOut
from forecourt.reports.period import MOST_DAYS, PERIODS, Days, read_period, today_of
from forecourt.reports.queries import REPORTS
from forecourt.reports.read import PERMISSION, ReportNotFound, read_days, read_report
from forecourt.reports.sources import sources

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_AT = "/api/v1/dealerships/{dealership}/reports/{report}"
NAMES = (*REPORTS, "day", "silence")
_DAY = {"type": "string", "format": "date"}
_ABOUT = """
`summary` has the figures of all customers who enquired in the period; `source`, `category`, `location`, `person`, `hour` (of
the week) and `reason` (why they are lost) tell them apart; `day` counts enquiries day by day; `silence` says which sources
have been quiet for longer than chance explains. Each is told for the period and for the days before it.
"""
_PARAMETERS = (
    DEALERSHIP,
    Parameter("report", "Which report.", {"type": "string", "enum": list(NAMES)}, "path"),
    Parameter(
        "period", "By the dealership's clock; the last 28 days by default.", {"type": "string", "enum": list(PERIODS)}
    ),
    Parameter("from", f"The first day, with `period=custom`; at most {MOST_DAYS} days.", _DAY),
    Parameter("to", "The last day, with `period=custom`.", _DAY),
)  # fmt: skip


class Reports:
    """Serves the reports."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_report(self, call: Call) -> Answer:
        """Get a Report."""

        async def found(connection: Connection, standing: Standing) -> msgspec.Struct:
            return await _report(connection, standing, call)

        return Answer(200, msgspec.json.encode(await self._desk.read(call, PERMISSION, found)))

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET", _AT, self.get_report, "get_report", "Get a Report", _ABOUT,
                permission=PERMISSION, parameters=_PARAMETERS, answers={200: (ReportOut, DaysOut, SourcesOut)},
            ),
        ]  # fmt: skip


async def _report(connection: Connection, standing: Standing, call: Call) -> msgspec.Struct:
    name, dealership = call.path["report"], standing.dealership
    if name not in NAMES:
        raise ReportNotFound(f"reports are {', '.join(NAMES)}")
    own: dict[str, Any] = {"report": name, "timezone": dealership.timezone}
    if name == "silence":
        call.query(())
        return await _sources(connection, dealership.id, own)
    query = {key: values[0] for key, values in call.query(("period", "from", "to")).items()}
    period, problems = read_period(query, today_of(standing.now, (dealership.timezone,)))
    if problems:
        raise BadQuery(problems=tuple(problems))
    own |= {"period": _span(period.days), "before": _span(period.before)}
    if name == "day":
        days = await read_days(connection, [dealership.id], period)
        return DaysOut(**own, days=days.now, days_before=days.before)
    report = await read_report(connection, [dealership.id], name, period)
    return ReportOut(**own, total=report.total.now, total_before=report.total.before, rows=report.parts)


async def _sources(connection: Connection, dealership_id: int, own: dict[str, Any]) -> SourcesOut:
    found = await sources(connection, [dealership_id])
    return SourcesOut(
        **own,
        open=any(source.is_open for source in found),
        sources=[
            SourceOut(
                source=source.flow.source,
                state=source.judged.state,
                last_at=source.flow.last_at,
                expected=round(source.judged.expected, 2),
                chance=round(source.judged.chance, 6),
                usual_today=round(source.judged.usual_today, 2),
                today=source.flow.today,
                usual_week=round(source.judged.a_week, 2),
            )
            for source in found
        ],
    )


def _span(days: Days) -> SpanOut:
    return SpanOut(days.first, days.last)
