"""A chart as the places of its shapes. Pure: the templates only draw them.

Widths and places are parts of a hundred of the chart's width, so that a chart is as wide as its page and its text keeps its
size; heights are pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.reports.read import WEEKDAYS
from forecourt.screens.reports.tables import clock_hour, day_in_words, hour_in_words, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.reports.figures import Figures
    from forecourt.reports.read import Day, DayByDay, Part, Report
    from forecourt.screens.reports.links import Links

_ROW = 42
_MOST_BARS = 10
# The longest bar ends here: its number stands behind it.
_LONGEST = 82.0
# How many stretches between the days that are named, the first that fits.
_TICKS = (4, 3, 5, 2)
_GRID = 4
_SHADES = 6


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A bar, and the thinner one of the days before under it; its address lists the customers behind it."""

    name: str
    text: str
    address: str | None
    y: int
    width: float
    width_before: float
    text_at: float


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """A bar for each part.

    Attributes:
        id: tells it from the other charts of the page.
        left_out: how many parts there are beyond the longest bars.
    """

    id: str
    title: str
    text: str
    height: int
    bars: list[Bar]
    left_out: int


def bars_of(report: Report, figure: str, title: str, links: Links) -> Bars:
    """A *figure* of each part, in the order of the table: whoever has the most customers in front."""
    shown = report.parts[:_MOST_BARS]
    values = [getattr(figures, figure) or 0 for part in shown for figures in (part.now, part.before)]
    most = max(values, default=0) or 1
    bars = [
        _bar(part, figure, number, most, links.of(figure, report.by, part.key))
        for number, part in enumerate(shown)
    ]
    first = ", ".join(f"{bar.name} {bar.text}" for bar in bars[:3])
    return Bars(
        id=f"chart-{figure.partition('_')[0]}",
        title=title,
        text=f"{first}." if first else "Nothing in this period.",
        height=len(bars) * _ROW,
        bars=bars,
        left_out=len(report.parts) - len(shown),
    )


def _bar(part: Part, figure: str, number: int, most: int, address: str | None) -> Bar:
    now, before = (getattr(figures, figure) for figures in (part.now, part.before))
    width = round((now or 0) / most * _LONGEST, 2)
    return Bar(
        name=part.name,
        text=in_words(figure, now),
        address=address,
        y=number * _ROW,
        width=width,
        width_before=round((before or 0) / most * _LONGEST, 2),
        text_at=width + 1,
    )


class Tick(msgspec.Struct, frozen=True):
    """A word at an axis."""

    at: float
    text: str
    anchor: str = "middle"


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the days, and one of those before.

    Attributes:
        now: points of a chart a hundred wide and a hundred high.
        before: likewise.
        area: what lies under the first line.
        below: the days.
        beside: how many, from below.
    """

    title: str
    text: str
    now: str
    before: str
    area: str
    below: list[Tick]
    beside: list[Tick]


def lines_of(days: DayByDay) -> Lines | None:
    """The enquiries day by day; None of a single day, which is no line."""
    if len(days.now) < 2:  # noqa: PLR2004
        return None
    most = _round_up(max(day.enquiries for day in (*days.now, *days.before)))
    now = _points(days.now, len(days.now), most)
    last = len(days.now) - 1
    # As far from each other where the days allow it.
    ticks = next((some for some in _TICKS if last % some == 0), min(_TICKS[0], last))
    places = [round(tick * last / ticks) for tick in range(ticks + 1)]
    total, before = (sum(day.enquiries for day in some) for some in (days.now, days.before))
    return Lines(
        title="Enquiries day by day",
        text=f"{total:,} from {day_in_words(days.now[0].day)} to {day_in_words(days.now[-1].day)}, {before:,} before.",
        now=now,
        before=_points(days.before, len(days.now), most),
        area=f"0,100 {now} 100,100",
        below=[
            Tick(
                round(place / last * 100, 2),
                day_in_words(days.now[place].day)[4:],
                {0: "start", last: "end"}.get(place, "middle"),
            )
            for place in places
        ],
        beside=[Tick(100 - line / _GRID * 100, f"{most * line // _GRID:,}") for line in range(_GRID + 1)],
    )


def _points(days: Sequence[Day], wide: int, most: int) -> str:
    return " ".join(
        f"{place / (wide - 1) * 100:.2f},{100 - day.enquiries / most * 100:.2f}"
        for place, day in enumerate(days[:wide])
    )


def _round_up(most: int) -> int:
    """The next number that the grid divides, and that is easy to read."""
    unit = 1
    while most > unit * 10 * _GRID:
        unit *= 10
    for size in (1, 2, 3, 5, 10):
        if most <= unit * size * _GRID:
            return unit * size * _GRID
    return unit * 10 * _GRID


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """An hour of the week: how dark it is, and where it leads."""

    shade: int
    value: float | None
    text: str
    title: str
    address: str | None


class Heat(msgspec.Struct, frozen=True, kw_only=True):
    """A week of hours, one row a day."""

    title: str
    hours: list[str]
    rows: list[tuple[str, list[Spot]]]


# What a week can be looked at by, and whether more of it is darker.
MEASURES = {
    "customers": ("Customers", "By the hour of their first enquiry"),
    "in_target_share": ("Answered in target", "Of those who enquired first in that hour"),
    "median_business_seconds": ("Median response", "Of those who enquired first in that hour"),
}


def heat_of(report: Report, measure: str, links: Links) -> Heat:
    """The hours of the week; the more there is of *measure*, the darker."""
    parts = {part.key: part for part in report.parts}
    values = [_measured(part.now, measure) for part in report.parts]
    most = max((value for value in values if value is not None), default=0) or 1
    rows = []
    for weekday in WEEKDAYS:
        spots = []
        for hour in range(24):
            key = f"{weekday}-{hour:02}"
            value = _measured(parts[key].now, measure)
            text = "" if value is None else _short(measure, value)
            spots.append(
                Spot(
                    shade=0 if value is None else _shade(value, most),
                    value=value,
                    text=text,
                    title=f"{hour_in_words(key)}: {in_words(measure, value)}",
                    address=links.of(measure, "hour", key) if parts[key].now.customers else None,
                )
            )
        rows.append((hour_in_words(f"{weekday}-00").split()[0], spots))
    return Heat(title=MEASURES[measure][0], hours=[clock_hour(hour) for hour in range(24)], rows=rows)


def _measured(figures: Figures, measure: str) -> float | None:
    value: float | None = getattr(figures, measure)
    return None if measure == "customers" and not value else value


def _shade(value: float, most: float) -> int:
    return 1 + min(_SHADES - 1, int(value / most * _SHADES))


def _short(measure: str, value: float) -> str:
    """Few letters: a cell is narrow."""
    if measure == "customers":
        return f"{value:,.0f}"
    if measure == "in_target_share":
        return f"{value * 100:.0f}"
    for seconds, letter in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if value >= seconds:
            return f"{value // seconds:.0f}{letter}"
    return f"{value:.0f}s"
