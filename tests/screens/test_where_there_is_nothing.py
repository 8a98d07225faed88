"""Addresses that lead nowhere: a page for people, a problem document for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

_PAGE = {"Accept": "text/html,application/xhtml+xml"}


async def test_whoever_is_signed_in_is_told_so_on_a_page_that_leads_on(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/no/such/page", headers=_PAGE)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing under this address" in answer.text
    assert 'href="/settings"' in answer.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/no/such/page", {}), ("/no/such/page", {"Accept": "*/*"}), ("/api/v1/nothing", _PAGE)],
)
async def test_programs_get_a_problem_document(
    api: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await api.get(path, headers=headers)

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


async def test_a_phone_gets_everywhere(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/more")

    assert answer.status_code == 200
    for leads_to in ("/?view=unassigned", "/reports", "/profile", "/docs"):
        assert f'href="{leads_to}"' in answer.text
