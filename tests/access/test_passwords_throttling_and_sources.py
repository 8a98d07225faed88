"""The rules around signing in: which passwords, how slow, and where somebody comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.access.hashing import Hasher, is_outdated
from forecourt.access.passwords import LEAST, problem_with
from forecourt.access.sources import proxies_in, source_of
from forecourt.access.throttle import ACCOUNT, DEVICE, SECOND_FACTOR, SOURCE, Limit, wait_after

if TYPE_CHECKING:
    import ipaddress

MIA = {"email": "mia.kowalski@example.com", "name": "Mia Kowalski"}


@pytest.mark.parametrize(
    "password",
    [
        "",
        "kettle",
        "x" * 300,
        "password12",
        "P@ssw0rd123",
        "Brisbane2024!",
        "forecourt!!",
        "1234567890",
        "9876543210",
        "qwertyuiop",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "mia.kowalski1",
        "Kowalski-2026",
        "mia.kowalski@example.com",
    ],
)
def test_what_everybody_would_try_is_no_password(password: str) -> None:
    assert problem_with(password, **MIA)


@pytest.mark.parametrize(
    "password",
    ["three brown kettles", "Tr0ub4dor&3", "8472910365", "пароль из слов", "x7!Kq2#mZp"],
)
def test_whatever_else_is_long_enough_is_one_without_rules_of_composition(password: str) -> None:
    assert problem_with(password, **MIA) is None


@given(st.text(max_size=LEAST - 1))
def test_what_is_short_is_none(password: str) -> None:
    assert problem_with(password, **MIA)


async def test_a_password_is_kept_as_argon2id_and_is_the_same_on_every_keyboard() -> None:
    hasher = Hasher()
    kept = await hasher.hash("caf\N{LATIN SMALL LETTER E WITH ACUTE} three kettles")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hasher.fits("cafe\N{COMBINING ACUTE ACCENT} three kettles", kept)
    assert not await hasher.fits("cafe three kettles", kept)
    assert not await hasher.fits("anything", None)
    assert not await hasher.fits("forecourt nobody", None)
    assert not is_outdated(kept)
    assert is_outdated(
        "$argon2id$v=19$m=9216,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
    )
    hasher.close()


def tries_within(limit: Limit, seconds: float, began_after: int) -> int:
    """How many tries somebody has who tries as soon as they may, in *seconds* after *began_after* failures."""
    elapsed, tries, failures = 0.0, 0, began_after
    while elapsed < seconds and (limit.ends is None or failures < limit.ends):
        tries += 1
        failures += 1
        elapsed += wait_after(limit, failures)
    return tries


@given(st.integers(min_value=0, max_value=100))
def test_no_quarter_of_an_hour_has_more_than_ten_tries_at_an_account(began_after: int) -> None:
    for limit in (ACCOUNT, DEVICE):
        assert tries_within(limit, 900, began_after) <= 10
    assert tries_within(SECOND_FACTOR, 300, began_after) <= 5


def test_a_hundred_in_a_row_are_the_last() -> None:
    assert tries_within(ACCOUNT, float("inf"), 0) == 100


def test_one_address_never_waits_longer_than_a_minute() -> None:
    assert max(wait_after(SOURCE, failures) for failures in range(10_000)) == 60


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("203.0.113.1", None, "203.0.113.1"),
        # Nobody's word but the proxies' own counts.
        ("203.0.113.1", "198.51.100.7", "203.0.113.1"),
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ("10.0.0.2", "nonsense", "unknown"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("::ffff:203.0.113.1", None, "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        (None, None, "unknown"),
    ],
)
def test_a_source_is_believed_from_our_own_proxies_only(
    peer: str | None, forwarded: str | None, source: str
) -> None:
    assert source_of(peer, forwarded, proxies_in("10.0.0.0/8")) == source


@given(st.ip_addresses(), st.text(max_size=60))
def test_without_proxies_whatever_is_forwarded_changes_nothing(
    peer: ipaddress.IPv4Address | ipaddress.IPv6Address, forwarded: str
) -> None:
    assert source_of(str(peer), forwarded, ()) == source_of(str(peer), None, ())
