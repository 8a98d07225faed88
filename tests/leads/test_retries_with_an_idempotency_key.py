"""A retry with its Idempotency-Key does nothing a second time and is answered as the first was."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.conftest import bearer
from tests.leads.asking import LEADS, REQUIRED, created, problems, put, read

if TYPE_CHECKING:
    import httpx

    from tests.world import World


async def versions(api: httpx.AsyncClient, lead_id: int) -> list[int]:
    events = (await api.get(f"{LEADS}/{lead_id}/events")).json()["events"]
    return [event["version"] for event in events]


async def test_a_retry_gets_the_same_answer_and_changes_nothing(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "once"}

    first = await put(api, lead_id, key, message="one", surprise=1)
    # What happens in between does not show in the retry's answer.
    await put(api, lead_id, message="two")
    again = await put(api, lead_id, key, message="one", surprise=1)

    assert (first.status_code, "idempotency-replay" in first.headers) == (200, False)
    assert (again.status_code, again.headers["idempotency-replay"]) == (200, "true")
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"] == '"2"'
    assert (await read(api, lead_id))["message"] == "two"
    assert await versions(api, lead_id) == [3, 2, 1]


async def test_a_retry_of_a_creation_creates_no_second_lead(api: httpx.AsyncClient, world: World) -> None:
    key = {"Idempotency-Key": "create"}
    count = (await world.rows("select count(*) from lead"))[0]["count"]

    first, again = [
        await api.post(LEADS, json={"lead": REQUIRED | {"message": "hello"}}, headers=key) for _ in range(2)
    ]

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["idempotency-replay"]) == (first.content, "true")
    assert (await world.rows("select count(*) from lead"))[0]["count"] == count + 1


async def test_a_retry_with_another_payload_is_refused(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "reused"}
    first = await put(api, lead_id, key, message="one")

    other = await put(api, lead_id, key, message="two")

    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert (await read(api, lead_id))["message"] == "one"
    assert (await put(api, lead_id, key, message="one")).content == first.content


async def test_an_update_that_changes_nothing_is_remembered_too(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "nothing"}

    first, again = [await put(api, lead_id, key) for _ in range(2)]

    assert (again.content, again.headers["idempotency-replay"]) == (first.content, "true")
    assert await versions(api, lead_id) == [1]


async def test_a_refusal_is_not_remembered(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "refused"}

    assert list(problems(await put(api, lead_id, key, category="?"))) == ["lead.category"]
    answer = await put(api, lead_id, key, category="Survey")

    assert (answer.status_code, answer.json()["category"]) == (200, "Survey")


async def test_a_dry_run_is_not_remembered(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "dry"}
    body = {"lead": REQUIRED | {"message": "x"}}

    assert (await api.put(f"{LEADS}/{lead_id}?dry_run=true", json=body, headers=key)).status_code == 200
    assert "idempotency-replay" not in (await api.put(f"{LEADS}/{lead_id}", json=body, headers=key)).headers
    assert (await read(api, lead_id))["message"] == "x"


async def test_a_retry_is_answered_though_the_lead_is_too_old_by_now(
    api: httpx.AsyncClient, world: World
) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "late", "If-Match": '"1"'}
    first = await put(api, lead_id, key, message="in time")
    await world.run("update lead set created_at = now() - interval '80 hours' where id = $1", lead_id)

    assert (await put(api, lead_id, key, message="in time")).content == first.content
    assert (await put(api, lead_id, message="anew")).status_code == 400


async def test_a_key_counts_for_its_api_key_its_method_and_its_lead_alone(
    api: httpx.AsyncClient, world: World
) -> None:
    one, two = [(await created(api))["id"] for _ in range(2)]
    key = {"Idempotency-Key": "shared"}
    other = bearer(await world.key())

    answers = [
        await put(api, one, key, message="x"),
        await put(api, two, key, message="y"),
        await put(api, one, key | other, message="z"),
        await api.post(LEADS, json={"lead": REQUIRED}, headers=key),
        await api.post(LEADS, json={"lead": REQUIRED | {"message": "other"}}, headers=key | other),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 201, 201]
    assert not any("idempotency-replay" in answer.headers for answer in answers)


async def test_a_key_is_forgotten_after_72_hours(api: httpx.AsyncClient, world: World) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "forgotten"}
    await put(api, lead_id, key, message="one")
    moved = (
        "update idempotent_answer set created_at = now() - interval '{}' where idempotency_key = 'forgotten'"
    )

    await world.run(moved.format("71 hours 59 minutes"))
    assert "idempotency-replay" in (await put(api, lead_id, key, message="one")).headers

    await world.run(moved.format("72 hours 1 second"))
    answer = await put(api, lead_id, key, message="two")
    assert (answer.status_code, "idempotency-replay" in answer.headers) == (200, False)
    assert "idempotency-replay" in (await put(api, lead_id, key, message="two")).headers


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, "caf\u00e9", '"unclosed'])
async def test_what_is_no_key_is_refused(key: str, api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    answer = await put(api, lead_id, {"Idempotency-Key": key.encode()}, message="x")  # type: ignore[dict-item]  # bytes travel as they are

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-idempotency-key")


async def test_a_key_in_quotes_is_the_same_key(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    bare = await put(api, lead_id, {"Idempotency-Key": "quoted"}, message="x")
    quoted = await put(api, lead_id, {"Idempotency-Key": '"quoted"'}, message="x")

    assert (quoted.content, quoted.headers["idempotency-replay"]) == (bare.content, "true")


async def test_while_the_first_is_under_way_the_retry_is_asked_to_wait(
    api: httpx.AsyncClient, world: World, database_url: str
) -> None:
    lead_id = (await created(api))["id"]
    somebody = await asyncpg.connect(database_url)
    async with somebody.transaction():
        await somebody.execute("select from lead where id = $1 for update", lead_id)
        first = asyncio.create_task(put(api, lead_id, {"Idempotency-Key": '"in flight"'}, message="x"))
        await _until_one_waits(world)

        for message in ("x", "other"):
            early = await put(api, lead_id, {"Idempotency-Key": '"in flight"'}, message=message)
            assert (early.status_code, early.json()["type"]) == (409, "/problems/request-in-flight")
            assert int(early.headers["retry-after"]) >= 1
    await somebody.close()

    answered = await first
    assert answered.status_code == 200
    retry = await put(api, lead_id, {"Idempotency-Key": '"in flight"'}, message="x")
    assert (retry.content, retry.headers["idempotency-replay"]) == (answered.content, "true")


async def _until_one_waits(world: World) -> None:
    while not await world.rows(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    ):
        await asyncio.sleep(0.005)


async def _insisting(send: Any) -> tuple[httpx.Response, int]:
    """Send until the answer is not to wait; the answer, and how often it was."""
    for waits in range(1_000):
        answer: httpx.Response = await send()
        if answer.status_code != 409:
            return answer, waits
        await asyncio.sleep(0.02)
    raise AssertionError


async def test_fifty_at_once_make_one_change(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    async def send() -> httpx.Response:
        return await put(api, lead_id, {"Idempotency-Key": "fifty"}, message="once", tags=["a"])

    answers = [answer for answer, _ in await asyncio.gather(*(_insisting(send) for _ in range(50)))]

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert Counter("idempotency-replay" in answer.headers for answer in answers) == {True: 49, False: 1}
    assert await versions(api, lead_id) == [2, 1]


async def test_fifty_creations_at_once_create_one_lead(api: httpx.AsyncClient, world: World) -> None:
    async def send() -> httpx.Response:
        body = {"lead": REQUIRED | {"email": "fifty@example.com"}}
        return await api.post(LEADS, json=body, headers={"Idempotency-Key": "fifty-creations"})

    answers = [answer for answer, _ in await asyncio.gather(*(_insisting(send) for _ in range(50)))]

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert Counter("idempotency-replay" in answer.headers for answer in answers) == {True: 49, False: 1}
    assert len(await world.rows("select from lead where email = 'fifty@example.com'")) == 1


async def test_no_lock_outlives_its_request(api: httpx.AsyncClient, world: World) -> None:
    lead_id = (await created(api))["id"]
    for fields in ({"message": "x"}, {"message": "x"}, {"message": "y"}, {"category": "?"}):
        await put(api, lead_id, {"Idempotency-Key": "let-go"}, **fields)
    await put(api, lead_id, {"Idempotency-Key": "refused-here", "If-Match": '"9"'})

    held = await world.rows(
        """
        select from pg_locks
        join pg_database on pg_database.oid = pg_locks.database
        where locktype = 'advisory' and datname = current_database()
        """
    )
    assert held == []
