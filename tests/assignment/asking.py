"""How the tests of the assignment ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.clusters.asking import cluster, enquiry
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

AT = f"/api/v1/dealerships/{OURS}"
RULES = f"{AT}/assignment_rules"
STAFF = f"{AT}/staff"

ANN, BOB, CLEO = 511, 512, 513


async def staff(world: World) -> None:
    """Three more users of our dealership, without rules, absences or clusters."""
    await world.run(
        """
        insert into user_account (id, name, email) values
            (511, 'Ann', 'ann@example.com'), (512, 'Bob', 'bob@example.com'), (513, 'Cleo', 'cleo@example.com')
        on conflict do nothing
        """
    )
    await world.run(
        "insert into dealership_user (dealership_id, user_id) values (1, 511), (1, 512), (1, 513) "
        "on conflict do nothing"
    )
    await world.run("delete from assignment_rule")
    await world.run("update lead_cluster set user_id = null, state = 'lost'")
    await world.run(
        "update dealership_user set absent_from = null, absent_until = null, most_open_clusters = null, "
        "last_assigned_at = null"
    )


async def rule(api: httpx.AsyncClient, *users: int, **fields: Any) -> dict[str, Any]:
    """A new rule for *users*."""
    sent = {"name": f"rule of {users} {fields}", "user_ids": list(users)} | fields
    answer = await api.post(RULES, json={"assignment_rule": sent})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def member(api: httpx.AsyncClient, user_id: int, **fields: Any) -> dict[str, Any]:
    """Change a user of the staff."""
    answer = await api.put(f"{STAFF}/{user_id}", json={"staff_member": fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def given_to(api: httpx.AsyncClient, **fields: Any) -> int | None:
    """Who gets an enquiry of somebody new."""
    lead = await enquiry(api, **fields)
    found: int | None = (await cluster(api, lead["lead_cluster_id"]))["user_id"]
    return found
