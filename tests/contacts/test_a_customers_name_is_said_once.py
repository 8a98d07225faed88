"""First and last name in one, however they were filled in."""

from __future__ import annotations

import pytest

from forecourt.contacts.names import whole_name


@pytest.mark.parametrize(
    ("name", "last_name", "whole"),
    [
        ("Mia", "Chen", "Mia Chen"),
        ("Mia Chen", "Chen", "Mia Chen"),
        ("Mia CHEN", "Chen", "Mia CHEN"),
        ("Mia", None, "Mia"),
        (None, "Chen", "Chen"),
        (None, None, ""),
        ("", "", ""),
    ],
)
def test_a_customers_name_is_said_once(name: str | None, last_name: str | None, whole: str) -> None:
    assert whole_name(name, last_name) == whole
