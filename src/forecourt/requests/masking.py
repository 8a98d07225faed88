"""Bodies with everything masked that could be somebody's: what was sent, and what was answered. Pure.

Nothing that was sent is believed: not its names, not that it looks like an answer of ours. An answer has the shape that we
gave it, and texts of ours in it, which are shown.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from forecourt.requests import harmless, placeholders
from forecourt.requests.names import is_ordinary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Rule = Callable[[Any], Any]

_PIECE = re.compile(r"[^.\[\]]+")
_INDEX = re.compile(r"[0-9]{1,4}", re.ASCII)
_QUOTED = re.compile(r"""(["']).*\1""", re.DOTALL)
# Of an answer's problems or warnings; whoever makes more makes no sense.
_MOST = 100
_ENDS = frozenset({"from", "to", "erased"})
_OF_PROBLEMS = ("type", "title", "status", "request_id", "error")
# The types that need no looking at.
_PLAIN: Mapping[Callable[[object], bool], tuple[type, ...]] = {
    harmless.is_integer: (int,),
    harmless.is_number: (int, float, Decimal),
    harmless.is_truth: (bool,),
}


def masked_body(tree: Any) -> Any:  # noqa: ANN401 - whatever a body holds
    """A body that was sent."""
    return _SENT.open(tree)


def masked_answer(tree: Any) -> Any:  # noqa: ANN401
    """A body that we answered with."""
    return _ANSWERED.open(tree)


def masked_problem(document: Mapping[str, Any]) -> dict[str, Any]:
    """A problem document: all of it is ours, but for the names that it repeats."""
    found = {name: document[name] for name in _OF_PROBLEMS if name in document}
    found["detail"] = _QUOTED.sub(
        lambda quoted: placeholders.of_name(quoted[0][1:-1]), str(document.get("detail", ""))
    )
    if document.get("errors"):
        found["errors"] = [_told(one) for one in document["errors"][:_MOST]]
    return found


def masked_warnings(warnings: Any) -> Any:  # noqa: ANN401
    """The warnings of an answer, each as field and message: the text is ours, the field's name may not be."""
    if not isinstance(warnings, list):
        return closed(warnings)
    return [_told(one) for one in warnings[:_MOST]]


def masked_name(name: str) -> str:
    """The name of a field, or its path: each part of it that is not ordinary is masked."""
    if is_ordinary(name):
        return name
    return _PIECE.sub(
        lambda piece: (
            piece[0]
            if _INDEX.fullmatch(piece[0]) or is_ordinary(piece[0])
            else placeholders.of_name(piece[0])
        ),
        name,
    )


def closed(value: Any) -> Any:  # noqa: ANN401
    """*value*, every leaf of it masked, whatever it is called."""
    if isinstance(value, dict):
        members = _Members()
        for name, inner in value.items():
            members.add(masked_name(name), closed(inner))
        return members.found
    if isinstance(value, list):
        return [closed(inner) for inner in value]
    return placeholders.of_value(value)


def shown_if(shows: Callable[[object], bool], otherwise: Rule = closed) -> Rule:
    """A rule that leaves the values as they are that *shows* lets through, in a list too."""
    plain = _PLAIN.get(shows, ())
    words = harmless.EXACT_WORDS if shows is harmless.is_word else frozenset()

    def rule(value: Any) -> Any:  # noqa: ANN401
        kind = value.__class__
        if kind in plain or (kind is str and value in words) or shows(value):
            return value
        if kind is list:
            return [None if inner is None else rule(inner) for inner in value]
        return otherwise(value) if kind is dict else placeholders.of_value(value)

    return rule


class _Members:
    """An object on its way; names that have one mask are numbered."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self._times: dict[str, int] = {}

    def add(self, name: str, value: Any) -> None:  # noqa: ANN401
        if name in self.found:
            self._times[name] = times = self._times.get(name, 1) + 1
            name = f"{name} {times}"
        self.found[name] = value


class _Masker:
    """Masks trees, each member by the rule of its own name; what has none is not known to the API.

    Attributes:
        rules: by name.
    """

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = (
            dict.fromkeys(harmless.PERSONAL, closed)
            | dict.fromkeys(harmless.PROSE, _prose)
            | dict.fromkeys(harmless.OPEN, self.open)
            | {name: shown_if(shows, self.open) for name, shows in harmless.SHOWN.items()}
            | {"content_type": _file_type, "filename": _file_name}
        )

    def open(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            members, rules = _Members(), self.rules
            found = members.found
            for name, inner in value.items():
                if name not in rules:
                    members.add(masked_name(name), closed(inner))
                elif inner is None:
                    found[name] = None
                else:
                    found[name] = rules[name](inner)
            return found
        if isinstance(value, list):
            return [self.open(inner) for inner in value]
        return placeholders.of_value(value)

    def changes(self, value: Any) -> Any:  # noqa: ANN401
        """Field -> from and to, each by the rule of the field."""
        if not isinstance(value, dict):
            return closed(value)
        members = _Members()
        for name, pair in value.items():
            rule = self.rules.get(name.rpartition(".")[2], closed)
            members.add(masked_name(name), _pair(pair, rule))
        return members.found


def _told(one: Any) -> Any:  # noqa: ANN401
    """A problem or a warning of ours: field, message, allowed values."""
    if isinstance(one, str):
        field, separator, message = one.partition(": ")
        one = {"field": field, "message": message} if separator else {"field": "", "message": one}
    if not isinstance(one, dict):
        return closed(one)
    found = {"field": masked_name(str(one.get("field", ""))), "message": str(one.get("message", ""))}
    if one.get("allowed"):
        found["allowed"] = one["allowed"]
    return found


def _pair(value: Any, rule: Rule) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        return closed(value)
    return {end: None if inner is None else rule(inner) for end, inner in value.items() if end in _ENDS}


def _prose(value: Any) -> Any:  # noqa: ANN401
    # Nothing is looked for in it: that would say nothing, and takes longer than all else.
    return placeholders.of_length(len(value)) if isinstance(value, str) and value else closed(value)


def _file_type(value: Any) -> Any:  # noqa: ANN401
    kind = value.partition(";")[0] if isinstance(value, str) else ""
    return kind if kind in placeholders.FILE_TYPES else closed(value)


def _file_name(value: Any) -> Any:  # noqa: ANN401
    return placeholders.of_file_name(value) if isinstance(value, str) else closed(value)


_SENT = _Masker()
_ANSWERED = _Masker()
_ANSWERED.rules |= {"changes": _ANSWERED.changes, "warnings": masked_warnings}
