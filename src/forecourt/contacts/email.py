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
# Every character beyond ASCII that NFC makes an ASCII one. Whoever writes a Kelvin sign for a K would be taken
# for the customer who owns the K.
_DISGUISED = re.compile("[\u037e\u1fef\u212a]")
_LONGEST = 254
_LONGEST_LOCAL = 64


class NotAnEmail(ValueError):
    """The text is no e-mail address; the message says so without repeating it."""


class EmailAddress(msgspec.Struct, frozen=True):
    """An e-mail address.

    Attributes:
        given: as it was sent, in NFC and without the space around it; mail goes there.
        normalised: by which it is matched and searched. The domain is in ASCII (IDNA) and lower case. The case of
            the part before the ``@`` does not count where all of it is ASCII, and counts otherwise; a plus-tag
            counts. So two different addresses never share one.
    """

    given: str
    normalised: str


def read_email(text: str) -> EmailAddress:
    """The address that *text* is.

    Domains for examples and tests are taken (``example.com``, RFC 6761's ``.test``); quoted names, addresses in
    brackets and domains without a dot (but ``test`` itself) are not.

    Raises:
        NotAnEmail: it is none.
    """
    text = text.strip()
    # Before anything that takes longer for longer text: normalising is quadratic in marks on one letter.
    if len(text) > _LONGEST:
        raise NotAnEmail(f"must be an e-mail address of at most {_LONGEST} characters")
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary is not None and _is_plain(text, ordinary[1]):
        return EmailAddress(text, text.lower())
    return _by_library(text)


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


def _by_library(text: str) -> EmailAddress:
    if _DISGUISED.search(text):
        raise NotAnEmail("must be an e-mail address without characters that only look like others")
    text = unicodedata.normalize("NFC", text)
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise NotAnEmail("must be an e-mail address, such as mia@example.com") from None
    local = found.local_part.lower() if found.local_part.isascii() else found.local_part
    domain = found.ascii_domain or found.domain
    return EmailAddress(text, f"{local}@{domain.lower()}")
