"""Create, update, merge, unmerge, split, close, answer, erase in any order, at two dealerships: held against a model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.clusters.asking import CLUSTERS, act, cluster, enquiry, put, update_lead
from tests.clusters.test_merge_and_back import lasting
from tests.conftest import bearer
from tests.world import OURS, SISTER

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.world import World

# What a lead may say besides who it is from.
WORDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Mia", "Maria", None]),
        "lead_state": st.sampled_from(["new", "contacted", "lost"]),
        "golden": st.booleans(),
        "sms_verified": st.booleans(),
        "opt_in_to_marketing": st.booleans(),
        "tags": st.sampled_from([["a"], ["a", "b"]]),
    },
)

_runs = iter(range(1_000_000))

# Clusters whose kept waiting_since is not what its definition says.
WAITS_WRONGLY = """
select id from lead_cluster as cluster
where id = any ($1)
    and waiting_since is distinct from case
        when state not in ('lost', 'invalid', 'converted')
        then wants_answer_since(dealership_id, id, settled_at)
    end
"""


class Clusters(RuleBasedStateMachine):
    """The model: which leads are in which cluster, which clusters were merged into which, who was erased."""

    server: str
    token: str
    group_token: str
    database_url: str

    @initialize()
    def begin(self) -> None:
        self.run_number = next(_runs)
        self.loop = asyncio.new_event_loop()
        self.api = httpx.AsyncClient(base_url=self.server, headers=bearer(self.token), timeout=60)
        self.database = self.do(asyncpg.connect(self.database_url))
        self.group = httpx.AsyncClient(base_url=self.server, headers=bearer(self.group_token), timeout=60)
        self.leads: dict[int, dict[str, Any]] = {}
        # The sister dealership's: lead -> cluster.
        self.elsewhere: dict[int, int] = {}
        self.erased: set[int] = set()
        self.members: dict[int, set[int]] = {}
        self.merged: list[tuple[int, int, dict[int, dict[str, Any]], int]] = []
        self.steps = 0

    def teardown(self) -> None:
        if hasattr(self, "api"):
            self.do(self.api.aclose())
            self.do(self.group.aclose())
            self.do(self.database.close())
            self.loop.close()

    def do(self, asked: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asked)

    def live(self) -> list[int]:
        return sorted(at for at, leads in self.members.items() if leads)

    def known(self) -> list[int]:
        return [at for at in self.live() if at not in self.erased]

    def person(self, number: int) -> dict[str, str]:
        unique = self.run_number * 10 + number
        return {"email": f"p{unique}@model.example", "phone": f"04{50_000_000 + unique}"}

    def place(self, lead: dict[str, Any]) -> None:
        self.steps += 1
        self.leads[lead["id"]] = lead
        for leads in self.members.values():
            leads.discard(lead["id"])
        self.members.setdefault(lead["lead_cluster_id"], set()).add(lead["id"])

    @rule(by_mail=st.integers(0, 5), by_phone=st.integers(0, 5), said=WORDS)
    def create(self, by_mail: int, by_phone: int, said: dict[str, Any]) -> None:
        reached = {"email": self.person(by_mail)["email"], "phone": self.person(by_phone)["phone"]}
        self.place(self.do(enquiry(self.api, **reached, **said)))

    @rule(number=st.integers(0, 5))
    def create_at_the_sister(self, number: int) -> None:
        lead = self.do(enquiry(self.group, **self.person(number), dealership_slug=SISTER))
        self.elsewhere[lead["id"]] = lead["lead_cluster_id"]

    @precondition(lambda self: self.elsewhere and self.known())
    @rule(data=st.data())
    def merge_with_the_sisters(self, data: st.DataObject) -> None:
        here = data.draw(st.sampled_from(self.known()))
        there = data.draw(st.sampled_from(sorted(self.elsewhere.values())))
        for body in ({"lead_cluster_id": there}, {"lead_cluster_id": there, "fields": {"name": there}}):
            answer = self.do(self.group.post(f"{CLUSTERS}/{here}/merge", json=body))
            assert answer.status_code == 422
        going = min(lead for lead, at in self.elsewhere.items() if at == there)
        assert (
            self.do(self.group.post(f"{CLUSTERS}/{here}/split", json={"lead_ids": [going]})).status_code
            == 422
        )

    @precondition(lambda self: self.known())
    @rule(data=st.data(), number=st.integers(0, 5), said=WORDS)
    def update(self, data: st.DataObject, number: int, said: dict[str, Any]) -> None:
        own = sorted(lead for at in self.known() for lead in self.members[at])
        lead = self.leads[data.draw(st.sampled_from(own))]
        self.place(self.do(update_lead(self.api, lead, phone=self.person(number)["phone"], **said)))

    @precondition(lambda self: self.known())
    @rule(data=st.data(), name=st.sampled_from(["Mia", "Maria", "Mary", None]))
    def correct(self, data: st.DataObject, name: str | None) -> None:
        at = data.draw(st.sampled_from(self.known()))
        assert self.do(put(self.api, at, contact={"name": name})).status_code == 200
        self.steps += 1

    @precondition(lambda self: self.known())
    @rule(data=st.data(), state=st.sampled_from(["new", "contacted", "lost", "invalid", "converted"]))
    def settle(self, data: st.DataObject, state: str) -> None:
        at = data.draw(st.sampled_from(self.known()))
        assert self.do(put(self.api, at, lead_state=state)).status_code == 200
        self.steps += 1

    @precondition(lambda self: self.known())
    @rule(data=st.data(), direction=st.sampled_from(["in", "out"]))
    def talk(self, data: st.DataObject, direction: str) -> None:
        at = data.draw(st.sampled_from(self.known()))
        self.do(act(self.api, at, "activities", activity={"kind": "sms", "direction": direction}))
        self.steps += 1

    @precondition(lambda self: self.known())
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(self.known()))
        told = self.do(cluster(self.api, at))
        erased = self.do(
            self.api.delete(f"/api/v1/dealerships/{OURS}/contacts/{told['contact']['id']}")
        ).json()
        assert erased["leads"] == len(self.members[at])
        gone = set(erased["lead_cluster_ids"])
        assert at in gone
        self.erased |= gone
        # What was merged into it stays merged: there is nothing left to tell the two apart by.
        self.merged = [merge for merge in self.merged if merge[0] not in gone]
        self.steps += 1

    @precondition(lambda self: len(self.known()) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        one, other = data.draw(st.lists(st.sampled_from(self.known()), min_size=2, max_size=2, unique=True))
        before = {at: lasting(self.do(cluster(self.api, at))) for at in (one, other)}
        self.do(act(self.api, one, "merge", lead_cluster_id=other))
        self.members[one] |= self.members.pop(other)
        self.steps += 1
        self.merged.append((one, other, before, self.steps))

    @precondition(lambda self: self.merged)
    @rule()
    def unmerge(self) -> None:
        one, other, before, steps = self.merged.pop()
        self.do(act(self.api, one, "unmerge", lead_cluster_id=other))
        told = {at: self.do(cluster(self.api, at)) for at in (one, other)}
        if steps == self.steps:
            assert {at: lasting(told[at]) for at in told} == before
        came = {lead["id"] for lead in before[other]["leads"]}
        back = {lead["id"] for lead in told[other]["leads"]}
        assert came & (self.members[one] | back) <= back
        both = self.members[one]
        assert {lead["id"] for lead in told[one]["leads"]} | back == both
        self.members[one], self.members[other] = both - back, back
        self.steps += 1

    @precondition(lambda self: any(len(self.members[at]) > 1 for at in self.known()))
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from([at for at in self.known() if len(self.members[at]) > 1]))
        own = sorted(self.members[at])
        going = data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=len(own) - 1, unique=True))
        new = self.do(act(self.api, at, "split", lead_ids=going))
        self.members[at] -= set(going)
        self.members[new["id"]] = set(going)
        self.steps += 1

    @invariant()
    def every_lead_is_in_exactly_one_cluster(self) -> None:
        if not hasattr(self, "members"):
            return
        for at in self.live():
            told = self.do(cluster(self.api, at))
            assert told["id"] == at
            assert {lead["id"] for lead in told["leads"]} == self.members[at]
            assert told["lead_count"] == len(self.members[at])
            assert all(lead["membership"] for lead in told["leads"])
            created = sorted(lead["created_at"] for lead in told["leads"])
            assert (told["first_lead_created_at"], told["last_lead_created_at"]) == (created[0], created[-1])
            values = {point["value"] for kind in ("emails", "phones") for point in told["contact"][kind]}
            if at in self.erased:
                assert values == set()
                assert {lead["message"] for lead in told["leads"]} == {None}
            else:
                assert {self.leads[lead]["email"] for lead in self.members[at]} <= values
        into = {other: one for one, other, _, _ in self.merged}
        for other, survivor in into.items():
            at = survivor
            while at in into:
                at = into[at]
            answer = self.do(self.api.get(f"{CLUSTERS}/{other}"))
            assert (answer.status_code, answer.json()["id"]) == (308, at)

    @invariant()
    def nothing_spans_dealerships_and_the_counts_add_up(self) -> None:
        if not hasattr(self, "members"):
            return
        rows = self.do(
            self.database.fetch(
                """
                select lead.id, lead.lead_cluster_id, dealership.slug
                from lead
                join lead_cluster as cluster on cluster.id = lead.lead_cluster_id
                join dealership on dealership.id = cluster.dealership_id and dealership.id = lead.dealership_id
                where lead.id = any ($1)
                """,
                [*self.leads, *self.elsewhere],
            )
        )
        assert {(row["id"], row["slug"]) for row in rows} == {
            *((lead, OURS) for lead in self.leads),
            *((lead, SISTER) for lead in self.elsewhere),
        }
        assert {row["id"]: row["lead_cluster_id"] for row in rows if row["slug"] == SISTER} == self.elsewhere
        assert sum(len(leads) for leads in self.members.values()) == len(self.leads)
        assert not self.members.keys() & set(self.elsewhere.values())

    @invariant()
    def whoever_waits_is_known_to_wait(self) -> None:
        if hasattr(self, "members"):
            assert self.do(self.database.fetch(WAITS_WRONGLY, self.live())) == []


@pytest.fixture
async def machine(server: str, world: World, database_url: str) -> type[Clusters]:
    own = {
        "server": server,
        "token": world.token,
        "group_token": world.group_token,
        "database_url": database_url,
    }
    return type("OurClusters", (Clusters,), own)


async def test_no_lead_is_ever_lost_and_unmerge_is_the_inverse_of_merge(machine: type[Clusters]) -> None:
    case = machine.TestCase()
    case.settings = settings(  # type: ignore[misc]  # as Hypothesis documents it
        max_examples=50, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    await asyncio.to_thread(case.runTest)
