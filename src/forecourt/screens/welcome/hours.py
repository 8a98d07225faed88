"""Opening hours as a form of one row a day has them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS = {
    1: "Monday",
    2: "Tuesday",
    3: "Wednesday",
    4: "Thursday",
    5: "Friday",
    6: "Saturday",
    7: "Sunday",
}
_SATURDAY = 6
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-9]{2})?")


def usual_hours() -> dict[int, tuple[str, str]]:
    """What most yards keep: weekdays, and Saturday until one."""
    weekdays = dict.fromkeys(range(1, _SATURDAY), ("08:30", "17:30"))
    return weekdays | {_SATURDAY: ("08:30", "13:00"), _SATURDAY + 1: ("", "")}


def hours_in(form: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """The hours of a form, by weekday; a day without them is closed."""
    return {day: (_time(form.get(f"opens_{day}")), _time(form.get(f"closes_{day}"))) for day in DAYS}


def _time(value: object) -> str:
    """A time field's value, which some browsers send with seconds; what is none stays, to be refused."""
    text = value.strip()[:20] if isinstance(value, str) else ""
    return text[:5] if _TIME.fullmatch(text) else text
