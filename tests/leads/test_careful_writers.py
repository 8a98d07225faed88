"""Fifty clients that read, add one and write with If-Match, two hundred times each: nothing is ever lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.leads.asking import LEADS, created, history, put, read

if TYPE_CHECKING:
    import httpx

CAREFUL_LEADS = 20
CAREFUL_CLIENTS = 50
CAREFUL_UPDATES = 200


@pytest.mark.timeout(900)
async def test_with_a_precondition_no_read_and_write_is_lost(api: httpx.AsyncClient) -> None:
    lead_ids = [(await created(api, fields={"count": 0}))["id"] for _ in range(CAREFUL_LEADS)]

    async def add_one(lead_id: int) -> int:
        """How often somebody else was faster."""
        for missed in range(1_000):
            seen = await api.get(f"{LEADS}/{lead_id}")
            fields = {"count": seen.json()["fields"]["count"] + 1}
            answer = await put(api, lead_id, {"If-Match": seen.headers["etag"]}, fields=fields)
            if answer.status_code == 200:
                return missed
            assert answer.status_code == 412
        raise AssertionError

    async def client(number: int) -> int:
        return sum(
            [await add_one(lead_ids[(number * 7 + turn) % CAREFUL_LEADS]) for turn in range(CAREFUL_UPDATES)]
        )

    missed = await asyncio.gather(*(client(number) for number in range(CAREFUL_CLIENTS)))

    # Had nobody ever been faster, this would have tested nothing.
    assert sum(missed) > 0
    total = 0
    for lead_id in lead_ids:
        lead, told = await read(api, lead_id), await history(api, lead_id)
        counts = [event["changes"]["fields"]["to"]["count"] for event in told]
        assert counts == list(range(lead["fields"]["count"] + 1))
        assert [event["version"] for event in told] == list(range(1, lead["version"] + 1))
        total += lead["fields"]["count"]
    assert total == CAREFUL_CLIENTS * CAREFUL_UPDATES
