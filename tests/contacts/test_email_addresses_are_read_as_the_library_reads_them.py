"""Which e-mail addresses are taken, when two are the same, and that the short way gives what the long way does."""

from __future__ import annotations

import string
import unicodedata

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecourt.contacts.email import NotAnEmail, loose_email, read_email

ATOM = st.text(string.ascii_letters + string.digits + "_+-", min_size=1, max_size=12)
LABEL = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=8)
TOP = st.sampled_from(
    ["com", "COM", "au", "museum", "test", "local", "onion", "Invalid", "arpa", "x", "c0m", "co-m"]
)
ORDINARY = st.builds(
    lambda local, labels, top: f"{'.'.join(local)}@{'.'.join([*labels, top])}",
    st.lists(ATOM, min_size=1, max_size=3),
    st.lists(LABEL, min_size=0, max_size=3),
    TOP,
)
# Letters that some way of ignoring case or of normalising takes for one another.
ALIKE = [
    "aA\uff41",
    "kK\u212a",
    "sS\u017f",
    "iI\u0130\u0131",
    "\u00e9\u00c9",
    "\u00e5\u00c5\u212b",
    "\u00df\u1e9e",
    "1",
    ".",
]
WAYS_TO_WRITE_A_NAME = st.lists(st.sampled_from(ALIKE), min_size=1, max_size=4).flatmap(
    lambda alike: st.tuples(*[st.tuples(*map(st.sampled_from, alike)).map("".join)] * 2)
)
SENTENCES = {
    "must be an e-mail address of at most 254 characters",
    "must be an e-mail address without characters that only look like others",
    "must be an e-mail address, such as mia@example.com",
}


def library_says(text: str) -> str | None:
    """The normalised form of an address by the library alone; None where it takes none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    local = found.local_part
    return f"{local.lower() if local.isascii() else local}@{found.ascii_domain}"


@given(ORDINARY)
@example("a@" + "b" * 63 + ".com")
@example("a@" + "b" * 64 + ".com")
@example("a" * 64 + "@example.com")
@example("a" * 65 + "@example.com")
@example("a@" + "b.c" * 83 + ".com")
@example("a@" + "b." * 122 + "museum")
@example("a@xn--mnchen-3ya.de")
@example("a@xn--a.de")
@example("a@ab--cd.com")
@example("a@b--c.com")
@example("INFO@example.com")
@example("a@example.com.")
@settings(max_examples=500)
def test_an_ordinary_address_is_read_as_the_library_reads_it(text: str) -> None:
    assert loose_email(text) == library_says(text)


@pytest.mark.parametrize("name", sorted(SPECIAL_USE_DOMAIN_NAMES))
@pytest.mark.parametrize("before", ["", "example.", "a.b."])
def test_a_domain_that_is_nobodys_is_refused_as_the_library_refuses_it(name: str, before: str) -> None:
    text = f"mia@{before}{name}"

    assert loose_email(text) == library_says(text)


@pytest.mark.parametrize(
    ("sent", "normalised"),
    [
        ("test@test.com", "test@test.com"),
        ("test@example.com", "test@example.com"),
        ("mia@dealer.test", "mia@dealer.test"),
        ("  Mia@Example.COM \n", "mia@example.com"),
        ("mia+cars@example.com", "mia+cars@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("mia@m\u00fcnchen.de", "mia@xn--mnchen-3ya.de"),
        ("mia@M\u00dcNCHEN.de", "mia@xn--mnchen-3ya.de"),
        ("mia@mu\u0308nchen.de", "mia@xn--mnchen-3ya.de"),
        ("mia@xn--mnchen-3ya.de", "mia@xn--mnchen-3ya.de"),
        ("M\u00fcller@Example.com", "M\u00fcller@example.com"),
        ("\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a", "\u7528\u6237@xn--fsqu00a.xn--4rr70v"),
    ],
)
def test_an_address_is_matched_by_its_normalised_form(sent: str, normalised: str) -> None:
    address = read_email(sent)

    assert address.normalised == normalised
    assert address.given == unicodedata.normalize("NFC", sent.strip())
    assert read_email(address.given) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "not-an-email",
        "@example.com",
        "mia@",
        "mia@localhost",
        "mia@example",
        "mia@@example.com",
        "mia@exam ple.com",
        "mia wong@example.com",
        "mia@example..com",
        "mia@-example.com",
        "mia@example.com.",
        ".mia@example.com",
        "mia.@example.com",
        '"mia wong"@example.com',
        "mia@[127.0.0.1]",
        "Mia <mia@example.com>",
        "mailto:mia@example.com>",
        "mia@example.com\nBcc: all@example.com",
        "mia@example.com, max@example.com",
        "mia\x00@example.com",
        "mia@exam\x00ple.com",
        "mia\u202e@example.com",
        "mia\u200b@example.com",
        "\ud800@example.com",
        "\u212aim@example.com",
        "mia@\u212aids.com",
        "mia\u037e@example.com",
        "mia\u1fef@example.com",
        "a" * 250 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(NotAnEmail) as refused:
        read_email(text)

    assert str(refused.value) in SENTENCES
    assert loose_email(text) is None


def test_no_character_becomes_an_ascii_one_by_being_normalised() -> None:
    every = map(chr, range(0x80, 0x110000))
    disguised = [each for each in every if any(map(str.isascii, unicodedata.normalize("NFC", each)))]

    assert [each for each in disguised if loose_email(f"a{each}b@example.com") is not None] == []


@given(WAYS_TO_WRITE_A_NAME)
@example(("Kim", "\u212aim"))
@example(("i", "\u0130"))
@example(("ss", "\u00df"))
@settings(max_examples=500)
def test_two_names_share_a_normalised_form_only_by_the_case_of_ascii_letters(names: tuple[str, str]) -> None:
    one, other = (loose_email(f"{name}@example.com") for name in names)
    first, second = names

    if one is None or other is None:
        return
    if first.isascii() or second.isascii():
        assert (one == other) == (first.isascii() and second.isascii() and first.lower() == second.lower())
    else:
        assert (one == other) == (unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", second))


@given(WAYS_TO_WRITE_A_NAME)
@example(("ss", "\u00df"))
@example(("a", "\uff41"))
@settings(max_examples=300)
def test_two_domains_are_one_only_where_the_name_service_says_so(names: tuple[str, str]) -> None:
    one, other = (loose_email(f"mia@{name}.com") for name in names)
    first, second = (library_says(f"x@{name}.com") for name in names)

    if one is not None and other is not None:
        assert (one == other) == (first == second)


@given(st.text(max_size=300) | st.text("@.a\u0301-\ud800\x00\u3002", max_size=40))
@settings(max_examples=300)
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    normalised = loose_email(text)

    assert normalised is None or read_email(normalised).normalised == normalised


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "evil",
    ["a", "@", ".", "a.", "a@", "-", " ", "a@a.", "a@-", "\u0315\u0300", "\u00ad", "a@\u0315\u0300", '"\\'],
)
def test_a_million_evil_characters_are_refused_in_no_time(evil: str) -> None:
    for text in (evil * (2**20 // len(evil)), f"a{evil * 2**18}@example.com", f"a@{evil * 2**18}.com"):
        assert loose_email(text) is None
