"""Update Lead: every field of the contract's page is taken, kept, told, logged, cleared and left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.leads.schema import LeadIn
from tests.leads.asking import LEADS, REQUIRED, created, problems, put, read, updated, warned

if TYPE_CHECKING:
    import httpx

    from tests.world import World

CHARGES = {
    "total": {"amount": 50},
    "charges": [{"name": "Luxury Car Tax", "amount": 1234}, {"name": "Delivery Fee", "amount": 500}],
}
ADDRESS = {
    "street": "123 Fake Street",
    "city": "Melbourne",
    "state": "VIC",
    "state_long": "Victoria",
    "postcode": 3000,
    "country": "Australia",
}

# Field -> a value that is sent, and comes back as it was sent.
PLAIN: dict[str, Any] = {
    "name": "Test Lead",
    "last_name": "Test",
    "message": "some notes\nand a second line",
    "dob": "01/01/1980",
    "customer_address": "123 Fake Street",
    "marketing_source": "TikTok",
    "website_id": 201,
    "website_slug": "site-1",
    "page_id": 301,
    "stocknum": "STOCK1",
    "provider": "Provider A",
    "provider_id": "1234",
    "certified": True,
    "golden": True,
    "location_id": 101,
    "send_customer_email": False,
    "car_id": 601,
    "model_id": 701,
    "team_member_id": 401,
    "user_email": "user1@example.com",
    "lead_state": "contacted",
    "sms_verified": True,
    "model_variant_id": 801,
    "colour_id": 901,
    "tags": ["tag1", "tag 2"],
    "opt_in_to_marketing": True,
    "delay_customer_email_minutes": 43_200,
    "delay_dealership_notification_minutes": 0,
    "disable_strict_validation": True,
    "time_on_site_seconds": 90,
    "time_to_submit_seconds": 0,
    "address_attributes": ADDRESS,
    "fields": {"document_type": "ppsr", "custom_field": "value", "deep": {"list": [1, None, True]}},
    "charge_breakdown": CHARGES,
}
# Field -> sent by every update, and what another update makes of it.
OF_EVERY_UPDATE: dict[str, Any] = {
    "email": "other@example.com",
    "phone": "0498 765 432",
    "category": "Phone Call",
    "source": "Chatbot - External",
}
# Field -> tested where it belongs.
ELSEWHERE = {"dealership_id", "dealership_slug", "lead_files_attributes", "payment_attributes"}

# What null makes of a field that is not simply empty then.
CLEARED: dict[str, Any] = {"golden": False, "tags": []}


def test_the_tables_hold_every_field() -> None:
    assert PLAIN.keys() | OF_EVERY_UPDATE.keys() | ELSEWHERE == set(LeadIn.__struct_fields__)


@pytest.mark.parametrize("field", [*PLAIN, *OF_EVERY_UPDATE])
async def test_a_field_is_taken_kept_and_told_in_the_history(field: str, api: httpx.AsyncClient) -> None:
    value = (PLAIN | OF_EVERY_UPDATE)[field]
    before = await created(api)

    after = await updated(api, before["id"], **{field: value})

    assert after[field] == value
    assert await read(api, before["id"]) == after | {"warnings": []}
    assert (after["version"], after["created_at"]) == (2, before["created_at"])
    assert after["updated_at"] > before["updated_at"]
    history = (await api.get(f"{LEADS}/{before['id']}/events")).json()["events"]
    # A website is an id to the lead; its slug is a name for it.
    logged = history[0]["changes"]["website_id" if field == "website_slug" else field]
    assert logged == {"from": before[field], "to": 201 if field == "website_slug" else value}


@pytest.mark.parametrize("field", PLAIN)
async def test_null_clears_and_absence_leaves_alone(field: str, api: httpx.AsyncClient) -> None:
    lead = await created(api, **{field: PLAIN[field]})
    assert lead[field] == PLAIN[field]

    assert (await updated(api, lead["id"]))[field] == PLAIN[field]

    cleared = await updated(api, lead["id"], **{field: None})
    assert cleared[field] == CLEARED.get(field)
    assert (await read(api, lead["id"]))[field] == CLEARED.get(field)


async def test_everything_at_once_is_taken_and_a_bare_update_changes_nothing(api: httpx.AsyncClient) -> None:
    before = await created(api)

    after = await updated(api, before["id"], **PLAIN | OF_EVERY_UPDATE)

    assert {name: after[name] for name in PLAIN | OF_EVERY_UPDATE} == PLAIN | OF_EVERY_UPDATE
    again = await updated(api, before["id"], **OF_EVERY_UPDATE)
    assert again | {"warnings": []} == after | {"warnings": []}


@pytest.mark.parametrize("field", [*OF_EVERY_UPDATE, "dealership_slug"])
async def test_a_required_field_can_be_neither_left_out_nor_cleared(
    field: str, api: httpx.AsyncClient
) -> None:
    lead = await created(api)

    body = {name: value for name, value in REQUIRED.items() if name != field}
    absent = await api.put(f"{LEADS}/{lead['id']}", json={"lead": body})
    cleared = await api.put(f"{LEADS}/{lead['id']}", json={"lead": body | {field: None}})

    assert list(problems(absent)) == [f"lead.{field}"]
    assert list(problems(cleared)) == [f"lead.{field}"]


@pytest.mark.parametrize(
    ("dealership", "refused"),
    [
        ({"dealership_id": 1}, []),
        ({"dealership_slug": " brisbane-motors "}, []),
        ({"dealership_id": 1, "dealership_slug": "brisbane-motors"}, []),
        ({"dealership_id": 1, "dealership_slug": "perth-autos"}, ["lead.dealership_slug"]),
        ({"dealership_id": 3, "dealership_slug": "brisbane-motors"}, ["lead.dealership_id"]),
        ({"dealership_id": 2}, ["lead.dealership_id"]),
        ({"dealership_id": 999}, ["lead.dealership_id"]),
        ({"dealership_slug": "nowhere"}, ["lead.dealership_slug"]),
        ({}, ["lead.dealership_slug"]),
    ],
)
async def test_a_lead_never_moves_to_another_dealership(
    dealership: dict[str, Any], refused: list[str], api: httpx.AsyncClient, world: World
) -> None:
    lead_id = (await created(api))["id"]
    # A key of both dealerships may not move a lead between them either.
    headers = {"Authorization": f"Bearer {world.group_token}"}
    body = {name: REQUIRED[name] for name in ("email", "phone", "category", "source")} | dealership

    answer = await api.put(f"{LEADS}/{lead_id}", json={"lead": body}, headers=headers)

    assert (list(problems(answer)) if refused else []) == refused
    assert answer.status_code == (422 if refused else 200)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "  Mia \u0065\u0301 ", "Mia \u00e9"),
        ("dob", "1/2/1980", "01/02/1980"),
        ("tags", ["b", " a ", "b", "", "a", "c"], ["b", "a", "c"]),
        ("tags", [], []),
        ("golden", False, False),
        ("time_on_site_seconds", 2**31 - 1, 2**31 - 1),
        ("phone", "+61 412 345 678", "+61 412 345 678"),
        ("email", " Mia@Example.COM ", "Mia@Example.COM"),
    ],
)
async def test_a_value_is_told_as_it_is_kept(
    field: str, value: Any, told: Any, api: httpx.AsyncClient
) -> None:
    assert (await created(api, **{field: value}))[field] == told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 7),
        ("name", "a\nb"),
        ("name", "x" * 256),
        ("message", "bell \u0007"),
        ("email", "not-an-email"),
        ("email", ""),
        ("phone", "123"),
        ("phone", "call me"),
        ("phone", ""),
        ("phone", 412345678),
        ("dob", "31/02/1980"),
        ("dob", "1980-01-01"),
        ("dob", "01/01/2999"),
        ("certified", "true"),
        ("certified", 1),
        ("golden", "yes"),
        ("location_id", "101"),
        ("location_id", 101.5),
        ("location_id", 0),
        ("location_id", -1),
        ("location_id", True),
        ("location_id", 10**14),
        ("tags", "tag1"),
        ("tags", [1]),
        ("tags", [None]),
        ("tags", ["a\nb"]),
        ("tags", ["x" * 129]),
        ("tags", [str(number) for number in range(101)]),
        ("delay_customer_email_minutes", -1),
        ("delay_customer_email_minutes", 43_201),
        ("delay_dealership_notification_minutes", 43_201),
        ("time_on_site_seconds", -1),
        ("time_to_submit_seconds", 2**31),
        ("fields", []),
        ("fields", "text"),
        ("address_attributes", "123 Fake Street"),
        ("user_email", 1),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_under_its_name(
    field: str, value: Any, api: httpx.AsyncClient
) -> None:
    lead = await created(api)

    refused = problems(await put(api, lead["id"], **{field: value}))

    assert len(refused) == 1
    assert next(iter(refused)).startswith(f"lead.{field}")
    assert await read(api, lead["id"]) == lead


async def test_an_address_is_updated_member_by_member(api: httpx.AsyncClient) -> None:
    lead = await created(api, address_attributes=ADDRESS)

    after = await updated(api, lead["id"], address_attributes={"city": "Geelong", "state_long": None})

    assert after["address_attributes"] == {
        name: value for name, value in (ADDRESS | {"city": "Geelong"}).items() if name != "state_long"
    }


@pytest.mark.parametrize("postcode", ["0800", 3000, "3000", "SW1A 1AA", 0])
async def test_a_postcode_comes_back_as_it_was_sent(postcode: str | int, api: httpx.AsyncClient) -> None:
    lead = await created(api, address_attributes={"postcode": postcode})

    told = (await read(api, lead["id"]))["address_attributes"]["postcode"]

    assert (told, type(told)) == (postcode, type(postcode))


async def test_what_the_contract_does_not_know_is_kept_verbatim_and_warned_about(
    api: httpx.AsyncClient,
) -> None:
    unknown = {
        "favourite": {"colour": [1.50, None]},
        "id": 99,
        "version": 7,
        "golden_": "x",
        "created_at": "y",
    }
    lead = await created(api, **unknown, address_attributes={"suburb": "St Kilda"})

    assert lead["extra"] == unknown | {"address_attributes.suburb": "St Kilda"}
    assert warned(lead) == sorted([f"lead.{name}" for name in unknown] + ["lead.address_attributes.suburb"])
    after = await updated(api, lead["id"], golden_=None, another="1")
    assert after["extra"] == lead["extra"] | {"golden_": None, "another": "1"}
    assert (after["id"], after["version"]) == (lead["id"], 2)


async def test_the_free_fields_come_back_digit_for_digit(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    free = (
        '{"amount":1.10,"big":123456789012345,"small":0.000001,"text":"1.10","null":null,"a":{"z":1,"a":2}}'
    )
    body = f'{{"lead":{json.dumps(REQUIRED)[:-1]},"fields":{free}}}}}'

    answer = await api.put(f"{LEADS}/{lead_id}", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200
    assert f'"fields":{free}' in answer.text
    assert f'"fields":{free}' in (await api.get(f"{LEADS}/{lead_id}")).text


async def test_fields_for_other_categories_are_kept_with_a_warning(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    sent = {"model_id": 701, "model_variant_id": 801, "colour_id": 901, "team_member_id": 401}

    other = await updated(api, lead_id, category="Survey", **sent)
    assert {name: other[name] for name in sent} == sent
    assert warned(other) == [f"lead.{name}" for name in sent]

    new_vehicle = await updated(api, lead_id, category="New Vehicle Enquiry", **sent)
    assert warned(new_vehicle) == ["lead.team_member_id"]

    team = await updated(api, lead_id, category="Team Member Enquiry", team_member_id=401)
    assert warned(team) == []


async def test_the_opt_in_tells_when_and_by_which_key_it_was_given(api: httpx.AsyncClient) -> None:
    lead = await created(api)
    assert (lead["opt_in_to_marketing_at"], lead["opt_in_to_marketing_api_key_id"]) == (None, None)

    given = await updated(api, lead["id"], opt_in_to_marketing=True)
    assert given["opt_in_to_marketing_at"] == given["updated_at"]
    assert given["opt_in_to_marketing_api_key_id"] == 1

    again = await updated(api, lead["id"], opt_in_to_marketing=True, message="again")
    assert again["opt_in_to_marketing_at"] == given["opt_in_to_marketing_at"]

    withdrawn = await updated(api, lead["id"], opt_in_to_marketing=False)
    assert withdrawn["opt_in_to_marketing_at"] > given["opt_in_to_marketing_at"]


async def test_the_clusters_mark_and_the_contacts_are_set(api: httpx.AsyncClient, world: World) -> None:
    lead = await created(api, email="marks@example.com", phone="0411 000 111")
    twin = await created(api, email="marks@example.com", phone="0411 000 111")
    assert twin["lead_cluster_id"] == lead["lead_cluster_id"]

    await updated(
        api, lead["id"], email="marks@example.com", phone="0411 000 111", golden=True, sms_verified=True
    )

    [cluster] = await world.rows(
        """
        select lead_cluster.golden, contact.sms_verified
        from lead_cluster
        join contact on contact.lead_cluster_id = lead_cluster.id
        where lead_cluster.id = $1
        """,
        lead["lead_cluster_id"],
    )
    assert cluster == {"golden": True, "sms_verified": True}
    assert (await read(api, twin["id"]))["golden"] is True


@pytest.mark.parametrize(("email", "phone"), [("not-an-email", "call me"), ("", ""), ("a b@c", "123")])
async def test_strict_validation_is_switched_off_for_email_and_phone(
    email: str, phone: str, api: httpx.AsyncClient
) -> None:
    lead_id = (await created(api))["id"]
    assert list(problems(await put(api, lead_id, email=email, phone=phone))) == ["lead.email", "lead.phone"]

    lead = await updated(api, lead_id, email=email, phone=phone, disable_strict_validation=True)

    assert (lead["email"], lead["phone"], lead["phone_e164"]) == (email, phone, None)


async def test_strict_validation_is_switched_off_for_nothing_else(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    answer = await put(
        api,
        lead_id,
        disable_strict_validation=True,
        category="?",
        location_id=9,
        dob="x",
        delay_customer_email_minutes=-1,
    )

    assert sorted(problems(answer)) == [
        "lead.category",
        "lead.delay_customer_email_minutes",
        "lead.dob",
        "lead.location_id",
    ]


@pytest.mark.parametrize(
    ("phone", "e164"),
    [
        ("041000000", None),
        ("0412 345 678", "+61412345678"),
        ("(07) 3000 0000", "+61730000000"),
        ("+64 21 123 456", "+6421123456"),
    ],
)
async def test_a_phone_is_read_in_the_dealerships_country(
    phone: str, e164: str | None, api: httpx.AsyncClient
) -> None:
    lead = await created(api, phone=phone)

    assert (lead["phone"], lead["phone_e164"]) == (phone, e164)
    assert warned(lead) == ([] if e164 else ["lead.phone"])


async def test_the_id_in_the_body_is_optional_and_is_the_paths(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]

    for sent, status in ((lead_id, 200), (str(lead_id), 200), (lead_id + 1, 422), ("x", 422), (None, 422)):
        answer = await api.put(f"{LEADS}/{lead_id}", json={"id": sent, "lead": REQUIRED})
        assert answer.status_code == status
        if status == 422:
            assert list(problems(answer)) == ["id"]


async def test_a_dry_run_tells_everything_and_writes_nothing(api: httpx.AsyncClient, world: World) -> None:
    before = await created(api)
    count = await world.rows("select count(*) from event")

    answer = await api.put(
        f"{LEADS}/{before['id']}", params={"dry_run": "true"}, json={"lead": REQUIRED | {"message": "new"}}
    )

    told = answer.json()
    assert told["dry_run"] is True
    assert told["changes"] == {"message": {"from": None, "to": "new"}}
    assert (told["lead"]["message"], told["lead"]["version"]) == ("new", 2)
    assert await read(api, before["id"]) == before
    assert await world.rows("select count(*) from event") == count


async def test_an_update_that_changes_nothing_makes_no_version(api: httpx.AsyncClient) -> None:
    lead = await created(api)

    assert (await updated(api, lead["id"]))["version"] == 1
    assert (await updated(api, lead["id"], message="x"))["version"] == 2
    assert (await updated(api, lead["id"], message="x"))["version"] == 2
