"""A report as a table: for the page with its links, and the same for CSV and XLSX. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from forecourt.exports import table as files
from forecourt.reports.figures import MEANINGS, Figures
from forecourt.reports.read import NAMES, WEEKDAYS
from forecourt.screens.shown import exact_time, lasting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from forecourt.reports.read import Day, DayByDay, Report
    from forecourt.reports.sources import Source
    from forecourt.screens.reports.links import Links

_OF_REASONS = (
    "customers",
    "in_target_share",
    "in_target",
    "out_of_target",
    "answered",
    "median_business_seconds",
    "p90_business_seconds",
    "appointments",
    "kept",
    "no_shows",
    "median_seconds",
    "p90_seconds",
)
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOTHING = "—"
# Parts of a hundred say nothing about fewer.
_FEW = 10
MINUS = "\N{MINUS SIGN}"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell.

    Attributes:
        value: as a file has it.
        text: as the page shows it.
        address: where it leads.
        before: the same of the days before.
        change: how it differs from that, where both are known.
        tone: of a state: ``red``, ``green`` or nothing.
    """

    value: Any
    text: str
    address: str | None = None
    change: str = ""
    tone: str = ""
    before: Cell | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its name in a file, its title on the page, and what it means."""

    name: str
    title: str
    text: str = ""
    is_number: bool = True


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row: what it is about, and its cells."""

    head: Cell
    cells: list[Cell]
    is_total: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table; its first column heads the rows.

    Attributes:
        compared: whether each cell has one of the days before beside it.
    """

    name: str
    title: str
    columns: list[Column]
    rows: list[Row]
    compared: bool = True

    def file_columns(self) -> list[files.Column]:
        """Of a file: each figure, and behind it that of the days before."""
        head, *others = self.columns
        found = [files.Column(head.name, 24)]
        for column in others:
            found.append(files.Column(column.name, 14))
            if self.compared:
                found.append(files.Column(f"{column.name}_before", 14))
        return found

    def file_rows(self) -> list[list[files.Cell]]:
        """Of a file."""
        found = []
        for row in self.rows:
            cells = [row.head.value]
            for cell in row.cells:
                cells.append(cell.value)
                if self.compared:
                    cells.append(cell.before.value if cell.before else None)
            found.append(cells)
        return found


def figure_cell(figure: str, now: Figures, before: Figures, address: str | None, earlier: str | None) -> Cell:
    """A figure, and that of the days before."""
    was = getattr(before, figure)
    return Cell(
        value=getattr(now, figure),
        text=in_words(figure, getattr(now, figure)),
        address=address,
        before=Cell(value=was, text=in_words(figure, was), address=earlier),
        change=change_in_words(figure, getattr(now, figure), was),
    )


def in_words(figure: str, value: float | None) -> str:
    """``1,204``, ``78 %``, ``6 min``."""
    if value is None:
        return _NOTHING
    if figure == "in_target_share":
        return f"{value * 100:.0f} %"
    return lasting(value) if figure.endswith("seconds") else f"{value:,}"


def change_in_words(figure: str, now: float | None, before: float | None) -> str:
    """``+20 %`` of a number, ``+3`` of a small one, ``+4 points`` of a share, ``-3 min`` of a time; nothing where there is nothing to compare."""
    if now is None or not before:
        return ""
    if figure.endswith("seconds"):
        size = lasting(abs(now - before))
    elif figure == "in_target_share":
        size = f"{abs(now - before) * 100:.0f} points"
    elif before < _FEW:
        size = f"{abs(now - before):,}"
    else:
        size = f"{abs(now - before) / before * 100:,.0f} %"
    if size.split()[0] == "0":
        return "as before"
    return f"{'+' if now > before else MINUS}{size}"


def totals(report: Report, links: Links, before: Links) -> dict[str, Cell]:
    """Each figure of all customers."""
    total = report.total
    return {
        name: figure_cell(name, total.now, total.before, links.of(name), before.of(name)) for name in MEANINGS
    }


def table_of(report: Report, links: Links, before: Links) -> Table:
    """A report's parts, and all of them together."""
    by = report.by
    shown = _OF_REASONS if by == "reason" else tuple(MEANINGS)
    columns = [Column(name=by, title=NAMES[by])]
    columns += [Column(name=name, title=MEANINGS[name].name, text=MEANINGS[name].text) for name in shown]
    if by == "reason":
        columns[1] = Column(name="customers", title="Customers lost", text=MEANINGS["lost"].text)
    rows = []
    for part in report.parts:
        cells = [
            figure_cell(
                name,
                part.now,
                part.before,
                links.of(name, by, part.key) if leads_on(by, part.now) else None,
                before.of(name, by, part.key) if leads_on(by, part.before) else None,
            )
            for name in shown
        ]
        head = hour_in_words(part.name) if by == "hour" else part.name
        rows.append(Row(head=Cell(value=part.name, text=head), cells=cells))
    if by != "reason":
        all_of_them = totals(report, links, before)
        rows.append(
            Row(
                head=Cell(value="All", text="All"), cells=[all_of_them[name] for name in shown], is_total=True
            )
        )
    return Table(
        name=by,
        title="Why customers were lost" if by == "reason" else f"By {NAMES[by].lower()}",
        columns=columns,
        rows=rows,
    )


def leads_on(by: str, figures: Figures) -> bool:
    """Whether figures lead to their customers: of the 168 hours of a week only those in which there were any."""
    return by != "hour" or figures.customers > 0


def hour_in_words(key: str) -> str:
    """``Monday 9 am`` of ``mon-09``."""
    weekday, _, hour = key.partition("-")
    return f"{_DAY_NAMES[WEEKDAYS.index(weekday)]} {clock_hour(int(hour))}"


def clock_hour(hour: int) -> str:
    """``9 am``."""
    return f"{hour % 12 or 12} {'pm' if hour >= 12 else 'am'}"  # noqa: PLR2004 - noon


def table_of_days(days: DayByDay, links: Links) -> Table:
    """Each day beside the one in its place before it."""
    columns = [
        Column(name="day", title="Day"),
        Column(name="enquiries", title="Enquiries", text="Leads that came on the day."),
        Column(name="customers", title="Customers", text="Lead clusters with an enquiry on the day."),
        Column(name="day_before", title="Day before", text="The day in the same place of the period before."),
        Column(name="enquiries_before", title="Enquiries", text="Leads that came on that day."),
        Column(name="customers_before", title="Customers", text="Lead clusters with an enquiry on that day."),
    ]
    rows = []
    for now, before in zip_longest(days.now, days.before):
        head, *cells = [*_of_day(now, links), *_of_day(before, links)]
        rows.append(Row(head=head, cells=cells))
    return Table(name="day", title="Day by day", columns=columns, rows=rows, compared=False)


def _of_day(day: Day | None, links: Links) -> list[Cell]:
    if day is None:
        return [Cell(value=None, text="")] * 3
    address = links.of_day(day.day)
    return [
        Cell(value=day.day, text=day_in_words(day.day)),
        Cell(value=day.enquiries, text=f"{day.enquiries:,}", address=address),
        Cell(value=day.customers, text=f"{day.customers:,}", address=address),
    ]


def day_in_words(day: date) -> str:
    """``Mon 23 Nov``."""
    return f"{day:%a} {day.day} {day:%b}"


_STATES = {
    "quiet": "Unusually quiet",
    "stopped": "Silent for more than a week",
    "flowing": "As usual",
    "rare": "Too few to tell",
}
_TONES = {"quiet": "red", "flowing": "green"}


def table_of_sources(sources: Sequence[Source], *, several: bool) -> Table:
    """The sources, and whether they are as usual."""
    columns = [
        Column(name="source", title="Source"),
        Column(name="state", title="State", is_number=False),
        Column(name="last_at", title="Last enquiry", is_number=False),
        Column(
            name="expected",
            title="Usual since then",
            text="How many would have come in that time, of two weeks at most.",
        ),
        Column(name="chance", title="Chance", text="That none came all the same."),
        Column(name="today", title="Today", text="How many came today."),
        Column(
            name="usual_today", title="Usual by now", text="How many usually come by this time of the day."
        ),
        Column(name="usual_week", title="Usual week", text="How many come in a week, over the last eight."),
    ]
    in_order = sorted(sources, key=lambda source: tuple(_STATES).index(source.judged.state))
    rows = [_of_source(source, several=several) for source in in_order]
    return Table(name="silence", title="Sources", columns=columns, rows=rows, compared=False)


def _of_source(source: Source, *, several: bool) -> Row:
    flow, judged = source.flow, source.judged
    is_known = judged.state != "rare"
    name = f"{flow.source}, {source.dealership_name}" if several else flow.source
    return Row(
        head=Cell(value=name, text=name),
        cells=[
            Cell(value=judged.state, text=_STATES[judged.state], tone=_TONES.get(judged.state, "")),
            Cell(
                value=flow.last_at.astimezone(ZoneInfo(flow.timezone)).replace(microsecond=0),
                text=exact_time(flow.last_at, flow.timezone),
            ),
            _number(judged.expected, is_known=is_known),
            Cell(value=round(judged.chance, 6), text=_chance(judged.chance) if is_known else _NOTHING),
            Cell(value=flow.today, text=f"{flow.today:,}"),
            _number(judged.usual_today, is_known=is_known),
            _number(judged.a_week),
        ],
    )


def _number(value: float, *, is_known: bool = True) -> Cell:
    return Cell(value=round(value, 2), text=f"{value:,.1f}" if is_known else _NOTHING)


def _chance(value: float) -> str:
    return "under 0.1 %" if value < 0.001 else f"{value * 100:.1f} %"  # noqa: PLR2004
