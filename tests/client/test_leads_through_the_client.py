"""What the clients come to, against the real server: both the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from forecourt import vocabulary
from forecourt.client import (
    AddressIn,
    AsyncForecourt,
    Change,
    Forecourt,
    Invalid,
    LeadIn,
    LeadTooOld,
    NotFound,
    PaymentIn,
    PermissionMissing,
    Unauthorised,
    UnexpectedAnswer,
    VersionMismatch,
    attachment,
)
from tests.client.asking import MIA, came_of, closed
from tests.client.faults import line
from tests.files.samples import pdf
from tests.world import OURS, THEIRS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

    Client = Forecourt | AsyncForecourt


async def test_every_kind_of_value_goes_there_and_comes_back(forecourt: Client) -> None:
    lead = await came_of(
        forecourt.leads.create,
        **MIA,
        name="Mia",
        dob="01/02/1980",
        tags=["fleet", "ute"],
        golden=True,
        address_attributes={"city": "Darwin", "postcode": "0800"},
        fields={"score": Decimal("0.10"), "deep": {"list": [1, None]}},
        charge_breakdown={"total": {"amount": Decimal("1234.50")}},
        payment_attributes={"amount": Decimal("199.90"), "external_transaction_id": "t-1"},
        surprise={"kept": True},
    )
    again = await came_of(forecourt.leads.get, lead.id)

    assert (again.name, again.dob, again.golden, again.phone_e164) == (
        "Mia",
        "01/02/1980",
        True,
        "+61412345678",
    )
    assert again.tags == ["fleet", "ute"]
    assert again.address_attributes == {"city": "Darwin", "postcode": "0800"}
    assert again.fields == {"score": Decimal("0.10"), "deep": {"list": [1, None]}}
    assert str(again.charge_breakdown["total"]["amount"]) == "1234.50"
    assert (again.payment_attributes.amount, again.payments) == (
        Decimal("199.90"),
        [again.payment_attributes],
    )
    assert again.extra == {"surprise": {"kept": True}}
    assert [each.field for each in lead.warnings] == ["lead.surprise"]
    assert (again.version, again.created_at) == (1, lead.created_at)
    assert again.created_at.tzinfo is not None


async def test_a_struct_says_the_same_as_keywords(forecourt: Client) -> None:
    told = LeadIn(
        email="mia@example.com",
        phone="0412 345 678",
        category="General Enquiry",
        source="Website",
        dealership_slug=OURS,
        address_attributes=AddressIn(city="Cairns", state=None),
        payment_attributes=PaymentIn(amount=Decimal("0.05")),
    )

    lead = await came_of(forecourt.leads.create, told, name="Mia")

    assert (lead.name, lead.message, lead.address_attributes) == ("Mia", None, {"city": "Cairns"})
    assert lead.payments[0].amount == Decimal("0.05")


async def test_files_go_along_from_a_path_and_from_bytes(forecourt: Client, tmp_path: Path) -> None:
    (tmp_path / "cv.pdf").write_bytes(pdf())
    files = [
        attachment(tmp_path / "cv.pdf", file_type="resume"),
        attachment(b"hello", filename="note.txt"),
        attachment(b"hello again"),
    ]

    lead = await came_of(forecourt.leads.create, **MIA, lead_files_attributes=files)
    stored = lead.lead_files_attributes

    assert [(each.filename, each.file_type, each.content_type) for each in stored] == [
        ("cv.pdf", "resume", "application/pdf"),
        ("note.txt", "other", "text/plain; charset=utf-8"),
        ("other", "other", "text/plain; charset=utf-8"),
    ]
    assert await came_of(forecourt.leads.file, lead.id, stored[0].id) == pdf()


async def test_an_update_of_one_field_sends_what_the_contract_wants_along(forecourt: Client) -> None:
    lead = await came_of(forecourt.leads.create, **MIA, message="hello")

    updated = await came_of(forecourt.leads.update, lead.id, lead_state="converted")

    assert (updated.lead_state, updated.message, updated.email) == ("converted", "hello", "mia@example.com")
    assert (await came_of(forecourt.leads.get, lead.id)) == updated
    history = await came_of(forecourt.leads.events, lead.id)
    assert [(each.version, each.kind) for each in history] == [(2, "lead.updated"), (1, "lead.created")]
    assert history[0].changes["lead_state"] == Change(before=None, after="converted")


async def test_what_was_taken_without_validation_is_sent_along_as_it_stands(forecourt: Client) -> None:
    lead = await came_of(
        forecourt.leads.create, **MIA | {"email": "mia at example"}, disable_strict_validation=True
    )

    updated = await came_of(forecourt.leads.update, lead.id, message="again")

    assert (updated.message, updated.email) == ("again", "mia at example")


async def test_somebody_elses_update_in_between_is_not_undone(
    forecourt: Client, server: str, world: World
) -> None:
    lead = await came_of(forecourt.leads.create, **MIA)

    async def meanwhile() -> None:
        await came_of(forecourt.leads.update, lead.id, phone="0498 765 432")

    async with line(server, [meanwhile]) as held:
        client = type(forecourt)(held.url, world.token)
        updated = await came_of(client.leads.update, lead.id, message="mine")
        await closed(client)

    assert (updated.message, updated.phone, updated.version) == ("mine", "0498 765 432", 3)
    assert [request.method for request in held.requests] == ["GET", "PUT", "GET", "PUT"]


async def test_only_the_version_that_was_seen_is_updated(forecourt: Client) -> None:
    lead = await came_of(forecourt.leads.create, **MIA)
    await came_of(forecourt.leads.update, lead.id, if_match=lead.version, message="first")

    for seen in (lead.version, '"1"'):
        with pytest.raises(VersionMismatch) as refused:
            await came_of(forecourt.leads.update, lead.id, if_match=seen, message="second")
        assert refused.value.etag == '"2"'
    assert (await came_of(forecourt.leads.get, lead.id)).message == "first"


async def test_a_dry_run_tells_what_would_be(forecourt: Client, world: World) -> None:
    before = await world.rows("select count(*) from lead")
    new = await came_of(forecourt.leads.create, **MIA, dry_run=True)
    assert (new.lead.id, new.lead.phone_e164) == (None, "+61412345678")
    assert await world.rows("select count(*) from lead") == before

    lead = await came_of(forecourt.leads.create, **MIA, message="old")
    would = await came_of(forecourt.leads.update, lead.id, message="new", dry_run=True)

    assert (would.lead.message, would.changes) == ("new", {"message": Change(before="old", after="new")})
    assert (await came_of(forecourt.leads.get, lead.id)).message == "old"


async def test_a_key_of_ones_own_outlives_a_restart(forecourt: Client, server: str, world: World) -> None:
    first = await came_of(
        forecourt.leads.create, **MIA, idempotency_key=f"order-7-{type(forecourt).__name__}"
    )
    restarted = type(forecourt)(server, world.token)
    again = await came_of(
        restarted.leads.create, **MIA, idempotency_key=f"order-7-{type(forecourt).__name__}"
    )
    await closed(restarted)

    assert again == first


async def test_a_list_is_read_as_far_as_one_goes(server: str, world: World) -> None:
    async with line(server) as held, AsyncForecourt(held.url, world.token) as forecourt:
        lazy = MIA | {"provider": "lazy"}
        made = [(await forecourt.leads.create(**lazy)).id for _ in range(5)]
        held.requests.clear()

        found = []
        async for lead in forecourt.leads.list(provider="lazy", page_size=2):
            found.append(lead.id)
            if len(found) == 3:
                break

        assert (found, len(held.requests)) == (made[:1:-1], 2)


async def test_a_list_gives_all_of_its_pages(forecourt: Client) -> None:
    provider = f"pages-{type(forecourt).__name__}"
    made = [
        (await came_of(forecourt.leads.create, **MIA, provider=provider, golden=n % 2 == 0)).id
        for n in range(5)
    ]

    async def found(**filters: Any) -> list[int]:
        return [lead.id for lead in await came_of(forecourt.leads.list, provider=provider, **filters)]

    assert await found(page_size=2) == made[::-1]
    assert await found(sort="created_at", dealership=[OURS, 1]) == made
    assert await found(created_from=datetime.now(UTC) + timedelta(days=1)) == []
    assert await found(email="MIA@example.com", category="General Enquiry", page_size=1) == made[::-1]
    history = await came_of(forecourt.leads.events, made[0], page_size=1)
    assert [each.version for each in history][-1] == 1


async def test_the_allowed_values_and_the_key_are_told(forecourt: Client) -> None:
    options = await came_of(forecourt.leads.options)
    key = await came_of(forecourt.api_key)

    assert tuple(options.categories) == vocabulary.CATEGORIES
    assert "update:lead" in key.permissions
    assert [(each.slug, each.users[0].email) for each in key.dealerships] == [(OURS, "user1@example.com")]


async def test_a_refusal_says_everything_that_is_wrong(forecourt: Client) -> None:
    with pytest.raises(Invalid) as refused:
        await came_of(forecourt.leads.create, **MIA | {"category": "Test drive", "email": "nobody"})
    error = refused.value

    assert (error.status, [each.field for each in error.errors]) == (422, ["lead.category", "lead.email"])
    assert error.errors[0].allowed == vocabulary.CATEGORIES
    assert error.request_id.startswith("req_")
    assert error.problem.request_id == error.request_id
    assert "lead.category is not an allowed value" in str(error)
    assert "nobody" not in str(error)

    with pytest.raises(Invalid) as refused:
        await came_of(forecourt.leads.list, created_from="yesterday")
    assert [each.field for each in refused.value.errors] == ["created_from"]


async def test_each_kind_of_refusal_is_an_error_of_its_own(
    forecourt: Client, server: str, world: World
) -> None:
    async def refused(error: type[Exception], token: str, **fields: Any) -> None:
        client = type(forecourt)(server, token)
        with pytest.raises(error):
            await came_of(client.leads.update, lead.id, **MIA | fields)
        await closed(client)

    lead = await came_of(forecourt.leads.create, **MIA)
    await refused(Unauthorised, "fc_live_nonsense")
    await refused(PermissionMissing, await world.key(["read:lead"]))
    await refused(NotFound, world.their_token, dealership_slug=THEIRS)
    await world.run("update lead set created_at = created_at - interval '73 hours' where id = $1", lead.id)
    await refused(LeadTooOld, world.token)


async def test_what_the_client_does_not_know_is_ignored_and_what_is_none_is_told(
    forecourt: Client, server: str, world: World
) -> None:
    lead = await came_of(forecourt.leads.create, **MIA)
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {world.token}"}) as plain:
        told = (await plain.get(f"{server}/api/v1/leads/{lead.id}")).json() | {"of_next_year": [1]}
    answers = [httpx.Response(200, json=told), httpx.Response(200, text="<html>"), httpx.Response(301)]
    async with line(server, answers) as held:
        client = type(forecourt)(held.url, world.token)
        assert await came_of(client.leads.get, lead.id) == lead
        for _ in range(2):
            with pytest.raises(UnexpectedAnswer):
                await came_of(client.leads.get, lead.id)
        await closed(client)
