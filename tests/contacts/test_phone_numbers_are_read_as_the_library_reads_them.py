"""Which telephone numbers are taken, and that the short way gives what the long way does."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecourt.contacts.phone import NotAPhone, PhoneNumber, loose_phone, read_phone

DIGITS = "0123456789"
BETWEEN = st.sampled_from(["", "", "", " ", "-", ".", " - ", "/"])
STARTS = {
    "AU": [
        "04",
        "02",
        "03",
        "07",
        "08",
        "+614",
        "+61 2",
        "+61(0)4",
        "(04",
        "(+61)4",
        "13",
        "1300",
        "1800",
        "4",
    ],
    "NZ": ["02", "03", "04", "06", "07", "09", "+642", "+64 9", "(09", "0800", "0508", "2", "021"],
}
SENTENCES = {
    "must be a telephone number of at most 64 characters",
    "must be a telephone number: digits, with an optional + and spaces between them",
    "must be a telephone number that can be dialled",
    "is too short or too long for a telephone number",
}
MARKS = "\u202a\u202c\u200e\u2060\ufeff"


@st.composite
def dialled(draw: st.DrawFn, country: str) -> str:
    """What people of *country* type into a form's telephone field."""
    text = draw(st.sampled_from(STARTS[country]))
    for digit in draw(st.text(DIGITS, min_size=4, max_size=11)):
        text += draw(BETWEEN) + digit
    return text.replace("(04", "(04)", 1) if text.startswith("(04") and ")" not in text else text


def library_says(text: str, country: str) -> tuple[str | None] | None:
    """The E.164 form by the library alone, within a tuple; None where no such number is possible."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return (phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),)
    return (None,) if phonenumbers.is_possible_number(number) and number.national_number else None


def we_say(text: str, country: str) -> tuple[str | None] | None:
    try:
        return (read_phone(text, country).e164,)
    except NotAPhone:
        return None


@pytest.mark.parametrize("country", ["AU", "NZ"])
@given(data=st.data())
@settings(max_examples=400)
def test_an_ordinary_number_is_read_as_the_library_reads_it(country: str, data: st.DataObject) -> None:
    text = data.draw(dialled(country))

    said = we_say(text, country)

    # 00 is read as + here, where the library only knows the country's own way out of it.
    assert said == library_says(text, country) or text.startswith("00")


@given(st.integers(10**7, 10**9 - 1), st.sampled_from(["AU", "NZ"]))
@example(412_345_678, "AU")
@example(147_101_234, "AU")
@example(32_345_678, "NZ")
@example(24_099_123, "NZ")
@settings(max_examples=600)
def test_every_national_number_is_read_as_the_library_reads_it(national: int, country: str) -> None:
    for text in (f"0{national}", f"+{phonenumbers.country_code_for_region(country)} {national}"):
        assert we_say(text, country) == library_says(text, country)


@pytest.mark.parametrize("country", ["AU", "NZ", "GB", "US", "DE", "IN"])
@pytest.mark.parametrize("style", [0, 1, 2])
def test_a_countrys_example_numbers_are_valid_however_they_are_written(country: str, style: int) -> None:
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    for kind in kinds:
        number = phonenumbers.example_number_for_type(country, kind)
        assert number is not None

        text = phonenumbers.format_number(number, style)

        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert read_phone(text, country) == PhoneNumber(text, e164)


@pytest.mark.parametrize(
    ("sent", "country", "e164"),
    [
        ("0400 000 000", "AU", "+61400000000"),
        ("(07) 3000 0000", "AU", "+61730000000"),
        ("+61 412 345 678", "AU", "+61412345678"),
        ("(+61) 412 345 678", "AU", "+61412345678"),
        ("+61 (0)412 345 678", "AU", "+61412345678"),
        ("61412345678", "AU", "+61412345678"),
        ("412345678", "AU", "+61412345678"),
        ("0061412345678", "AU", "+61412345678"),
        ("0011 64 21 123 456", "AU", "+6421123456"),
        ("001 212 736 5000", "AU", "+12127365000"),
        ("0412\t345\t678", "AU", "+61412345678"),
        ("1300 123 456", "AU", "+611300123456"),
        ("13 11 14", "AU", "+61131114"),
        ("+64 21 123 456", "AU", "+6421123456"),
        ("07 3000 0000 ext 12", "AU", "+61730000000"),
        ("07 3000 0000x12", "AU", "+61730000000"),
        ("021 123 456", "NZ", "+6421123456"),
        ("+61 412 345 678", "NZ", "+61412345678"),
        ("0061 412 345 678", "NZ", "+61412345678"),
        ("(212) 736-5000", "US", "+12127365000"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+61 412 345 678", "ZZ", "+61412345678"),
        ("0412\u2013345\u2013678", "AU", "+61412345678"),
        ("\uff10\uff14\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "AU", "+61412345678"),
        ("\u0660\u0664\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", "AU", "+61412345678"),
        ("\uff0b61\u00a0412\u00a0345\u00a0678", "AU", "+61412345678"),
    ],
)
def test_a_valid_number_has_an_e164_form(sent: str, country: str, e164: str) -> None:
    assert read_phone(f" {sent}\n", country) == PhoneNumber(sent, e164)


@pytest.mark.parametrize(
    ("sent", "country"),
    [
        ("041000000", "AU"),
        ("04 1000 000", "AU"),
        ("3000 0000", "AU"),
        ("0512 345 678", "AU"),
        ("477 4000", "NZ"),
        ("555-0123", "US"),
    ],
)
def test_a_number_that_is_only_possible_is_kept_as_it_was_sent(sent: str, country: str) -> None:
    assert read_phone(sent, country) == PhoneNumber(sent, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "-",
        "123",
        "12 3",
        "000",
        "0000 000 000",
        "call me",
        "call me on 0412 345 678",
        "0412 345 678 (Mia)",
        "1800 FLOWERS",
        "0412E45678",
        "0412 345 678 / 0413 111 222",
        "0412 345 678, 0413 111 222",
        "0412\n345 678",
        "0412 345 678\x00",
        "04123456789012345",
        "1" * 60,
        "0412 345 678" + " " * 60 + "9",
        "+999 123 456 789",
        "tel:+61412345678",
        "mia@example.com",
        "\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467",
        "\u00b2\u00b3\u00b9\u2074\u2075\u2076\u2077\u2078",
        "\ud8000412345678",
    ],
)
@pytest.mark.parametrize("country", ["AU", "NZ"])
def test_what_nobody_can_dial_is_refused_without_repeating_it(text: str, country: str) -> None:
    with pytest.raises(NotAPhone) as refused:
        read_phone(text, country)

    assert str(refused.value) in SENTENCES
    assert loose_phone(text, country) is None


@pytest.mark.parametrize("text", ["", "no", "au", "ZZ", "AUS", "\u0130"])
def test_a_country_that_does_not_exist_leaves_the_international_numbers(text: str) -> None:
    assert loose_phone("0412 345 678", text) is None
    assert loose_phone("+61 412 345 678", text) == "+61412345678"


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(MARKS)), max_size=8))
@example([(0, "\u202a"), (12, "\u202c")])
def test_marks_that_nobody_sees_are_dropped(marks: list[tuple[int, str]]) -> None:
    text = "0412 345 678"
    for place, mark in marks:
        text = text[:place] + mark + text[place:]

    assert read_phone(text, "AU") == PhoneNumber("0412 345 678", "+61412345678")


@given(
    st.text(max_size=80) | st.text("+0123456789 ()-./x#ext\u0660\uff10\u0301\ud800\n", max_size=70),
    st.sampled_from(["AU", "NZ", "US", "DE", "JP", "ZZ"]),
)
@settings(max_examples=400)
def test_any_text_is_a_number_or_is_refused(text: str, country: str) -> None:
    e164 = loose_phone(text, country)

    assert e164 is None or read_phone(e164, country).e164 == e164


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "evil", ["0", "+", "(", "0 ", " ", "0(", "#", "0x", "\u0315\u0300", "\uff10", "\u202e", "0\u0301", "00"]
)
def test_a_million_evil_characters_are_refused_in_no_time(evil: str) -> None:
    for text in (evil * (2**20 // len(evil)), f"0412345678{evil * 2**18}", f"+61{evil * 2**18}4"):
        assert loose_phone(text, "AU") is None or evil == " "
