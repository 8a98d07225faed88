"""Where a figure leads: the list of the inbox that shows exactly the customers it counts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from forecourt.reports.period import Days

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

# Figure -> the filter that picks its customers from all of the period.
_FIGURES: Mapping[str, str] = {
    "enquiries": "",
    "customers": "",
    "answered": "answered:yes",
    "in_target_share": "answered:in-target",
    "in_target": "answered:in-target",
    "out_of_target": "answered:out-of-target",
    "median_business_seconds": "answered:yes",
    "p90_business_seconds": "answered:yes",
    "median_seconds": "answered:yes",
    "p90_seconds": "answered:yes",
    "waiting": "is:waiting",
    "appointments": "appointment:made",
    "kept": "appointment:kept",
    "no_shows": "appointment:no-show",
    "converted": "state:converted",
    "lost": "state:lost",
    "invalid": "state:invalid",
    "merged": "is:merged",
}
# Report -> the filter that picks the customers of one of its parts.
_PARTS: Mapping[str, Callable[[str | None], str]] = {
    "source": lambda key: f'first_via:"{key}"',
    "category": lambda key: f'first_about:"{key}"',
    "location": lambda key: f"location:#{key}" if key else "location:none",
    "person": lambda key: f"assignee:#{key}" if key else "assignee:none",
    "hour": lambda key: f"hour:{key}",
    "reason": lambda key: f'reason:"{key}"' if key else "reason:none",
}
# An enquiry's own source is not that of its customer's first one.
_ENQUIRIES: Mapping[str, Callable[[str | None], str]] = {
    **_PARTS,
    "source": lambda key: f'via:"{key}"',
    "category": lambda key: f'about:"{key}"',
}


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The lists behind the figures of some days.

    Attributes:
        dealership: the slug of the only one; None for all that the visitor sees.
    """

    days: Days
    dealership: str | None

    def of(self, figure: str, by: str = "summary", key: str | None = None) -> str | None:
        """The list behind a *figure* of all customers, or of a part of the report *by*; None where no filter can say it."""
        if by == "hour" and figure == "enquiries":
            return None
        if key is not None and '"' in key:
            return None
        parts = _ENQUIRIES if figure == "enquiries" else _PARTS
        part = parts[by](key) if by in parts else ""
        return self._list(created(self.days), part, _FIGURES[figure])

    def of_day(self, day: date) -> str:
        """The list of those who enquired on a day."""
        return self._list(created(Days(day, day)))

    def _list(self, *filters: str) -> str:
        said = {"view": "all", "q": " ".join(one for one in filters if one)}
        if self.dealership is not None:
            said["dealership"] = self.dealership
        return f"/?{urlencode(said)}"


def created(days: Days) -> str:
    """The filter of the days in which somebody enquired."""
    if days.first == days.last:
        return f"created:{days.first}"
    return f"created:{days.first}..{days.last}"
