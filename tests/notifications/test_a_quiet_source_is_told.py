"""Mail about a source that has gone quiet: to whoever sees reports, unless something has come meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from forecourt.infra.database import Database
from forecourt.reports.sources import watch_sources
from tests.clusters.asking import enquiry
from tests.messages.asking import settled, told, until
from tests.reports.test_quiet_sources_are_told import ALWAYS, came
from tests.response.asking import settle

if TYPE_CHECKING:
    import httpx

    from tests.messages.sink import Sink
    from tests.world import World

_HEARD_AGAIN = """
with happened as (
    insert into event (dealership_id, kind, occurred_at, request_id, changes)
    select 1, 'source.silent', now(), 'test', jsonb_build_object(
        'source', jsonb_build_object('to', 'Facebook'), 'expected', jsonb_build_object('to', 5),
        'silent_since', jsonb_build_object('to', now() - interval '2 days')
    )
    returning id
)
insert into delivery (dealership_id, event_id, channel, topic, target, due_at)
select 1, id, 'alert', 'source.silent', 'source:Facebook', now() from happened
"""


async def test_who_sees_reports_is_told_while_nothing_comes(
    api: httpx.AsyncClient, world: World, sink: Sink, database_url: str
) -> None:
    await settle(api, opening_hours=ALWAYS, closed_days=[])
    await told(api, "PUT", "lead_cluster_settings", 200, lead_cluster_settings={"email": None})
    await world.run("insert into user_account (id, name, email) values (531, 'Lee', 'lee@staff.example')")
    await world.run(
        "insert into dealership_user (dealership_id, user_id, role) values (1, 531, 'lead_manager')"
    )
    await world.run("update dealership_user set role = 'salesperson' where user_id = 501")
    hour = timedelta(hours=1)
    await came(api, world, "Carsales", every=2 * hour, silent=30 * hour)
    await enquiry(api, source="Facebook")

    await world.run(_HEARD_AGAIN)
    database = Database(connections=1)
    await database.open(database_url)
    assert await watch_sources(database) == 1
    await database.close()

    await until(world, "select 1 from delivery where target = 'lee@staff.example' and state = 'sent'")
    rows = {row["target"]: row for row in await settled(world, channel="alert")}
    assert rows["source:Facebook"]["reason"] == "something has come since"
    assert rows["source:Carsales"]["reason"] == "each of the dealership's 1 users is told instead"
    [letter] = sink.to("lee@staff.example")
    assert letter.message["Subject"] == "Carsales has gone quiet at Brisbane Motors"
    assert "About 15 enquiries would have been usual" in letter.part("plain").replace("\n", " ")
    assert sink.to("user1@example.com") == []
