"""The reports as integrators ask for them, and what is counted of customers who were served through the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.clusters.asking import act, enquiry, put, somebody
from tests.conftest import bearer
from tests.response.asking import did, settle
from tests.world import OURS, SISTER

if TYPE_CHECKING:
    import httpx

    from tests.world import World

REPORTS = f"/api/v1/dealerships/{OURS}/reports"
ALWAYS = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]


async def report(api: httpx.AsyncClient, name: str, **query: str) -> dict[str, Any]:
    answer = await api.get(f"{REPORTS}/{name}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def part(told: dict[str, Any], key: str | None) -> dict[str, Any]:
    return dict(next(row["now"] for row in told["rows"] if row["key"] == key))


async def ago(world: World, cluster_id: int, minutes: int) -> None:
    """Let all that happened to a customer have happened so long ago."""
    span = timedelta(minutes=minutes)
    await world.run(
        "update lead set created_at = created_at - $2::interval where lead_cluster_id = $1", cluster_id, span
    )
    await world.run(
        "update lead_cluster set first_lead_created_at = first_lead_created_at - $2::interval, "
        "last_lead_created_at = last_lead_created_at - $2::interval, waiting_since = waiting_since - $2::interval "
        "where id = $1",
        cluster_id, span,
    )  # fmt: skip


@pytest.fixture(scope="module")
async def served(api: httpx.AsyncClient, world: World) -> dict[str, int]:
    """Customers as their clusters: what became of each says its name."""
    await settle(api, opening_hours=ALWAYS, closed_days=[], region=None, target_minutes=15)
    found = {}
    for name, source in (
        ("answered", "Carsales"), ("late", "Carsales"), ("in time", "Facebook"), ("missed", "Facebook"),
        ("invalid", "Website"), ("sold", "Website"), ("lost", "Website"), ("driven", "Website"),
    ):  # fmt: skip
        found[name] = (await enquiry(api, source=source, name=name))["lead_cluster_id"]
    for name in ("late", "missed", "invalid", "sold", "lost"):
        await ago(world, found[name], 20)
    for name in ("answered", "late", "lost"):
        await did(api, found[name])
    option = await api.post(
        f"/api/v1/dealerships/{OURS}/lead_status_options",
        json={"lead_status_option": {"state": "lost", "name": "Price"}},
    )
    await put(api, found["lost"], lead_status_option_id=option.json()["id"])
    await put(api, found["invalid"], lead_state="invalid")
    await put(api, found["sold"], lead_state="converted")
    body = {"purpose": "Test Drive", "starts_at": "2031-05-05 10:00:00", "car_id": 601}
    booked = await act(api, found["driven"], "appointments", appointment=body)
    await api.put(
        f"/api/v1/dealerships/{OURS}/appointments/{booked['id']}", json={"appointment": {"status": "no-show"}}
    )
    return found


async def test_who_is_still_in_time_counts_neither_way(
    api: httpx.AsyncClient, served: dict[str, int]
) -> None:
    assert served
    told = await report(api, "source", period="7d")

    carsales, facebook, website = (part(told, source) for source in ("Carsales", "Facebook", "Website"))
    # One answered at once, one after twenty minutes.
    assert (carsales["in_target"], carsales["out_of_target"], carsales["in_target_share"]) == (1, 1, 0.5)
    # Of two who wait, one has waited for longer than the target.
    assert (facebook["in_target"], facebook["out_of_target"], facebook["waiting"]) == (0, 1, 2)
    # Answered late before it was lost; whoever is invalid or sold without an answer was not missed.
    assert (website["in_target"], website["out_of_target"], website["answered"]) == (1, 1, 2)
    assert (website["converted"], website["lost"], website["invalid"]) == (1, 1, 1)
    assert (website["appointments"], website["kept"], website["no_shows"]) == (1, 0, 1)
    assert told["total"]["customers"] == told["total"]["enquiries"] == 8


async def test_times_are_told_in_seconds(api: httpx.AsyncClient, served: dict[str, int]) -> None:
    assert served
    told = part(await report(api, "source", period="7d"), "Carsales")

    # Half way between at once and twenty minutes; a test may take some seconds.
    assert 600 <= told["median_business_seconds"] <= 660
    assert told["median_seconds"] == told["median_business_seconds"]
    assert 1_080 <= told["p90_seconds"] <= 1_140


async def test_each_report_tells_the_same_customers_apart(
    api: httpx.AsyncClient, served: dict[str, int]
) -> None:
    assert served
    for name in ("source", "category", "location", "person", "hour"):
        told = await report(api, name, period="7d")
        assert sum(row["now"]["customers"] for row in told["rows"]) == told["total"]["customers"] == 8, name
    assert (await report(api, "summary", period="7d"))["rows"] == []
    reasons = await report(api, "reason", period="7d")
    assert [(row["key"], row["name"], row["now"]["customers"]) for row in reasons["rows"]] == [
        ("price", "Price", 1)
    ]


async def test_enquiries_are_those_of_the_list_of_leads(
    api: httpx.AsyncClient, served: dict[str, int]
) -> None:
    assert served
    who = somebody()
    for source in ("QR Code", "Chatbot", "QR Code"):
        await enquiry(api, **who, source=source)
    told = await report(api, "source", period="7d")
    zone = ZoneInfo(told["timezone"])
    day = datetime.fromisoformat(told["period"]["from"]).replace(tzinfo=zone)
    spanned = {"created_from": day.isoformat(), "created_to": (day + timedelta(days=7)).isoformat()}

    for source, customers in (("QR Code", 1), ("Chatbot", 0)):
        leads = (await api.get("/api/v1/leads", params={"source": source, **spanned})).json()["leads"]
        assert part(told, source)["enquiries"] == len(leads)
        assert part(told, source)["customers"] == customers
    days = await report(api, "day", period="7d")
    assert sum(one["enquiries"] for one in days["days"]) == told["total"]["enquiries"]


async def test_what_test_keys_wrote_is_not_counted(
    api: httpx.AsyncClient, world: World, served: dict[str, int]
) -> None:
    assert served
    before = await report(api, "source", period="7d")
    test_key = await world.key(mode="test")
    lead = somebody() | {"dealership_id": 1, "category": "General Enquiry", "source": "Carsales"}
    sent = await api.post("/api/v1/leads", headers=bearer(test_key), json={"lead": lead})
    assert sent.status_code < 300, sent.text

    assert await report(api, "source", period="7d") == before
    assert "Carsales" in {one["key"] for one in before["rows"]}


async def test_a_period_is_told_with_the_one_before(api: httpx.AsyncClient) -> None:
    told = await report(api, "day", **{"from": "2026-04-04", "to": "2026-04-06"})

    assert told["period"] == {"from": "2026-04-04", "to": "2026-04-06"}
    assert told["before"] == {"from": "2026-04-01", "to": "2026-04-03"}
    assert [day["day"] for day in told["days"]] == ["2026-04-04", "2026-04-05", "2026-04-06"]
    assert told["timezone"] == "Australia/Brisbane"


async def test_what_does_not_fit_is_refused(api: httpx.AsyncClient) -> None:
    unknown = await api.get(f"{REPORTS}/sales")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/report-not-found")
    assert "source, category" in unknown.json()["detail"]
    for query, field in (
        ({"period": "soon"}, "period"),
        ({"from": "tomorrow", "to": "2026-01-01"}, "from"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "to"),
        ({"since": "x"}, "since"),
    ):
        answer = await api.get(f"{REPORTS}/source", params=query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field


async def test_a_dealership_sees_its_own_customers_only(
    api: httpx.AsyncClient, world: World, served: dict[str, int]
) -> None:
    assert served
    answer = await api.get(
        f"/api/v1/dealerships/{SISTER}/reports/summary", headers=bearer(await world.key(dealerships=[SISTER]))
    )

    assert answer.json()["total"]["customers"] == 0
