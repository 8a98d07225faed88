"""The reports at 100,000 customers: how long the server takes for each, by the API and as the page, and for a list behind one.

All customers are those of one dealership and came within two years, ten enquiries each; staff turned to seven in ten of the
enquiries, and one customer in fifty was merged into another. A report counts the last 28 days, in which some ten thousand of
them enquired, and the 28 before. One is asked for after the other, so that what is measured is the server's own time.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import asyncpg

from bench.contestants import free_port, running
from bench.figures import Figure, table, under
from forecourt.access import tokens
from forecourt.access.sessions import COOKIE, open_session
from forecourt.infra.database import Database
from forecourt.infra.embedded import hold
from forecourt.infra.migrate import migrate
from forecourt.reports.api import NAMES

if TYPE_CHECKING:
    from datetime import date

_ASKED, _WARM = 12, 2
_TARGET = 1_000
_BEHIND = "list of who was not answered in target"

_WORLD = """
insert into dealership (id, slug, name, timezone) values (1, 'dealer-1', 'Dealer 1', 'Australia/Sydney');
insert into opening_hours (dealership_id, weekday, opens, closes)
    select 1, weekday, '08:30', '17:30' from generate_series(1, 6) as weekday;
insert into location (dealership_id, id, name) select 1, i, 'Yard ' || i from generate_series(1, 5) as i;
insert into user_account (id, name, email) select i, 'User ' || i, 'user' || i || '@example.com' from generate_series(1, 40) as i;
insert into dealership_user (dealership_id, user_id, role) select 1, i, 'lead_manager' from generate_series(1, 40) as i;
insert into lead_status_option (dealership_id, id, state, name)
    select 1, i, 'lost', 'Reason ' || i from generate_series(1, 6) as i;
insert into response_target (dealership_id, category, source, target_minutes, overdue_minutes)
    values (1, 'Test Drive Booking', null, 30, 240), (1, null, 'Carsales', 10, 60);
insert into lead_cluster (
    dealership_id, id, state, user_id, location_id, first_lead_created_at, last_lead_created_at, waiting_since,
    lead_status_option_id
)
    select
        1, i, stands.state, case when i % 10 <> 0 then 1 + i % 40 end, 1 + i % 5, came, least(now(), came + interval '90 days'),
        case when stands.state = 'new' then came end, case when stands.state = 'lost' and i % 3 > 0 then 1 + i % 6 end
    from generate_series(1, $clusters) as i
    cross join lateral (select now() - interval '728 days' * (i::float8 / $clusters)) as at (came)
    cross join lateral (
        select (array['new', 'contacted', 'lost', 'converted', 'invalid', 'contacted', 'contacted', 'lost'])[1 + i % 8]
    ) as stands (state);
insert into contact (dealership_id, id, lead_cluster_id, name) select 1, id, id, 'Mia ' || id from lead_cluster;
insert into lead (
    dealership_id, id, lead_cluster_id, created_at, updated_at, name, email, email_normalised, message, category, source,
    location_id
)
    select
        1, row_number() over (order by at), i, at, at, 'Mia', 'c' || i || '@example.com', 'c' || i || '@example.com',
        repeat('I would like to know more. ', 5),
        (array['New Vehicle Enquiry', 'Used Vehicle Enquiry', 'Test Drive Booking', 'Finance Enquiry'])[1 + (i * 7 + k) % 4],
        (array['Website', 'Carsales', 'Facebook', 'Walk In', 'Autotrader'])[1 + (i * 3 + k) % 5], 1 + i % 5
    from generate_series(1, $each) as k
    cross join generate_series(1, $clusters) as i
    cross join lateral (select least(
        now(),
        now() - interval '728 days' * (i::float8 / $clusters) + interval '1 hour' * ((i * 31 + k * 17) % 2160) * (k - 1) / $each
    )) as times (at)
    order by at;
insert into event (dealership_id, lead_cluster_id, kind, occurred_at, request_id, human, changes)
    select 1, lead_cluster_id, 'call.logged', created_at + interval '1 second' * (id * 7919 % 20000), 'filled', true, '{}'
    from lead where id % 10 < 7;
insert into appointment (dealership_id, lead_cluster_id, purpose, starts_at, status, created_at)
    select
        1, id, 'Test Drive', first_lead_created_at + interval '3 days',
        (array['completed', 'no-show', 'completed', 'cancelled'])[1 + id / 4 % 4], first_lead_created_at + interval '1 hour'
    from lead_cluster where id % 4 = 1;
update lead set lead_cluster_id = lead_cluster_id + 1 where lead_cluster_id % 50 = 7;
update lead_cluster set merged_into_id = id + 1 where id % 50 = 7;
insert into cluster_merge (dealership_id, survivor_id, merged_id, merged_at, request_id, changes, given, lead_ids)
    select 1, id + 1, id, now(), 'filled', '{}', '{}', '{}' from lead_cluster where merged_into_id is not null;
"""


def main(*, clusters: int = 100_000, each: int = 10) -> list[Figure]:
    """Run it, and return what it comes to; *each* is how many enquiries a customer made."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(
            f"filling a database with {clusters:,} customers and {clusters * each:,} enquiries …", flush=True
        )
        token, cookie, today = asyncio.run(_filled(held.url, clusters, each))
        port = free_port()
        words = [sys.executable, "-m", "forecourt", "serve", "--json", "--port", str(port)]
        with running(words, port, "/readyz", FORECOURT_DATA_DIR=folder) as server:
            asked = {"Authorization": f"Bearer {token}"}
            seen = {"Cookie": f"{COOKIE}={cookie}"}
            api = f"{server.url}/api/v1/dealerships/dealer-1/reports"
            times = {name: _times(f"{api}/{name}", asked) for name in NAMES}
            times["page"] = _times(f"{server.url}/reports", seen)
            times[_BEHIND] = _times(server.url + _list(today), seen)
            a_year = _times(f"{api}/source?from={today - timedelta(days=364)}&to={today}", asked, 3)
    for name, found in times.items():
        print(f"  {name:45} p50 {statistics.median(found):7.1f} ms  most {max(found):7.1f} ms", flush=True)
    slowest = max((name for name in NAMES), key=lambda name: statistics.median(times[name]))
    return [
        under(f"reports: the slowest ({slowest}), p50", statistics.median(times[slowest]), _TARGET, " ms"),
        under("reports: page, p50", statistics.median(times["page"]), _TARGET, " ms"),
        under("reports: list behind a figure, p50", statistics.median(times[_BEHIND]), _TARGET, " ms"),
        Figure("reports: by source over a year, p50", f"{statistics.median(a_year):.0f} ms"),
    ]


async def _filled(url: str, clusters: int, each: int) -> tuple[str, str, date]:
    """Fill the database; a key's token, a session's cookie, and the dealership's day."""
    await migrate(url)
    connection = await asyncpg.connect(url)
    await connection.execute("set session_replication_role = replica")
    await connection.execute(_WORLD.replace("$clusters", str(clusters)).replace("$each", str(each)))
    token = tokens.new_token("live")
    await connection.execute(
        "with key as (insert into api_key (name, mode, token_hash, token_hint, permissions) "
        "values ('bench', 'live', $1, 'hint', '{read:report}') returning id) "
        "insert into api_key_dealership select id, 1 from key",
        tokens.hash_of(token),
    )
    await connection.execute("vacuum analyze")
    today: date = await connection.fetchval("select cast(now() at time zone 'Australia/Sydney' as date)")
    await connection.close()
    database = Database(connections=1)
    await database.open(url)
    async with database.connection() as lent:
        cookie = await open_session(lent, 1, user_agent="bench", source="127.0.0.1")
    await database.close()
    return token, cookie, today


def _list(today: date) -> str:
    first = today - timedelta(days=27)
    return "/?" + urlencode({"view": "all", "q": f"created:{first}..{today} answered:out-of-target"})


def _times(url: str, headers: dict[str, str], asked: int = _ASKED) -> list[float]:
    """Milliseconds of each time, the first ones left out."""
    found = []
    for number in range(asked + _WARM):
        began = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            answer.read()
        if number >= _WARM:
            found.append((time.perf_counter() - began) * 1_000)
    return found


if __name__ == "__main__":
    print(table(main()))
