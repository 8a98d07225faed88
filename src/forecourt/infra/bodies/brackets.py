"""Forms whose names hold brackets, read to the tree that Ruby's Rack 2.2 reads (``parse_nested_query``).

``lead[tags][]=a`` is a list under ``tags``; ``files[][file]=x`` opens a new item of a list whenever the last
one has that member already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterable

# The first word of a name, whatever brackets stand around it.
_WORD = re.compile(r"[\[\]]*([^\[\]]+)\]*")
# A list's item that is an object: its member's name is all that follows.
_MEMBER = re.compile(r"\[\]\[([^\[\]]+)\]")
_BRACKETS = re.compile(r"[\[\]]+")


class ConflictingNames(BadBody):
    """A form names the same place as a text, a list or an object at once."""

    code = "conflicting-names"
    title = "The form's names contradict each other"


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The tree that a form's *pairs* of name and value say.

    Raises:
        ConflictingNames: two names give one place two kinds.
        TooDeep, TooManyValues, KeyTooLong: beyond a limit.
    """
    tree: dict[str, Any] = {}
    for count, (name, value) in enumerate(pairs, 1):
        if count > limits.VALUES:
            raise limits.TooManyValues
        if max(map(len, _BRACKETS.split(name))) > limits.KEY_CHARACTERS:
            raise limits.KeyTooLong
        if name.count("[") >= limits.DEPTH:
            raise limits.TooDeep
        _store(tree, name, value)
    return tree


def _store(tree: dict[str, Any], name: str, value: Any) -> Any:  # noqa: ANN401
    """Put *value* where *name* says; what the place that holds *tree* is to hold afterwards."""
    word = _WORD.match(name)
    if word is None:
        return [value] if name == "[]" and value is not None else None
    key, after = word[1], name[word.end() :]
    if after == "":
        tree[key] = value
    elif after == "[":
        tree[name] = value
    elif after == "[]":
        _list_at(tree, key).append(value)
    elif after.startswith("[]"):
        member = _MEMBER.fullmatch(after)
        _store_in_item(_list_at(tree, key), member[1] if member else after[2:], value)
    else:
        inner = tree.get(key)
        if inner is None:
            inner = {}
        if not isinstance(inner, dict):
            raise ConflictingNames(f"{_shown(key)} is an object and something else")
        tree[key] = _store(inner, after, value)
    return tree


def _store_in_item(items: list[Any], name: str, value: Any) -> None:  # noqa: ANN401
    """Into the list's last object, or into a new one where that has the member already."""
    if items and isinstance(items[-1], dict) and not _has(items[-1], name):
        _store(items[-1], name, value)
    else:
        items.append(_store({}, name, value))


def _list_at(tree: dict[str, Any], key: str) -> list[Any]:
    found = tree.get(key)
    if found is None:
        found = tree[key] = []
    if not isinstance(found, list):
        raise ConflictingNames(f"{_shown(key)} is a list and something else")
    return found


def _has(item: dict[str, Any], name: str) -> bool:
    """Whether the member that *name* means is there; of a list's items nobody can say."""
    if "[]" in name:
        return False
    found: Any = item
    for part in _BRACKETS.split(name):
        if part == "":
            continue
        if not isinstance(found, dict) or part not in found:
            return False
        found = found[part]
    return True


def _shown(key: str) -> str:
    return ascii(key[: limits.KEY_CHARACTERS])


def indexed(value: Any) -> Any:  # noqa: ANN401 - whatever a form holds
    """``{"0": a, "1": b}`` as ``[a, b]``, as Rails reads nested attributes; anything else as it is."""
    if isinstance(value, dict) and value and all(key.isascii() and key.isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


def urlencoded_pairs(raw: bytes) -> list[tuple[str, str | None]]:
    """The pairs of an ``application/x-www-form-urlencoded`` body; a name without ``=`` has no value.

    Raises:
        BodyTooLarge: more than 5,000 pairs, or a string over 64 KiB.
        NotUtf8: a name or a value is not UTF-8 or holds NUL.
    """
    if raw.count(b"&") >= limits.VALUES:
        raise limits.TooManyValues
    pairs: list[tuple[str, str | None]] = []
    for pair in raw.split(b"&"):
        stripped = pair.lstrip(b" ")
        if stripped:
            name, equals, value = stripped.partition(b"=")
            pairs.append((_text(name), _text(value) if equals else None))
    return pairs


def _text(encoded: bytes) -> str:
    if len(encoded) > 3 * limits.STRING_BYTES:
        raise limits.StringTooLong
    return clean_text(unquote_to_bytes(encoded.replace(b"+", b" ")))


def clean_text(raw: bytes) -> str:
    """*raw* as text.

    Raises:
        StringTooLong: more than 64 KiB.
        NotUtf8: it is not UTF-8 or holds NUL.
    """
    if len(raw) > limits.STRING_BYTES:
        raise limits.StringTooLong
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise limits.NotUtf8("a name or a value of the form is not UTF-8") from None
    if "\0" in text:
        raise limits.NotUtf8("a name or a value of the form holds NUL")
    return text
