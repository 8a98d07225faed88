"""Who is named in a note: ``@Mia`` or ``@Mia Chen``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

# Not inside an e-mail address.
_AT = re.compile(r"(?<![\w.+-])@(?=\w)")
_END = re.compile(r"(?!\w)")


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the staff."""

    user_id: int
    name: str


def mentioned(text: str, staff: Sequence[Colleague]) -> list[int]:
    """The users whom *text* names, in the order in which it does.

    After an ``@`` stands somebody's whole name, or their first one where only one of the *staff* is called so.
    """
    found: dict[int, None] = {}
    for sign in _AT.finditer(text):
        colleague = _named(text[sign.end() :], staff)
        if colleague is not None:
            found[colleague.user_id] = None
    return list(found)


def _named(text: str, staff: Sequence[Colleague]) -> Colleague | None:
    whole = [one for one in staff if _begins(text, one.name)]
    if whole:
        return max(whole, key=lambda one: len(one.name))
    first = [one for one in staff if _begins(text, one.name.partition(" ")[0])]
    return first[0] if len(first) == 1 else None


def _begins(text: str, name: str) -> bool:
    """Whether *text* begins with *name*, and the word ends there."""
    start = text[: len(name)]
    return bool(name) and start.casefold() == name.casefold() and _END.match(text, len(name)) is not None
