"""The views of the inbox, and the filters that somebody types: what they ask of a cluster. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt import vocabulary
from forecourt.clusters.vocabulary import STATES
from forecourt.reports.period import MOST_DAYS, day_in
from forecourt.reports.read import HOURS, WEEKDAYS
from forecourt.screens.inbox.period_queries import CREATED_ON, NEED_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# View -> its name, its icon, and the conditions it stands for.
VIEWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "waiting": ("Waiting", "hourglass", ("waiting", "awake")),
    "mine": ("Mine", "circle-user", ("mine", "open", "awake")),
    "unassigned": ("Unassigned", "user-plus", ("unassigned", "open", "awake")),
    "golden": ("Golden", "star", ("golden", "open")),
    "overdue": ("Overdue", "triangle-alert", ("overdue",)),
    "snoozed": ("Snoozed", "alarm-clock", ("snoozed",)),
    "mentions": ("Mentions", "at-sign", ("mentioned",)),
    "all": ("All", "layers", ()),
    "test": ("Test", "test-tube", ("test",)),
}
SORTS = {
    "urgency": "Most urgent",
    "newest": "Newest enquiry",
    "oldest": "Oldest enquiry",
    "longest": "Longest waiting",
}

_IS = {
    "golden": "golden",
    "overdue": "overdue",
    "late": "late",
    "waiting": "waiting",
    "answered": "answered",
    "unassigned": "unassigned",
    "mine": "mine",
    "snoozed": "snoozed",
    "mentioned": "mentioned",
    "duplicate": "possible_duplicates",
    "test": "test",
    "merged": "merged",
    "open": "open",
    "closed": "closed",
}
_WORD = re.compile(r'(\w+):("[^"]*"|\S*)|"([^"]*)"|(\S+)')
_ANSWERED = {
    "yes": "answered",
    "never": "unanswered",
    "in-target": "in_target",
    "out-of-target": "out_of_target",
}
_APPOINTMENT = {"made": "appointments", "kept": "kept", "no-show": "no_shows"}
_NUMBERED = re.compile(r"#(\d{1,18})")
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
_SPAN = re.compile(r"([<>]?)(\d{1,4})(m|h|d|w)")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class Filtered(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed, as conditions (``queries.CONDITIONS``) and the values they need.

    Attributes:
        text: the words that are no filter: a name, a number, an address to look for.
        problems: what could not be understood, a sentence each.
    """

    conditions: tuple[str, ...] = ()
    values: dict[str, Any] = {}
    text: str = ""
    problems: tuple[str, ...] = ()


def conditions_of(view: str, filtered: Filtered) -> frozenset[str]:
    """All that must hold of a cluster in *view*; those of test mode are only in sight where they are asked for.

    A search finds both.
    """
    held = {*VIEWS[view][2], *filtered.conditions}
    if "test" not in held and not filtered.text:
        held.add("live")
    return frozenset(held)


def read_filters(typed: str) -> Filtered:
    """Read ``source:carsales state:new is:golden car:ranger created:<2h assignee:me mia``."""
    reader = _Reader()
    for key, value, quoted, word in _WORD.findall(typed):
        if key:
            reader.filter(key.lower(), value.strip('"'))
        else:
            reader.words.append(quoted or word)
    reader.need_days()
    return Filtered(
        conditions=tuple(dict.fromkeys(reader.conditions)),
        values=reader.values,
        text=" ".join(reader.words),
        problems=tuple(reader.problems),
    )


class _Reader:
    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: dict[str, Any] = {}
        self.words: list[str] = []
        self.problems: list[str] = []
        self.filters: dict[str, Callable[[str], None]] = {
            "is": self.is_,
            "state": lambda value: self.one_of("lead_state", "state", value, STATES),
            "source": lambda value: self.one_of("source", "source", value, vocabulary.SOURCES),
            "category": lambda value: self.one_of("category", "category", value, vocabulary.CATEGORIES),
            "assignee": self.assignee,
            "created": self.created,
            "via": lambda value: self.one_of("via", "via", value, vocabulary.SOURCES),
            "about": lambda value: self.one_of("about", "about", value, vocabulary.CATEGORIES),
            "first_via": lambda value: self.one_of("first_via", "first_via", value, vocabulary.SOURCES),
            "first_about": lambda value: self.one_of(
                "first_about", "first_about", value, vocabulary.CATEGORIES
            ),
            "hour": self.hour,
            "answered": self.answered,
            "appointment": lambda value: self.known("appointment", value, _APPOINTMENT),
            "reason": lambda value: self.exactly_or_none("reason", "no_reason", value.lower()),
            "waiting": lambda value: self.since("waited", value),
            "tag": lambda value: self.exactly("tag", value),
            "car": lambda value: self.exactly("car", value.lower()),
            "stock": lambda value: self.exactly("stock", value.lower()),
            "location": self.location,
            "provider": lambda value: self.exactly("provider", value),
        }

    def filter(self, key: str, value: str) -> None:
        known = self.filters.get(key)
        if known is None:
            self.problems.append(
                f"“{key}:” is not a filter{_nearest(key, list(self.filters))}. Known: {', '.join(self.filters)}"
            )
        elif value:
            known(value)

    def exactly(self, condition: str, value: str | int | timedelta) -> None:
        self.conditions.append(condition)
        self.values[condition] = value

    def exactly_or_none(self, condition: str, none: str, value: str) -> None:
        if value == "none":
            self.conditions.append(none)
        else:
            self.exactly(condition, value)

    def is_(self, value: str) -> None:
        self.known("is", value, _IS)

    def known(self, key: str, value: str, words: Mapping[str, str]) -> None:
        condition = words.get(value.lower())
        if condition is None:
            self.problems.append(
                f"“{key}:{value}” is not known{_nearest(value.lower(), list(words))}. Known: {', '.join(words)}"
            )
        else:
            self.conditions.append(condition)

    def one_of(self, condition: str, key: str, value: str, allowed: Sequence[str]) -> None:
        found = [one for one in allowed if one.lower().replace(" ", "") == value.lower().replace(" ", "")]
        found = found or [one for one in allowed if one.lower().startswith(value.lower())]
        if found:
            self.exactly(condition, found[0])
        else:
            self.problems.append(f"“{key}:{value}” is not known{_nearest(value, list(allowed))}")

    def assignee(self, value: str) -> None:
        if value.lower() == "me":
            self.conditions.append("mine")
        elif value.lower() in {"none", "nobody"}:
            self.conditions.append("unassigned")
        elif number := _NUMBERED.fullmatch(value):
            self.exactly("assigned_to", int(number[1]))
        else:
            self.exactly("assignee", value.lower())

    def location(self, value: str) -> None:
        if number := _NUMBERED.fullmatch(value):
            self.exactly("location_id", int(number[1]))
        else:
            self.exactly_or_none("location", "no_location", value.lower())

    def created(self, value: str) -> None:
        """A span of time back from now, a day, or from one day to another."""
        days = _DAYS.fullmatch(value)
        if days is None:
            self.since("created", value)
            return
        first, last = day_in(days[1]), day_in(days[2] or days[1])
        if first is None or last is None or not 0 <= (last - first).days < MOST_DAYS:
            self.problems.append(
                f"“created:{value}” are no days; write 2026-11-01..2026-11-30, {MOST_DAYS} of them at most"
            )
            return
        self.conditions.append(CREATED_ON)
        self.values |= {"created_from": first, "created_to": last}

    def hour(self, value: str) -> None:
        if value.lower() not in HOURS:
            self.problems.append(f"“hour:{value}” is no hour of a week; write mon-09")
            return
        weekday, _, hour = value.lower().partition("-")
        self.conditions.append("hour")
        self.values |= {"weekday": WEEKDAYS.index(weekday) + 1, "hour": int(hour)}

    def answered(self, value: str) -> None:
        """In opening hours: within a time, after it, at all, in target."""
        found = _SPAN.fullmatch(value.lower())
        if found is None or not found[1]:
            self.known("answered", value, _ANSWERED)
            return
        side = "after" if found[1] == ">" else "within"
        self.exactly(f"answered_{side}", _UNITS[found[3]] * int(found[2]))

    def need_days(self) -> None:
        """Leave out what means nothing without the days that it is about, and say so."""
        if CREATED_ON in self.conditions or not NEED_DAYS.intersection(self.conditions):
            return
        self.conditions = [name for name in self.conditions if name not in NEED_DAYS]
        self.problems.append(
            "Filters about answers, appointments and first enquiries need days beside them: created:2026-11-01..2026-11-30"
        )

    def since(self, condition: str, value: str) -> None:
        found = _SPAN.fullmatch(value.lower())
        if found is None:
            self.problems.append(f"“{value}” is no span of time; write <2h, >30m, <7d")
            return
        side = "before" if found[1] == ">" else "after"
        self.exactly(f"{condition}_{side}", _UNITS[found[3]] * int(found[2]))


def _nearest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"; did you mean “{close[0]}”?" if close else ""
