"""Reading a report: the figures of some days and of those before them, told apart by source, location, person and so on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.infra.database import record
from forecourt.infra.refusals import Refusal
from forecourt.reports.figures import Figures, figures_of
from forecourt.reports.queries import DAYS, REPORTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection
    from forecourt.reports.period import Period

PERMISSION = "read:report"

# Report -> by what it tells customers apart, as its first column is called.
NAMES = {
    "source": "Source",
    "category": "Category",
    "location": "Location",
    "person": "Person",
    "hour": "Hour of the week",
    "reason": "Lost because",
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = tuple(f"{weekday}-{hour:02}" for weekday in WEEKDAYS for hour in range(24))
# What a row without a key is called.
_NONE = {"location": "No location", "person": "Nobody", "reason": "No reason given"}


class ReportNotFound(Refusal):
    """There is no such report."""

    code = "report-not-found"
    title = "There is no such report"


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Figures, and those of the days before."""

    now: Figures = Figures()
    before: Figures = Figures()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The customers of one source, location, person or the like.

    Attributes:
        key: tells it from the others; null for customers without one.
        name: as people call it.
    """

    key: str | None
    name: str
    now: Figures
    before: Figures


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All customers of a period, and their parts."""

    by: str
    total: Compared
    parts: list[Part]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day: how many enquiries came, and from how many customers."""

    day: date
    enquiries: int
    customers: int


class DayByDay(msgspec.Struct, frozen=True, kw_only=True):
    """Each day of a period and of the one before."""

    now: list[Day]
    before: list[Day]


async def read_report(
    connection: Connection, dealership_ids: Sequence[int], by: str, period: Period
) -> Report:
    """The report *by* source, category, location, person, hour or reason; ``summary`` has no parts.

    Raises:
        ReportNotFound: there is none by that.
    """
    if by not in REPORTS:
        raise ReportNotFound(f"reports are {', '.join(REPORTS)}")
    rows = await connection.every(record, REPORTS[by], **_spans(dealership_ids, period))
    totals = {row["period"]: figures_of(row) for row in rows if row["is_total"]}
    parts: dict[str | None, dict[str, Any]] = {key: {"name": key} for key in (HOURS if by == "hour" else ())}
    for row in rows:
        if row["is_total"] or by == "summary" or (by == "reason" and row["key"] is None):
            continue
        key = _key(by, row["key"])
        part = parts.setdefault(key, {})
        part["name"] = row["label"] or _NONE.get(by, key) if by != "hour" else key
        part[row["period"]] = figures_of(row)
    told = [
        Part(key=key, name=part["name"], now=part.get("now", Figures()), before=part.get("before", Figures()))
        for key, part in parts.items()
    ]
    return Report(by=by, total=Compared(**totals), parts=_in_order(by, told))


async def read_days(connection: Connection, dealership_ids: Sequence[int], period: Period) -> DayByDay:
    """Day by day: how many enquiries came, and from how many customers."""
    rows = await connection.every(record, DAYS, **_spans(dealership_ids, period))
    found = {(row.pop("period"), row["day"]): row for row in rows}
    days = {
        name: [
            Day(**found.get((name, day), {"day": day, "enquiries": 0, "customers": 0})) for day in span.each()
        ]
        for name, span in (("now", period.days), ("before", period.before))
    }
    return DayByDay(now=days["now"], before=days["before"])


def _spans(dealership_ids: Sequence[int], period: Period) -> dict[str, Any]:
    return {
        "dealership_ids": list(dealership_ids),
        "first_day": period.days.first,
        "last_day": period.days.last,
        "first_day_before": period.before.first,
        "last_day_before": period.before.last,
    }


def _key(by: str, key: str | None) -> str | None:
    if by == "hour" and key is not None:
        weekday, _, hour = key.partition("-")
        return f"{WEEKDAYS[int(weekday) - 1]}-{int(hour):02}"
    return key or None


def _in_order(by: str, parts: list[Part]) -> list[Part]:
    """The most customers in front; hours one after the other."""
    if by == "hour":
        return parts
    return sorted(parts, key=lambda part: (-part.now.customers, -part.before.customers, part.name.lower()))
