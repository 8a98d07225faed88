"""What a lead refers to is its dealership's: a foreign id reads exactly like one that nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.leads.asking import LEADS, REQUIRED, created, problems, put, read, updated, warned

if TYPE_CHECKING:
    import httpx

    from tests.world import World

UNKNOWN = 888_888

# Field -> ours, somebody else's, nobody's.
REFERENCES: dict[str, tuple[Any, Any, Any]] = {
    "website_id": (201, 203, UNKNOWN),
    "website_slug": ("site-1", "site-3", "site-9"),
    "page_id": (301, 303, UNKNOWN),
    "location_id": (101, 103, UNKNOWN),
    "car_id": (601, 603, UNKNOWN),
    "model_id": (701, 703, UNKNOWN),
    "model_variant_id": (801, 803, UNKNOWN),
    "colour_id": (901, 903, UNKNOWN),
    "team_member_id": (401, 403, UNKNOWN),
    "payment_attributes.car_id": (601, 603, UNKNOWN),
}
# The same, for what is only a hint.
HINTS = {
    "stocknum": ("STOCK1", "STOCK3", "STOCK9"),
    "user_email": ("user1@example.com", "user3@example.com", "user9@example.com"),
}
# Our sister's: of the same group, which does not make them ours.
SISTERS = {"website_id": 202, "page_id": 302, "location_id": 102, "car_id": 602, "team_member_id": 402}


def sent_as(field: str, value: Any) -> dict[str, Any]:
    owner, _, member = field.partition(".")
    return {owner: {member: value} if member else value}


@pytest.mark.parametrize("field", REFERENCES)
async def test_an_own_reference_is_taken(field: str, api: httpx.AsyncClient) -> None:
    own, _, _ = REFERENCES[field]
    owner, _, member = field.partition(".")

    told = (await created(api, **sent_as(field, own)))[owner]

    assert (told[member] if member else told) == own


@pytest.mark.parametrize("field", REFERENCES)
async def test_a_foreign_and_an_unknown_reference_are_refused_in_the_same_words(
    field: str, api: httpx.AsyncClient
) -> None:
    lead = await created(api)
    answers = []
    for value in REFERENCES[field][1:]:
        answer = await put(api, lead["id"], {"X-Request-Id": "the-same"}, **sent_as(field, value))
        assert list(problems(answer)) == [f"lead.{field}"]
        answers.append(answer.content)

    assert answers[0] == answers[1]
    assert await read(api, lead["id"]) == lead


@pytest.mark.parametrize("field", REFERENCES)
async def test_a_creation_refuses_them_too(field: str, api: httpx.AsyncClient) -> None:
    for value in REFERENCES[field][1:]:
        answer = await api.post(LEADS, json={"lead": REQUIRED | sent_as(field, value)})
        assert list(problems(answer)) == [f"lead.{field}"]


@pytest.mark.parametrize("field", SISTERS)
async def test_a_key_of_both_dealerships_does_not_make_one_out_of_them(
    field: str, api: httpx.AsyncClient, world: World
) -> None:
    lead_id = (await created(api))["id"]

    answer = await put(
        api, lead_id, {"Authorization": f"Bearer {world.group_token}"}, **{field: SISTERS[field]}
    )

    assert list(problems(answer)) == [f"lead.{field}"]


@pytest.mark.parametrize("field", HINTS)
async def test_a_hint_that_means_nothing_here_is_kept_with_a_warning(
    field: str, api: httpx.AsyncClient
) -> None:
    resolved = {"stocknum": "car_id", "user_email": "user_id"}[field]
    own, *others = HINTS[field]

    lead = await created(api, **{field: own})
    assert (lead[field], warned(lead)) == (own, [])
    assert lead[resolved] == {"car_id": 601, "user_id": 501}[resolved]

    for value in others:
        after = await updated(api, lead["id"], **{field: value})
        assert (after[field], after[resolved]) == (value, None)
        assert warned(after) == [f"lead.{field}"]


async def test_a_foreign_hint_and_an_unknown_one_are_warned_about_in_the_same_words(
    api: httpx.AsyncClient,
) -> None:
    foreign, unknown = [
        await created(api, stocknum=HINTS["stocknum"][index], user_email=HINTS["user_email"][index])
        for index in (1, 2)
    ]

    assert foreign["warnings"] == unknown["warnings"]


@pytest.mark.parametrize("spelling", ["stock1", " STOCK1 ", "Stock1"])
async def test_a_stock_number_is_found_in_any_case(spelling: str, api: httpx.AsyncClient) -> None:
    assert (await created(api, stocknum=spelling))["car_id"] == 601


@pytest.mark.parametrize("spelling", ["USER1@EXAMPLE.COM", " user1@example.com "])
async def test_a_user_is_found_in_any_case(spelling: str, api: httpx.AsyncClient) -> None:
    assert (await created(api, user_email=spelling))["user_id"] == 501


async def test_a_car_and_a_stock_number_that_agree_need_no_warning(api: httpx.AsyncClient) -> None:
    lead = await created(api, car_id=601, stocknum="STOCK1")

    assert (lead["car_id"], lead["stocknum"], warned(lead)) == (601, "STOCK1", [])


@pytest.mark.parametrize("stocknum", ["SPARE1", "STOCK3", "nothing"])
async def test_where_car_and_stock_number_disagree_the_car_decides_with_a_warning(
    stocknum: str, api: httpx.AsyncClient
) -> None:
    lead = await created(api, car_id=601, stocknum=stocknum)

    assert (lead["car_id"], lead["stocknum"]) == (601, stocknum)
    assert warned(lead) == ["lead.stocknum"]


@pytest.mark.parametrize(
    ("website_id", "slug"), [(201, "site-3"), (201, "site-9"), (203, "site-1"), (None, "site-1")]
)
async def test_a_website_id_and_slug_that_disagree_are_refused(
    website_id: int | None, slug: str, api: httpx.AsyncClient
) -> None:
    lead_id = (await created(api))["id"]

    answer = await put(api, lead_id, website_id=website_id, website_slug=slug)

    assert problems(answer).keys() & {"lead.website_id", "lead.website_slug"}


async def test_every_foreign_reference_at_once_is_refused_by_name(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    # By its slug alone: the two names of a website are each other's business above.
    fields = [field for field in REFERENCES if field != "website_id"]
    sent: dict[str, Any] = {}
    for field in fields:
        sent |= sent_as(field, REFERENCES[field][1])

    assert sorted(problems(await put(api, lead_id, **sent))) == sorted(f"lead.{field}" for field in fields)


async def test_a_reference_that_is_gone_since_is_kept_by_the_lead(
    api: httpx.AsyncClient, world: World
) -> None:
    await world.run("insert into location (dealership_id, id, name) values (1, 190, 'Old yard')")
    lead_id = (await created(api, location_id=190))["id"]

    # The database itself keeps what a lead refers to.
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await world.run("delete from location where id = 190")

    assert (await updated(api, lead_id, message="x"))["location_id"] == 190


async def test_the_database_itself_refuses_a_foreign_reference(world: World, api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    for column, foreign in (("location_id", 103), ("car_id", 603), ("model_id", 703), ("user_id", 503)):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await world.run(f"update lead set {column} = {foreign} where id = $1", lead_id)
