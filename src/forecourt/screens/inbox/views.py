"""The views of the inbox, and the filters that somebody types: what they ask of a cluster. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt import vocabulary
from forecourt.clusters.vocabulary import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# View -> its name, its icon, and the conditions it stands for.
VIEWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "waiting": ("Waiting", "hourglass", ("waiting", "awake")),
    "mine": ("Mine", "circle-user", ("mine", "open", "awake")),
    "unassigned": ("Unassigned", "user-plus", ("unassigned", "open", "awake")),
    "golden": ("Golden", "star", ("golden", "open")),
    "overdue": ("Overdue", "triangle-alert", ("overdue",)),
    "snoozed": ("Snoozed", "alarm-clock", ("snoozed",)),
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
    "duplicate": "possible_duplicates",
    "test": "test",
    "open": "open",
    "closed": "closed",
}
_WORD = re.compile(r'(\w+):("[^"]*"|\S*)|"([^"]*)"|(\S+)')
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
            "created": lambda value: self.since("created", value),
            "waiting": lambda value: self.since("waited", value),
            "tag": lambda value: self.exactly("tag", value),
            "car": lambda value: self.exactly("car", value.lower()),
            "stock": lambda value: self.exactly("stock", value.lower()),
            "location": lambda value: self.exactly("location", value.lower()),
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

    def exactly(self, condition: str, value: str | timedelta) -> None:
        self.conditions.append(condition)
        self.values[condition] = value

    def is_(self, value: str) -> None:
        condition = _IS.get(value.lower())
        if condition is None:
            self.problems.append(
                f"“is:{value}” is not known{_nearest(value.lower(), list(_IS))}. Known: {', '.join(_IS)}"
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
        else:
            self.exactly("assignee", value.lower())

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
