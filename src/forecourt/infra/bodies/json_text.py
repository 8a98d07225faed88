"""JSON, strictly (RFC 8259): one meaning or a refusal, numbers with their digits, everything bounded."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import BadBody, BodyTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def decode_json(raw: bytes) -> dict[str, Any]:
    """The object that *raw* says.

    Integers become int, other numbers Decimal with the digits that were sent.

    Raises:
        BadBody: it is not JSON, not an object, or ambiguous.
        BodyTooLarge: it is over one of the limits.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise limits.NotUtf8("the body is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise BadBody("the body begins with a byte order mark; send it without")
    if raw.count(b"{") + raw.count(b"[") > limits.DEPTH:
        _check_depth(raw)
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        message = "the body is empty; a JSON object is expected" if not text.strip() else None
        raise BadBody(message or f"{error.msg} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise limits.TooDeep from None
    if not isinstance(found, dict):
        raise BadBody("a JSON object is expected, as in {…}")
    # Only what can hold such a thing is walked through to look for it.
    if len(raw) > limits.STRING_BYTES or raw.count(b",") >= limits.VALUES or b"\\u" in raw:
        _check_values(found, len(raw))
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise limits.DuplicateKey(f"the key {twice[: limits.KEY_CHARACTERS]!a} stands twice")
    if found and max(map(len, found)) > limits.KEY_CHARACTERS:
        raise limits.KeyTooLong
    return found


def _integer(text: str) -> int:
    if len(text) > limits.DIGITS and len(text.lstrip("-")) > limits.DIGITS:
        raise limits.NumberOutOfRange
    return int(text)


def _decimal(text: str) -> Decimal:
    # A short exponent only: an absurd one is refused before anybody computes with it.
    _, _, exponent = text.lower().partition("e")
    if len(text) > 64 or len(exponent.lstrip("+-").lstrip("0")) > 2:  # noqa: PLR2004
        raise limits.NumberOutOfRange
    value = Decimal(text)
    digits = len(value.as_tuple().digits)
    if digits > limits.DIGITS or (value and not -limits.DIGITS <= value.adjusted() <= limits.DIGITS):
        raise limits.NumberOutOfRange
    return value


def _constant(name: str) -> NoReturn:
    raise BadBody(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)


def _check_depth(raw: bytes) -> None:
    depth = 0
    for token in _STRUCTURE.finditer(raw):
        kind = raw[token.start()]
        if kind in b"[{":
            depth += 1
            if depth > limits.DEPTH:
                raise limits.TooDeep
        elif kind in b"]}":
            depth -= 1


def _check_values(found: dict[str, Any], size: int) -> None:
    """Count the values, and look at each string.

    Only a ``file`` may be longer than other strings; what is not a file must fit in the body's own limit.
    """
    for count, (key, value) in enumerate(_values(found), 1):
        if count > limits.VALUES:
            raise limits.TooManyValues
        _check_text(key)
        if isinstance(value, str):
            length = len(_check_text(value))
            if length > limits.STRING_BYTES:
                if key != "file" or not value.startswith("data:"):
                    raise limits.StringTooLong
                size -= length
    if size > limits.BODY_BYTES:
        raise BodyTooLarge(f"at most {limits.BODY_BYTES // limits.MIB} MiB without files")


def _values(tree: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Every value in the tree, with the key it stands under; a list's items stand under the list's."""
    waiting: list[tuple[str, object]] = [(key, tree)]
    while waiting:
        key, value = waiting.pop()
        yield key, value
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((key, item) for item in value)


def _check_text(text: str) -> bytes:
    if "\0" in text:
        raise limits.NotUtf8("a string holds NUL")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise limits.NotUtf8("a string holds half of a surrogate pair") from None
