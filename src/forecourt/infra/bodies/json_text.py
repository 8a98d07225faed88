"""JSON, strictly (RFC 8259): one meaning or a refusal, numbers with their digits, everything bounded."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NoReturn

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterator

# The only escapes that can bring in what no text may hold: NUL and the halves of surrogate pairs.
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_STRUCTURE = b"[{]},"
_NO_STRUCTURE = bytes(set(range(256)) - set(_STRUCTURE))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1, ord(","): 0}
_LONGEST_NUMBER = 64
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

    Integers become int, other numbers Decimal with the digits that were sent.

    Raises:
        BadBody: it is not JSON, not an object, or ambiguous.
        BodyTooLarge: it is over one of the limits.
    """
    size = len(raw)
    if size > limits.BODY_BYTES:
        # What of it may be a file is known once it is parsed; that it is too long for anything, already now.
        if size > limits.BODY_BYTES + limits.FILE_TEXT_BYTES:
            raise limits.WithoutFilesTooLarge
    opened = raw.count(b"{") + raw.count(b"[")
    commas = raw.count(b",")
    if opened > limits.DEPTH or commas >= limits.VALUES:
        _check_outline(raw)
    found = _decode(raw)
    if not isinstance(found, dict):
        raise NotJson("a JSON object is expected, as in {…}")
    # Only what can hold such a thing is walked through to look for it.
    if size > limits.STRING_BYTES or opened + commas >= limits.VALUES or (b"\\u" in raw and _SUSPICIOUS.search(raw)):
        _check_values(found)
    return found
