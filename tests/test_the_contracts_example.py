"""The documented example request works, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.reference.examples import EXAMPLE_BODY

if TYPE_CHECKING:
    import httpx

    from tests.world import World


async def test_the_example_of_the_page_updates_a_lead(api: httpx.AsyncClient, world: World) -> None:
    await world.run(
        """
        update dealership set slug = 'test-dealer' where id = 1;
        insert into website (dealership_id, id, slug, name) values (1, 7, 'example-website', 'Example');
        insert into page (dealership_id, id) values (1, 123);
        insert into location (dealership_id, id, name) values (1, 12345, 'Yard');
        insert into car (dealership_id, id, stocknum) values (1, 9, '3210');
        """
    )
    created = await api.post("/api/v1/leads", json=EXAMPLE_BODY)
    assert created.status_code == 201

    body = {"lead": EXAMPLE_BODY["lead"] | {"message": "some other notes"}}
    answer = await api.put(f"/api/v1/leads/{created.json()['id']}", json=body)

    assert answer.status_code == 200
    told = answer.json()
    # These two say more in the answer, or are not told by this name.
    compared = {name: value for name, value in body["lead"].items() if name != "dealership_slug"}
    assert {name: told[name] for name in compared} == compared
    assert (told["car_id"], told["website_id"], told["dealership_slug"]) == (9, 7, "test-dealer")
    assert [warning["field"] for warning in told["warnings"]] == ["lead.phone", "lead.user_email"]
