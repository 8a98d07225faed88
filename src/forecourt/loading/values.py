"""Reads one value of a row: whatever JSON or CSV holds, to what the column holds. Pure."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from forecourt.access.roles import ROLES

# The largest integer that every reader of JSON keeps exact, and far below the end of PostgreSQL's bigint: ids
# are handed out after the largest one that was given, and must not run out there.
MAX_ID = 2**53 - 1
MAX_LINE = 255
MAX_URL = 2_048
MAX_SLUG = 100

# numeric(12, 2) of the schema.
_MAX_MONEY = Decimal("9999999999.99")
_CENT = Decimal("0.01")
# Longer than any price that fits, shorter than what would be slow to read.
_MAX_MONEY_TEXT = 32
# The first car, and a model year that is announced well ahead.
_YEARS = range(1885, 2101)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,16}")
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


class Unfit(ValueError):
    """A value does not fit its column.

    Attributes:
        message: what is wrong and what is allowed, without the value.
        field: the column where the reader knows it better than who asked.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def blank(value: object) -> bool:
    """Whether *value* says nothing: null, or text of nothing but space."""
    return value is None or (isinstance(value, str) and not value.strip())


def identifier(value: object) -> int:
    """An id: an integer from 1 to 2^53 - 1, as a number or in digits.

    Raises:
        Unfit: it is something else.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_ID:
        raise Unfit(f"must be an integer from 1 to {MAX_ID}")
    return value


def line(value: object, longest: int = MAX_LINE) -> str:
    """One line of text, in NFC and without space around it; an integer is taken as its digits.

    Raises:
        Unfit: it is something else, is longer than *longest* characters or holds control characters.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_ID:
        return str(value)
    if not isinstance(value, str):
        raise Unfit("must be text")
    if len(value) > longest:
        raise Unfit(f"must have at most {longest} characters")
    text = value.strip()
    if _CONTROL.search(text):
        raise Unfit("must not contain control characters or line ends")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def url(value: object) -> str:
    """An address on the web, kept as it is.

    Raises:
        Unfit: it is no text, or longer than 2,048 characters.
    """
    return line(value, MAX_URL)


def slug(value: object) -> str:
    """A slug: letters, digits, full stop, underscore, tilde and hyphen.

    Raises:
        Unfit: it is something else.
    """
    text = line(value, MAX_SLUG)
    if not _SLUG.fullmatch(text):
        raise Unfit("must be made of letters, digits, full stops, underscores and hyphens")
    return text


def dealership_slug(value: object) -> str:
    """A slug that cannot be taken for an id, since addresses hold either.

    Raises:
        Unfit: it is no slug, or of digits only.
    """
    text = slug(value)
    if text.isdigit():
        raise Unfit("must not be of digits only: it would be taken for an id")
    return text


def slug_of(text: str) -> str | None:
    """The slug that *text* suggests; None where it suggests none, or one that would be taken for an id."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = _NOT_IN_A_SLUG.sub("-", plain).strip("-")[:MAX_SLUG].strip("-")
    return None if not found or found.isdigit() else found


def slug_in(text: str) -> str:
    """The slug that *text* is, or else the one that it suggests as a name."""
    return text if _SLUG.fullmatch(text) else slug_of(text) or ""


def email(value: object) -> str:
    """An e-mail address of the staff, in lower case.

    Raises:
        Unfit: it has not the form of one.
    """
    text = line(value).lower()
    # PostgreSQL may know letters that Python does not know yet, and would find them not in lower case.
    unknown = any(unicodedata.category(letter) == "Cn" for letter in text)
    if unknown or not _EMAIL.fullmatch(text):
        raise Unfit("must be an e-mail address")
    return text


def role(value: object) -> str:
    """What a user may do at the row's dealerships.

    Raises:
        Unfit: it is no role.
    """
    text = line(value).lower().replace(" ", "_").replace("-", "_")
    if text not in ROLES:
        raise Unfit(f"must be one of {', '.join(ROLES)}")
    return text


def timezone(value: object) -> str:
    """A time zone by its name in the IANA database.

    Raises:
        Unfit: there is none of that name.
    """
    text = line(value)
    try:
        ZoneInfo(text)
    # A name that reads as a folder or climbs out of the database is answered with other errors than unknown ones.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit("must be a time zone of the IANA database, as in Australia/Brisbane") from None
    return text


def country(value: object) -> str:
    """A country by its ISO 3166-1 alpha-2 code, one whose telephone numbers can be read.

    Raises:
        Unfit: it is something else.
    """
    text = line(value).upper()
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise Unfit("must be a country's two-letter code, as in AU")
    return text


def year(value: object) -> int:
    """The year of a car.

    Raises:
        Unfit: it is no integer from 1885 to 2100.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value not in _YEARS:
        raise Unfit(f"must be a year from {_YEARS.start} to {_YEARS.stop - 1}")
    return value


def money(value: object) -> Decimal:
    """An amount, exact to the cent; text may have a dollar sign and commas between thousands.

    Raises:
        Unfit: it is something else, negative, or finer than a cent.
    """
    if isinstance(value, str):
        value = value.strip().removeprefix("$").replace(",", "")
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise Unfit("must be an amount, as in 45990 or 45990.50")
    if isinstance(value, str) and (not value.isascii() or "_" in value or len(value) > _MAX_MONEY_TEXT):
        raise Unfit("must be an amount, as in 45990 or 45990.50")
    try:
        # A float is told by its shortest digits: what was written, not what it is in binary.
        amount = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise Unfit("must be an amount, as in 45990 or 45990.50") from None
    if not amount.is_finite() or not 0 <= amount <= _MAX_MONEY:
        raise Unfit(f"must be an amount from 0 to {_MAX_MONEY:,}")
    if amount != amount.quantize(_CENT):
        raise Unfit("must have at most two decimals")
    return abs(amount.quantize(_CENT))
