"""Telephone numbers: which are taken, and when two are the same. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import phonenumbers

if TYPE_CHECKING:
    from collections.abc import Iterator

# Four digits at least with what people put between them, and an extension at the end.
_SHAPE = re.compile(
    r"[+( ]{0,4}(?:[0-9][ ().\-/]*){4,20}(?:(?:x|ext\.?|extension|#) *[0-9]{1,7})?", re.ASCII | re.IGNORECASE
)
_BETWEEN = str.maketrans("", "", " ()-./")
# Marks of direction and empty spaces: nobody sees them, and they come with every number that is copied out of
# a telephone's contacts.
_UNSEEN = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)
# What word processors and other keyboards put for a plus, a bracket, a hyphen or a space.
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000", " ")
    | {"\uff0b": "+", "\uff08": "(", "\uff09": ")", "\uff0e": "."}
)
_LONGEST = 64
# Where a trunk zero and the number's own digits are all there is to a national number.
_TRUNK_ZERO = {"AU": "61", "NZ": "64"}


class NotAPhone(ValueError):
    """The text is no telephone number; the message says so without repeating it."""


class PhoneNumber(msgspec.Struct, frozen=True):
    """A telephone number.

    Attributes:
        given: as it was sent, in NFC and without the space around it.
        e164: by which it is matched and searched, where it is a valid number; else None: it is possible, and no
            more. An extension is no part of it.
    """

    given: str
    e164: str | None


def read_phone(text: str, country: str) -> PhoneNumber:
    """The number that *text* is, read in *country* (ISO 3166-1 alpha-2, upper case).

    It must look like one: at least four digits, with a ``+`` before, spaces, hyphens, dots, slashes and brackets
    between, an extension after, and nothing else. Then what could be dialled is taken:

    - a valid number, by the library's numbering plans: ``0412 345 678``, ``(07) 3000 0000``, ``1300 123 456``,
      ``13 11 14``, ``+64 21 123 456``, ``0061 412 345 678``;
    - one that is only possible, because its length is, though no such number is given out: ``041000000`` in
      Australia, the contract's own example, or ``3000 0000``, where the area is left out.

    Refused is all else: ``123``, ``call me``, ``1800 FLOWERS``, two numbers in one. A country that does not exist
    leaves the numbers that begin with ``+``.

    Raises:
        NotAPhone: it is neither.
    """
    text = text.strip()
    # Before anything that takes longer for longer text: normalising is quadratic in marks on one letter.
    if len(text) > _LONGEST:
        raise NotAPhone(f"must be a telephone number of at most {_LONGEST} characters")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_UNSEEN)).strip()
    plain = _plain(text)
    if not _SHAPE.fullmatch(plain):
        raise NotAPhone("must be a telephone number: digits, with an optional + and spaces between them")
    return PhoneNumber(text, _ordinary(plain, country) or _by_library(plain, country))


def loose_phone(text: str, country: str) -> str | None:
    """The E.164 form of *text* where it has one; for what was not to be validated."""
    try:
        return read_phone(text, country).e164
    except NotAPhone:
        return None


def _plain(text: str) -> str:
    """*text* in the characters of a telephone's own keys, where it has them."""
    if text.isascii():
        return text.replace("\t", " ")
    ascii_digits = (str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
    return "".join(ascii_digits).translate(_TYPOGRAPHY)


def _ordinary(plain: str, country: str) -> str | None:
    """The E.164 form of an ordinary mobile or landline number of Australia or New Zealand; None of others.

    By the library's own patterns, but without its way through all the notations of the world.
    """
    calling_code = _TRUNK_ZERO.get(country)
    if calling_code is None:
        return None
    digits = plain.translate(_BETWEEN)
    if digits.startswith("0"):
        national = digits[1:]
    elif digits.startswith(f"+{calling_code}"):
        national = digits[1 + len(calling_code) :]
    else:
        return None
    return f"+{calling_code}{national}" if _national(country).fullmatch(national) else None


@lru_cache(maxsize=len(_TRUNK_ZERO))
def _national(country: str) -> re.Pattern[str]:
    """The mobile and landline numbers of a country, without the trunk zero."""
    known = phonenumbers.PhoneMetadata.metadata_for_region(country)
    kinds = (known.mobile, known.fixed_line) if known else ()
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in kinds if kind), re.ASCII)


def _by_library(plain: str, country: str) -> str | None:
    """The E.164 form of a valid number, None of one that is only possible.

    Raises:
        NotAPhone: it is neither.
    """
    readings = list(_readings(plain, country))
    for number in readings:
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not readings:
        raise NotAPhone("must be a telephone number that can be dialled")
    if not any(map(phonenumbers.is_possible_number, readings)):
        raise NotAPhone("is too short or too long for a telephone number")
    return None


def _readings(plain: str, country: str) -> Iterator[phonenumbers.PhoneNumber]:
    # 00 is how most of the world writes +, also to countries that dial something else (0011 in Australia).
    for dialled in (plain, f"+{plain[2:]}") if plain.startswith("00") else (plain,):
        try:
            number = phonenumbers.parse(dialled, country)
        except phonenumbers.NumberParseException:
            continue
        # Nothing but zeros is a form filled in to get past it.
        if number.national_number:
            yield number


def shown_phone(e164: str, country: str) -> str:
    """A number as people in *country* write it: ``0412 345 678`` at home, ``+64 21 123 456`` abroad."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_number(number) == country
    kind = (
        phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, kind)


def takes_texts(e164: str) -> bool:
    """Whether text messages can reach a number, by the library's numbering plans."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return False
    return kind in {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
