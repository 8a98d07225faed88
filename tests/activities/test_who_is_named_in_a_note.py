"""Who a note names: whole names before first ones, never a piece of a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forecourt.activities.mentions import Colleague, mentioned

STAFF = [
    Colleague(user_id=1, name="Mia Chen"),
    Colleague(user_id=2, name="Mia Chenoweth"),
    Colleague(user_id=3, name="Jo"),
    Colleague(user_id=4, name="Anh Pham"),
]
WORDS = st.sampled_from(
    ["@Mia", "@Jo", "@anh", "Chen", "jo@jo", "x@Jo", "@Joan", "@", "@Mia Chen", "@ANH PHAM", ",", "\n"]
)


def test_names_are_told_apart() -> None:
    assert mentioned("@Mia Chenoweth and @Mia Chen", STAFF) == [2, 1]
    assert mentioned("@Mia, who of you?", STAFF) == []
    assert mentioned("(@anh) @Anh Pham!", STAFF) == [4]
    assert mentioned("mail x@Jo or @Joan", STAFF) == []


@given(st.lists(WORDS).map(" ".join))
def test_nobody_is_told_twice_and_nobody_who_is_not_named(text: str) -> None:
    found = mentioned(text, STAFF)

    assert len(found) == len(set(found))
    for user_id in found:
        name = next(one.name for one in STAFF if one.user_id == user_id)
        assert f"@{name.split()[0].lower()}" in text.lower()
