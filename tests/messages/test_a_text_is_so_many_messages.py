"""Segments of text messages, counted as networks count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.messages.segments import segments_of

_GSM = "abc XYZ 019 @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n"
_TWO_SEPTETS = "^{}\\[~]|€"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # An escape and what it escapes are not cut in two: 76 of them are 152 septets.
        ("€" * 153, "GSM-7", 306, 3),
        ("ö" * 160, "GSM-7", 160, 1),
        ("ç" * 70, "UCS-2", 70, 1),
        ("ç" * 71, "UCS-2", 71, 2),
        ("a" * 69 + "’", "UCS-2", 70, 1),
        ("🚗" * 35, "UCS-2", 70, 1),
        ("🚗" * 36, "UCS-2", 72, 2),
        # Nor is a character of two units: 33 of them are 66.
        ("🚗" * 67, "UCS-2", 134, 3),
    ],
)
def test_known_lengths(text: str, encoding: str, units: int, count: int) -> None:
    found = segments_of(text)

    assert (found.encoding, found.units, found.count) == (encoding, units, count)


@given(
    st.text(st.sampled_from(_GSM + _TWO_SEPTETS), max_size=700),
    st.text(st.sampled_from("’ç🚗中"), max_size=3),
)
def test_it_is_enough_and_not_too_much(plain: str, beyond: str) -> None:
    text = plain + beyond
    found = segments_of(text)
    alone, together = (160, 153) if found.encoding == "GSM-7" else (70, 67)

    assert (found.encoding == "GSM-7") == (beyond == "")
    if found.encoding == "GSM-7":
        assert found.units == len(text) + sum(letter in _TWO_SEPTETS for letter in text)
    else:
        assert found.units == len(text.encode("utf-16-le")) // 2
    if found.units <= alone:
        assert found.count == 1
    else:
        # Each piece holds all of its room, but for one unit where a character would have been cut.
        assert (found.count - 1) * (together - 1) < found.units <= found.count * together


@given(st.text(max_size=400), st.text(max_size=50))
def test_more_text_is_never_fewer_messages(text: str, more: str) -> None:
    assert segments_of(text).count <= segments_of(text + more).count
