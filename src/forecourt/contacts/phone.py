"""Telephone numbers: which are taken, and when two are the same. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec
import phonenumbers

# Digits and what people put between them; an extension at the end.
_SHAPE = re.compile(
    r"\+?[0-9][0-9\s().\-/]{3,39}(?:\s*(?:x|ext\.?|extension|#)\s*[0-9]{1,7})?", re.IGNORECASE
)
_BETWEEN = str.maketrans("", "", " ()-./\t")
_LONGEST = 64
# Where a trunk zero and the number's own digits are all there is to a national number.
_TRUNK_ZERO = {"AU": "61", "NZ": "64"}


class NotAPhone(ValueError):
    """The text is no telephone number; the message says so without repeating it."""


class PhoneNumber(msgspec.Struct, frozen=True):
    """A telephone number.

    Attributes:
        given: as it was sent, without the space around it.
        e164: by which it is matched and searched, where it is a valid number; else None.
    """

    given: str
    e164: str | None


def read_phone(text: str, country: str) -> PhoneNumber:
    """The number that *text* is, read in *country* (ISO 3166-1 alpha-2).

    Taken is what could be dialled: a valid number (``0412 345 678``, ``+64 21 123 456``, ``13 11 14``), or one
    that is possible by its length though no such number is given out (``041000000``, the contract's own
    example), which has no E.164 form here.

    Raises:
        NotAPhone: it is neither (``123``, ``call me``).
    """
    text = text.strip()
    ordinary = _ordinary(text, country)
    if ordinary is not None:
        return PhoneNumber(text, ordinary)
    text = unicodedata.normalize("NFC", text)
    if len(text) > _LONGEST or not _SHAPE.fullmatch(text):
        raise NotAPhone("must be a telephone number: digits, with an optional + and spaces between them")
    # 00 is how most of the world writes +; where it is not (0011 in Australia), the library knows.
    dialled = f"+{text[2:]}" if text.startswith("00") and not text.startswith("001") else text
    try:
        number = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        raise NotAPhone("must be a telephone number that can be dialled") from None
    if not phonenumbers.is_possible_number(number):
        raise NotAPhone("is too short or too long for a telephone number")
    if not phonenumbers.is_valid_number(number):
        return PhoneNumber(text, None)
    return PhoneNumber(text, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def loose_phone(text: str, country: str) -> str | None:
    """The E.164 form of *text* where it has one; for what was not to be validated."""
    try:
        return read_phone(text, country).e164
    except NotAPhone:
        return None


def _ordinary(text: str, country: str) -> str | None:
    """The E.164 form of an ordinary mobile or landline number of Australia or New Zealand; None of others.

    By the library's own patterns, but without its way through all the notations of the world.
    """
    calling_code = _TRUNK_ZERO.get(country)
    if calling_code is None or len(text) > _LONGEST:
        return None
    digits = text.translate(_BETWEEN)
    if not digits.isascii():
        return None
    if digits.startswith("0") and digits[1:].isdigit():
        national = digits[1:]
    elif digits.startswith(f"+{calling_code}") and text.startswith("+") and digits[3:].isdigit():
        national = digits[3:]
    else:
        return None
    return f"+{calling_code}{national}" if _national(country).fullmatch(national) else None


@lru_cache(maxsize=len(_TRUNK_ZERO))
def _national(country: str) -> re.Pattern[str]:
    """The mobile and landline numbers of a country, without the trunk zero."""
    known = phonenumbers.PhoneMetadata.metadata_for_region(country)
    kinds = (known.mobile, known.fixed_line) if known else ()
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in kinds if kind))
