"""Signatures by Standard Webhooks 1.0.0: whoever has an endpoint's secret can tell that it was us."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from hashlib import sha256

PREFIX = "whsec_"
# The specification asks for 24 to 64.
_SECRET_BYTES = 32


def new_secret() -> str:
    """A new secret: ``whsec_`` and 32 random bytes in base 64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """What a request is signed with.

    Args:
        secret: as ``new_secret`` makes them.
        message_id: the same in every attempt.
        timestamp: when this attempt is made, in seconds since 1970.
        body: as it is sent.
    """
    signed = hmac.digest(_key(secret), b"%b.%d.%b" % (message_id.encode(), timestamp, body), sha256)
    return "v1," + binascii.b2a_base64(signed, newline=False).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
