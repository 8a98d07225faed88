"""JSON, strictly (RFC 8259): one meaning or a refusal, numbers with their digits, everything bounded."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NoReturn

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterator

# The only escapes that bring in what no text may hold: NUL and the halves of surrogate pairs.
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_DEPTH_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1, ord(","): 0}
_NO_STRUCTURE = bytes(set(range(256)) - set(_DEPTH_STEP))
_NUMBER_CHARACTERS = 64
_EXPONENT_DIGITS = 2


class NotJson(BadBody):
    """The body is not JSON, or JSON but no object."""

    code = "not-json"
    title = "The body is not a JSON object"


class DuplicateKey(BadBody):
    """An object names a key twice; which one counts would be a guess."""

    code = "duplicate-key"
    title = "A key stands twice in the same object"


def decode_json(raw: bytes) -> dict[str, Any]:
    """The object that *raw* says.

    Integers become int, other numbers Decimal with the digits that were sent. Of 1 MiB at most: a longer body is
    read by ``json_with_files``.

    Raises:
        BadBody: it is not JSON, not an object, or ambiguous.
        BodyTooLarge: it is over one of the limits.
    """
    if len(raw) > limits.BODY_BYTES:
        raise limits.WithoutFilesTooLarge
    # A value and its comma, or its two brackets, take two bytes: only a longer body can hold too many values.
    is_long = len(raw) > 2 * limits.VALUES
    if is_long or raw.count(b"{") + raw.count(b"[") > limits.DEPTH:
        _check_outline(raw)
    found = decode_value(raw)
    if not isinstance(found, dict):
        raise NotJson("a JSON object is expected, as in {…}")
    # Only what can hold too long a string or an evil one is walked through to look for it.
    if is_long or (b"\\u" in raw and _SUSPICIOUS.search(raw)):
        _check_values(found)
    return found


def decode_value(raw: bytes | bytearray) -> object:
    """The value that *raw* says, of any kind and size.

    Raises:
        BadBody: it is not JSON, or ambiguous, or holds a number or a key beyond its limit.
    """
    try:
        text = raw.decode()
        found: object = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise limits.NotUtf8("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _explained(raw, error) from None
    return found


def check_text(text: str) -> int:
    """The length of *text* in bytes of UTF-8.

    Raises:
        NotUtf8: it holds NUL or half of a surrogate pair.
    """
    if "\0" in text:
        raise limits.NotUtf8("a string holds NUL")
    try:
        return len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        raise limits.NotUtf8("a string holds half of a surrogate pair") from None


def _explained(raw: bytes | bytearray, error: json.JSONDecodeError) -> BadBody:
    if not raw.strip(b" \t\r\n"):
        return limits.EmptyBody()
    if raw.startswith(b"\xef\xbb\xbf"):
        return limits.NotUtf8("the body begins with a byte order mark; send it without")
    if b"\0" in raw:
        return limits.NotUtf8("the body holds NUL; is it UTF-16?")
    return NotJson(f"{error.msg} in line {error.lineno}, column {error.colno}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise DuplicateKey(f"the key {twice[: limits.KEY_CHARACTERS]!a} stands twice")
    if found and max(map(len, found)) > limits.KEY_CHARACTERS:
        raise limits.KeyTooLong
    return found


def _integer(text: str) -> int:
    if len(text) <= limits.DIGITS:
        return int(text)
    # One digit and the sign more is the most that can still be in range: never a long conversion.
    if len(text) > limits.DIGITS + 2 or abs(int(text)) > limits.MAGNITUDE:
        raise limits.NumberOutOfRange
    return int(text)


def _decimal(text: str) -> Decimal:
    # A short exponent only: an absurd one is refused before anybody computes with it.
    exponent = text.lower().partition("e")[2].lstrip("+-").lstrip("0")
    if len(text) > _NUMBER_CHARACTERS or len(exponent) > _EXPONENT_DIGITS:
        raise limits.NumberOutOfRange
    value = Decimal(text)
    if (
        len(value.as_tuple().digits) > limits.DIGITS
        or not -limits.DIGITS <= value.adjusted() <= limits.DIGITS
    ):
        raise limits.NumberOutOfRange
    if abs(value) > limits.MAGNITUDE:
        raise limits.NumberOutOfRange
    return value


def _constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)


def _check_outline(raw: bytes) -> None:
    """Refuse, before parsing, more commas than values are allowed and deeper nesting than levels are.

    With its escapes gone, every quote in *raw* begins or ends a string: each second piece between them is outside.
    Where that is not so, *raw* is not JSON, and will be found out.
    """
    # Each value has at most two strings, itself and its key, and one comma and two brackets: nothing needs to be
    # looked at beyond what 5,000 of them can have.
    quotes, marks = 4 * limits.VALUES, 3 * limits.VALUES
    pieces = raw.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"', quotes + 1)
    outline = b"".join(pieces[::2]).translate(None, _NO_STRUCTURE)
    if max(accumulate(map(_DEPTH_STEP.__getitem__, outline[:marks])), default=0) > limits.DEPTH:
        raise limits.TooDeep
    if len(pieces) > quotes + 1 or len(outline) > marks or outline.count(b",") >= limits.VALUES:
        raise limits.TooManyValues


def _check_values(found: dict[str, Any]) -> None:
    """Count the values, and look at each string: only a ``file`` may be longer than the others."""
    for count, (key, value) in enumerate(_values(found), 1):
        if count > limits.VALUES:
            raise limits.TooManyValues
        if isinstance(key, str):
            check_text(key)
        if (
            isinstance(value, str)
            and check_text(value) > limits.STRING_BYTES
            and not (key == "file" and value.startswith("data:"))
        ):
            raise limits.StringTooLong


def _values(tree: dict[str, Any]) -> Iterator[tuple[str | int, object]]:
    """Every value in the tree, with the key or the index that it has."""
    waiting: list[dict[str, Any] | list[Any]] = [tree]
    while waiting:
        holder = waiting.pop()
        for place, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            yield place, value
            if isinstance(value, (dict, list)):
                waiting.append(value)
