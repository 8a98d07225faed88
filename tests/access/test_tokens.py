"""Tokens: told from look-alikes without asking anybody."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from forecourt.access import tokens


def test_a_token_has_its_prefix_and_is_never_twice_the_same() -> None:
    made = {tokens.new_token("live") for _ in range(1_000)}

    assert len(made) == 1_000
    assert all(token.startswith("fc_live_") and len(token) == 44 for token in made)
    assert tokens.new_token("test").startswith("fc_test_")


def test_every_single_wrong_character_is_caught_offline() -> None:
    token = tokens.new_token("live")
    assert tokens.hash_of(token)

    for place in range(len(token)):
        for character in string.ascii_letters + string.digits + "_":
            if character != token[place]:
                assert tokens.hash_of(token[:place] + character + token[place + 1 :]) is None or (
                    token[:8] != "fc_live_"
                )


@given(st.text(max_size=100))
def test_no_other_text_is_a_token(text: str) -> None:
    assert tokens.hash_of(text) is None
