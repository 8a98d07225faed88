"""E-mail addresses: which are taken, and when two are the same. Pure."""

from __future__ import annotations

import re
import unicodedata

import msgspec
from email_validator import EmailNotValidError, validate_email

# The ordinary shape, which the library would take too (it needs twenty times as long): checked against it in
# tests/contacts.
_ORDINARY = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,24})"
)
# Names that never belong to a customer (RFC 6761); the library knows the reasons.
_SPECIAL = frozenset({"arpa", "invalid", "local", "localhost", "onion"})
_LONGEST = 254
_LONGEST_LOCAL = 64


class NotAnEmail(ValueError):
    """The text is no e-mail address; the message says so without repeating it."""


class EmailAddress(msgspec.Struct, frozen=True):
    """An e-mail address.

    Attributes:
        given: as it was sent, without the space around it; mail goes there.
        normalised: by which it is matched and searched. The case of ASCII letters does not count, a plus-tag
            does, and two different addresses never share one: letters beyond ASCII are left alone (a Kelvin
            sign is no ``k``).
    """

    given: str
    normalised: str


def read_email(text: str) -> EmailAddress:
    """The address that *text* is.

    Raises:
        NotAnEmail: it is none.
    """
    text = text.strip()
    ordinary = _ORDINARY.fullmatch(text) if len(text) <= _LONGEST else None
    if ordinary is not None and _is_plain(text, ordinary[1]):
        return EmailAddress(text, text.lower())
    if len(text) > _LONGEST:
        raise NotAnEmail(f"must be an e-mail address of at most {_LONGEST} characters")
    text = unicodedata.normalize("NFC", text)
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise NotAnEmail("must be an e-mail address, such as mia@example.com") from None
    local = found.local_part.lower() if found.local_part.isascii() else found.local_part
    domain = found.ascii_domain or found.domain
    return EmailAddress(text, f"{local}@{domain.lower()}")


def loose_email(text: str) -> str | None:
    """The normalised form of *text* where it has one; for what was not to be validated."""
    try:
        return read_email(text).normalised
    except NotAnEmail:
        return None


def _is_plain(text: str, top: str) -> bool:
    local, _, domain = text.partition("@")
    # A label with hyphens in its third and fourth place is encoded Unicode: the library's business.
    return len(local) <= _LONGEST_LOCAL and "--" not in domain and top.lower() not in _SPECIAL
