"""Which word counts: what staff set by hand, or what an integration pushes later. Pure; docs/clusters.md has the cases.

A value that staff set by hand stays when an integration repeats what it had said before: it knows nothing of what staff
have learned since. A value that no integration had said before is news, and counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable


class SetByHand(msgspec.Struct, frozen=True, kw_only=True):
    """That staff set a field.

    Attributes:
        value: what they set it to.
        at: when.
        api_key_id: by which key.
        user_id: the user of the staff, where one is known.
        pushed: what integrations had said by then, the newest last.
    """

    value: Any
    at: datetime
    api_key_id: int | None
    user_id: int | None = None
    pushed: list[Any] = []


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """That an integration said something else later, and was not followed.

    Attributes:
        kept: the value that staff had set.
        pushed: what was said.
    """

    at: datetime
    kept: Any
    pushed: Any
    lead_id: int


ByHand: TypeAlias = dict[str, SetByHand]
Conflicts: TypeAlias = dict[str, Conflict]

_MOST_PUSHED = 20


def by_hand_of(text: str) -> ByHand:
    """The column ``lead_cluster.by_hand``."""
    return {} if text == "{}" else msgspec.json.decode(text, type=ByHand)


def conflicts_of(text: str) -> Conflicts:
    """The column ``lead_cluster.conflicts``."""
    return {} if text == "{}" else msgspec.json.decode(text, type=Conflicts)


def text_of(told: ByHand | Conflicts) -> str:
    """Either column, as JSON text."""
    return msgspec.json.encode(told).decode()


def is_kept(by_hand: ByHand, field: str, pushed: object, said: object) -> bool:
    """Whether the value that staff gave *field* stays although *pushed* is sent: it was said before.

    Args:
        by_hand: what staff have set.
        field: of which.
        pushed: what is sent.
        said: what the same lead had said last; None for nothing.
    """
    held = by_hand.get(field)
    if held is None or _plain(pushed) == held.value:
        return False
    return pushed == said or _plain(pushed) in held.pushed


def set_by_hand(
    by_hand: ByHand,
    field: str,
    before: object,
    value: object,
    *,
    said: Iterable[object] = (),
    at: datetime,
    api_key_id: int | None,
    user_id: int | None,
) -> ByHand:
    """*by_hand* after staff have set *field*, which was *before*, to *value*.

    Args:
        by_hand: what staff had set until then.
        field: which one.
        before: its value, where staff had not set it the last word of an integration.
        value: the new one.
        said: everything that integrations have said of it, the newest last.
        at: when.
        api_key_id: by which key.
        user_id: the user of the staff, where one is known.
    """
    held = by_hand.get(field)
    words = (*(held.pushed if held else ()), *said, *(() if held else (_plain(before),)))
    mark = SetByHand(
        value=_plain(value), at=at, api_key_id=api_key_id, user_id=user_id, pushed=remembered(words)
    )
    return by_hand | {field: mark}


def remembered(words: Iterable[Any]) -> list[Any]:
    """Of all that was said, the newest last, what is remembered: the last of each, and no more than twenty."""
    kept: list[Any] = []
    for word in words:
        kept = [other for other in kept if other != word] + [word]
    return kept[-_MOST_PUSHED:]


def _plain(value: object) -> object:
    """*value* as it comes back from JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))
