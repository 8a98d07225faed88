"""The text of an API key: a prefix, 178 random bits and a checksum. Pure.

``fc_live_`` or ``fc_test_``, thirty base-62 characters, and six more for their CRC-32, so that a scanner can
tell a real key from a look-alike without asking anybody.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

MODES = ("live", "test")

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM = 30
_CHECKSUM = 6
_SHAPE = re.compile(rf"fc_(?:live|test)_([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECKSUM}}})")


def new_token(mode: str) -> str:
    """A new token; *mode* is ``live`` or ``test``."""
    secret = "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM))
    return f"fc_{mode}_{secret}{_checksum(secret)}"


def token_of(mode: str, secret: bytes) -> str:
    """The token that *secret* makes, 256 bits that nobody can guess: always the same."""
    number = int.from_bytes(secret, "big")
    digits = ""
    for _ in range(_RANDOM):
        number, digit = divmod(number, len(_DIGITS))
        digits += _DIGITS[digit]
    return f"fc_{mode}_{digits}{_checksum(digits)}"


def hash_of(token: str) -> bytes | None:
    """SHA-256 of *token*, by which the database knows it; None where it is none by shape or checksum."""
    found = _SHAPE.fullmatch(token)
    if found is None or _checksum(found[1]) != found[2]:
        return None
    return hashlib.sha256(token.encode()).digest()


def hint(token: str) -> str:
    """What may be shown of a token: its last four characters."""
    return token[-4:]


def _checksum(secret: str) -> str:
    number = zlib.crc32(secret.encode())
    digits = ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
