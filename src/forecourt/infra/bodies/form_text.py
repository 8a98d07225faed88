"""The texts of a form: names and values, whatever encloses them."""

from __future__ import annotations

import re
from binascii import a2b_qp

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import BadBody

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class BadPercentEncoding(BadBody):
    """A percent sign in an urlencoded body is not followed by two hexadecimal digits."""

    code = "bad-percent-encoding"
    title = "The body is not well-formed as application/x-www-form-urlencoded"

    def __init__(self) -> None:
        super().__init__("a % must be followed by two hexadecimal digits; a percent sign itself is %25")


def urlencoded_pairs(raw: bytes) -> list[tuple[str, str | None]]:
    """The pairs of an ``application/x-www-form-urlencoded`` body; a name without ``=`` has no value.

    Raises:
        BadPercentEncoding: a percent sign stands alone.
        BodyTooLarge: more than 5,000 pairs, or a string over 64 KiB.
        NotUtf8: a name or a value is not UTF-8 or holds NUL.
    """
    if raw.count(b"&") >= limits.VALUES:
        raise limits.TooManyValues
    pairs: list[tuple[str, str | None]] = []
    for place, pair in enumerate(raw.split(b"&")):
        # As in Rack, spaces after an ampersand belong to it.
        name, equals, value = (pair.lstrip(b" ") if place else pair).partition(b"=")
        if name or equals:
            pairs.append((_decoded(name), _decoded(value) if equals else None))
    return pairs


def clean_text(raw: bytes | bytearray) -> str:
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


def _decoded(encoded: bytes) -> str:
    if b"+" in encoded:
        encoded = encoded.replace(b"+", b" ")
    if b"%" in encoded:
        if len(encoded) > 3 * limits.STRING_BYTES:
            raise limits.StringTooLong
        if _BAD_ESCAPE.search(encoded):
            raise BadPercentEncoding
        # Quoted-printable is the same with another sign, and decoded in C: a body full of escapes takes 2 ms, not 50.
        encoded = a2b_qp(encoded.replace(b"=", b"=3D").replace(b"%", b"="))
    return clean_text(encoded)
