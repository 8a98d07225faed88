"""What the reports' routes answer."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from forecourt.reports.figures import Figures
from forecourt.reports.read import Day, Part


class SpanOut(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Days, both ends included."""

    first: date
    last: date


class ReportOut(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a period, and of the days before that it is held against.

    Attributes:
        report: by what customers are told apart.
        timezone: by whose clock days and hours are meant.
        rows: the parts, the most customers in front; hours one after the other.
    """

    report: str
    timezone: str
    period: SpanOut
    before: SpanOut
    total: Figures
    total_before: Figures
    rows: list[Part]


class DaysOut(msgspec.Struct, frozen=True, kw_only=True):
    """Day by day: how many enquiries came, and from how many customers."""

    report: str
    timezone: str
    period: SpanOut
    before: SpanOut
    days: list[Day]
    days_before: list[Day]


class SourceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A source, and whether it is quieter than chance explains.

    Attributes:
        state: ``flowing``, ``quiet``, ``stopped`` after a week of silence, ``rare`` where too little comes to tell.
        last_at: when the last enquiry came.
        expected: how many would have come since then, of two weeks at most.
        chance: that none came all the same.
        usual_today: how many usually come by this time of the day.
        today: how many came.
        usual_week: how many usually come in a week.
    """

    source: str
    state: str
    last_at: datetime
    expected: float
    chance: float
    usual_today: float
    today: int
    usual_week: float


class SourcesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Every source from which something came in eight weeks."""

    report: str
    timezone: str
    open: bool
    sources: list[SourceOut]
