"""Text fields hold what can be shown, in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.leads.asking import created, problems, put, updated

if TYPE_CHECKING:
    import httpx


async def test_text_is_stored_composed_and_without_space_around(api: httpx.AsyncClient) -> None:
    lead = await created(api)

    answer = await updated(api, lead["id"], name="  Zoe\u0308 ", message=" one\r\n\ttwo ")

    assert (answer["name"], answer["message"]) == ("Zo\u00eb", "one\r\n\ttwo")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\nb"),
        ("name", "a\x1bb"),
        ("message", "a\x07b"),
        ("message", "\x85"),
        ("name", "a" + "\u0301" * 31),
        ("message", "\u0301\u0323" * 5_000),
        ("tags", ["a\tb"]),
    ],
)
async def test_what_cannot_be_shown_is_refused(api: httpx.AsyncClient, field: str, value: Any) -> None:
    lead = await created(api)

    answer = await put(api, lead["id"], **{field: value})

    assert answer.status_code == 422
    assert list(problems(answer)) == [f"lead.{field}"]
