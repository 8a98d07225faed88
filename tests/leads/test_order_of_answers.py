"""Where several things are wrong at once, the answer is the first of the contract's order."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.access import tokens
from tests.conftest import bearer
from tests.leads.asking import LEADS, REQUIRED, created, read

if TYPE_CHECKING:
    import httpx

    from tests.world import World

# What is wrong -> how that is answered: status, and the problem's type. In the order of the answers.
ANSWERS = {
    "malformed id": (404, "lead-not-found"),
    "unknown key": (401, "unauthorised"),
    "no such lead": (404, "lead-not-found"),
    "permission missing": (401, "permission-missing"),
    "key of another payload": (422, "idempotency-key-reused"),
    "version moved": (412, "version-mismatch"),
    "body does not fit": (422, "invalid"),
    "too old": (400, "lead-too-old"),
}
IMPOSSIBLE = {("malformed id", "no such lead"), ("malformed id", "too old"), ("no such lead", "too old")}


@pytest.fixture(scope="module")
async def request_with(api: httpx.AsyncClient, world: World) -> Any:
    """Make a request with some things wrong."""
    lead_ids = {age: (await created(api))["id"] for age in ("young", "old")}
    powerless = await world.key(permissions=["read:lead"])
    for token in (world.token, powerless):
        for lead_id in lead_ids.values():
            await world.run(
                """
                insert into idempotent_answer
                select id, $2, 'used', 'x', $3, 200, '{"version":1}' from api_key where token_hash = $1
                """,
                tokens.hash_of(token),
                f"PUT {LEADS}/{lead_id}",
                lead_id,
            )
    await world.run("update lead set created_at = now() - interval '80 hours' where id = $1", lead_ids["old"])

    async def request(wrong: tuple[str, ...]) -> httpx.Response:
        lead_id: int | str = lead_ids["old" if "too old" in wrong else "young"]
        if "no such lead" in wrong:
            lead_id = 999_999
        if "malformed id" in wrong:
            lead_id = "1x"
        token = powerless if "permission missing" in wrong else world.token
        if "unknown key" in wrong:
            token = tokens.new_token("live")
        headers = bearer(token)
        if "key of another payload" in wrong:
            headers["Idempotency-Key"] = "used"
        if "version moved" in wrong:
            headers["If-Match"] = '"99"'
        body = {"lead": REQUIRED | ({"category": "?"} if "body does not fit" in wrong else {})}
        return await api.put(f"{LEADS}/{lead_id}", json=body, headers=headers)

    return request


@pytest.mark.parametrize("wrong", ANSWERS)
async def test_each_is_answered_for_itself(wrong: str, request_with: Any) -> None:
    answer = await request_with((wrong,))

    assert (answer.status_code, answer.json()["type"]) == (
        ANSWERS[wrong][0],
        f"/problems/{ANSWERS[wrong][1]}",
    )


@pytest.mark.parametrize(
    ("earlier", "later"), [pair for pair in combinations(ANSWERS, 2) if pair not in IMPOSSIBLE]
)
async def test_the_earlier_answer_wins(earlier: str, later: str, request_with: Any) -> None:
    answer = await request_with((earlier, later))

    assert (answer.status_code, answer.json()["type"]) == (
        ANSWERS[earlier][0],
        f"/problems/{ANSWERS[earlier][1]}",
    )


@pytest.mark.parametrize("first", range(len(ANSWERS)))
async def test_where_all_is_wrong_from_here_on_the_first_is_answered(first: int, request_with: Any) -> None:
    wrong = tuple(ANSWERS)[first:]

    answer = await request_with(wrong)

    assert answer.status_code == ANSWERS[wrong[0]][0]
    assert answer.json()["type"] == f"/problems/{ANSWERS[wrong[0]][1]}"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"x", "text/plain", 415),
        (b'{"lead":1,"lead":2}', "application/json", 400),
        (b'{"lead":"' + b"x" * 2**20 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_cannot_be_read_tells_no_more_about_a_lead_than_one_that_can(
    body: bytes, content_type: str, status: int, api: httpx.AsyncClient, world: World
) -> None:
    lead_id = (await created(api))["id"]

    async def status_of(identifier: object, **headers: str) -> int:
        answer = await api.put(
            f"{LEADS}/{identifier}", content=body, headers={"Content-Type": content_type} | headers
        )
        return answer.status_code

    assert await status_of("x") == 404
    assert await status_of(lead_id, **bearer(tokens.new_token("live"))) == 401
    assert await status_of(999_999) == 404
    assert await status_of(lead_id, **bearer(world.their_token)) == 404
    assert await status_of(lead_id, **{"If-Match": '"9"'}) == 412
    assert await status_of(lead_id) == status


@pytest.mark.parametrize(
    "malformed",
    [
        "0",
        "-1",
        "+1",
        "01",
        "1.0",
        "1e3",
        "0x1",
        "١",
        "1 ",
        "%201",
        "9" * 19,
        "9" * 400,
        "null",
        "1;",
        "1%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_what_is_no_id_is_no_lead(method: str, malformed: str, api: httpx.AsyncClient) -> None:
    await created(api)

    answer = await api.request(method, f"{LEADS}/{malformed}", json={"lead": REQUIRED})

    assert (answer.status_code, answer.json()["error"]) == (404, "Lead NOT found")


async def test_a_refused_precondition_tells_the_current_version(api: httpx.AsyncClient) -> None:
    lead = await created(api)
    refused = await api.put(
        f"{LEADS}/{lead['id']}",
        json={"lead": REQUIRED | {"message": "x"}},
        headers={"If-Match": '"2", W/"1"'},
    )

    assert (refused.status_code, refused.headers["etag"]) == (412, '"1"')
    assert await read(api, lead["id"]) == lead


@pytest.mark.parametrize("precondition", ["1", '"1', "W/1", '"a" "b"', ""])
async def test_a_malformed_precondition_is_never_passed_over(
    precondition: str, api: httpx.AsyncClient
) -> None:
    lead = await created(api)

    answer = await api.put(
        f"{LEADS}/{lead['id']}",
        json={"lead": REQUIRED | {"message": "x"}},
        headers={"If-Match": precondition},
    )

    assert answer.status_code == 400
    assert await read(api, lead["id"]) == lead


@pytest.mark.parametrize("precondition", ['"1"', "*", '"7", "1"'])
async def test_a_precondition_that_holds_lets_the_update_pass(
    precondition: str, api: httpx.AsyncClient
) -> None:
    lead = await created(api)

    answer = await api.put(
        f"{LEADS}/{lead['id']}",
        json={"lead": REQUIRED | {"message": "x"}},
        headers={"If-Match": precondition},
    )

    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
