"""What a form of the settings says, as the operations take it. Pure: what does not fit stays, to be refused there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_NUMBER = 18


def line(form: Mapping[str, Any], name: str) -> str | None:
    """A line; None where it is empty."""
    value = form.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def text(form: Mapping[str, Any], name: str) -> str:
    """What somebody wrote, in lines that end as everywhere else."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def number(form: Mapping[str, Any], name: str) -> int | str | None:
    """A whole number; None where the field is empty."""
    return _number(line(form, name))


def is_ticked(form: Mapping[str, Any], name: str) -> bool:
    """Whether a box is ticked."""
    return line(form, name) is not None


def words(form: Mapping[str, Any], name: str) -> list[str]:
    """What is ticked or written under ``name[]``."""
    return [one.strip() for one in _items(form, name) if isinstance(one, str) and one.strip()]


def numbers(form: Mapping[str, Any], name: str) -> list[int | str | None]:
    """Ids that are ticked under ``name[]``."""
    return [_number(one) for one in words(form, name)]


def rows(form: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of a table under ``name[][field]``."""
    return [one for one in _items(form, name) if isinstance(one, dict)]


def moment(form: Mapping[str, Any], name: str, timezone: str) -> str | None:
    """A moment by the clock of *timezone*, with its offset."""
    value = line(form, name)
    try:
        return (
            None
            if value is None
            else datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(timezone)).isoformat()
        )
    except ValueError:
        return value


def _number(value: str | None) -> int | str | None:
    if value is None:
        return None
    digits = value.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
    return int(value) if is_number else value


def _items(form: Mapping[str, Any], name: str) -> list[Any]:
    value = form.get(name)
    return value if isinstance(value, list) else []
