"""The loop that most would write for webhooks, directly on asyncpg and httpx2: claim, read, post, write down.

It gives the same guarantees: a lease, the attempt counted before it is made and checked when its result is written, the
request and the answer kept, a retry after a while. What it leaves out: gaps of the log, lanes, addresses that are checked,
endpoints that are switched off.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import os
import time
from typing import Any

import asyncpg
import httpx2
import uvloop

_CLAIMED = 100
# The library is at its fastest so: each request looks through all connections.
_IN_FLIGHT = 16

_PLAN = """
with told as (
    select dealership_id, id, lead_cluster_id, lead_id, kind from event where id > $1 order by id limit 500
), planned as (
    insert into delivery (
        dealership_id, event_id, lead_cluster_id, lead_id, channel, topic, target, webhook_endpoint_id, lane, due_at
    )
    select
        told.dealership_id, told.id, told.lead_cluster_id, told.lead_id, 'webhook', told.kind,
        'endpoint:' || endpoint.id, endpoint.id, endpoint.id, now()
    from told
    join webhook_endpoint as endpoint
        on endpoint.dealership_id = told.dealership_id and told.kind = any (endpoint.events)
    on conflict do nothing
)
select max(id) from told
"""

_CLAIM = """
with due as (
    select dealership_id, id from delivery
    where state = 'waiting' and due_at <= now()
    order by due_at, id
    limit $1
    for no key update skip locked
)
update delivery set state = 'sending', attempts = attempts + 1, leased_until = now() + interval '60 seconds'
from due
where delivery.dealership_id = due.dealership_id and delivery.id = due.id
returning delivery.dealership_id, delivery.id, delivery.lead_id, delivery.webhook_endpoint_id, delivery.attempts
"""

_READ = """
select
    delivery.id, delivery.attempts, endpoint.url, endpoint.secret, lead.id as lead_id, lead.dealership_id, dealership.slug,
    lead.lead_cluster_id, lead.name, lead.last_name, lead.email, lead.phone, lead.message, lead.dob, lead.customer_address,
    lead.category, lead.source, lead.marketing_source, lead.website_id, website.slug as website_slug, lead.page_id,
    lead.location_id, lead.car_id, lead.stocknum, lead.model_id, lead.model_variant_id, lead.colour_id,
    lead.team_member_id, lead.user_email, lead.provider, lead.provider_id, lead.certified, lead.golden, lead.lead_state,
    lead.sms_verified, lead.tags, lead.opt_in_to_marketing, lead.send_customer_email, lead.delay_customer_email_minutes,
    lead.delay_dealership_notification_minutes, lead.time_on_site_seconds, lead.time_to_submit_seconds,
    lead.address_attributes, lead.fields
from unnest($1::bigint[], $2::bigint[]) as asked (dealership_id, id)
join delivery on delivery.dealership_id = asked.dealership_id and delivery.id = asked.id
join webhook_endpoint as endpoint
    on endpoint.dealership_id = delivery.dealership_id and endpoint.id = delivery.webhook_endpoint_id
join lead on lead.dealership_id = delivery.dealership_id and lead.id = delivery.lead_id
join dealership on dealership.id = lead.dealership_id
left join website on website.dealership_id = lead.dealership_id and website.id = lead.website_id
"""

_WRITE = """
with ended as (
    select * from unnest(
        $1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[], $9::text[],
        $10::text[]
    ) as ended (
        dealership_id, id, attempt, state, status, milliseconds, request_headers, request_body, response_headers,
        response_body
    )
), finished as (
    update delivery set
        state = ended.state,
        due_at = case when ended.state = 'waiting' then now() + interval '5 seconds' else delivery.due_at end,
        leased_until = null,
        ended_at = now()
    from ended
    where delivery.dealership_id = ended.dealership_id
        and delivery.id = ended.id
        and delivery.attempts = ended.attempt
        and delivery.state = 'sending'
    returning delivery.id
)
insert into delivery_attempt (
    dealership_id, delivery_id, number, started_at, milliseconds, outcome, status, request_headers, request_body,
    response_headers, response_body
)
select
    ended.dealership_id, ended.id, ended.attempt, now(), ended.milliseconds, 'answered', ended.status,
    ended.request_headers::jsonb, ended.request_body, ended.response_headers::jsonb, ended.response_body
from ended
join finished on finished.id = ended.id
"""

_OF_DELIVERY = ("attempts", "url", "secret", "slug", "lead_id")


async def deliver(url: str) -> None:
    """Plan and deliver until the process is ended."""
    pool = await asyncpg.create_pool(url, min_size=2, max_size=4)
    read_up_to = await pool.fetchval("select read_up_to from event_reader where name = 'deliveries'")
    limits = httpx2.Limits(max_connections=_IN_FLIGHT, max_keepalive_connections=_IN_FLIGHT)
    room = asyncio.Semaphore(_IN_FLIGHT)
    async with httpx2.AsyncClient(timeout=15, limits=limits) as client:
        while True:
            last = await pool.fetchval(_PLAN, read_up_to)
            read_up_to = last or read_up_to
            claimed = await pool.fetch(_CLAIM, _CLAIMED)
            if not claimed:
                # Where nothing is to be done it looks again this soon: faster than ours, and at more cost.
                await asyncio.sleep(0.02)
                continue
            own = [one["dealership_id"] for one in claimed], [one["id"] for one in claimed]
            rows = await pool.fetch(_READ, *own)
            ended = await asyncio.gather(*[_in_turn(room, client, dict(row)) for row in rows])
            await pool.execute(_WRITE, *[list(column) for column in zip(*ended, strict=True)])


async def _in_turn(
    room: asyncio.Semaphore, client: httpx2.AsyncClient, row: dict[str, Any]
) -> tuple[Any, ...]:
    async with room:
        return await _post(client, row)


async def _post(client: httpx2.AsyncClient, row: dict[str, Any]) -> tuple[Any, ...]:
    delivery_id, attempt = row.pop("id"), row["attempts"]
    lead = {"id": row["lead_id"]} | {name: row[name] for name in row if name not in _OF_DELIVERY}
    for name in ("address_attributes", "fields"):
        lead[name] = lead[name] and json.loads(lead[name])
    body = json.dumps(lead | {"dealership_slug": row["slug"]}, default=str).encode()
    now = str(int(time.time()))
    key = base64.b64decode(row["secret"].removeprefix("whsec_"))
    signed = hmac.digest(key, f"msg_{delivery_id}.{now}.".encode() + body, "sha256")
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "webhook-id": f"msg_{delivery_id}",
        "webhook-timestamp": now,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }
    began = time.monotonic()
    try:
        answer = await client.post(row["url"], content=body, headers=headers)
    except httpx2.HTTPError:
        return (
            row["dealership_id"],
            delivery_id,
            attempt,
            "waiting",
            None,
            0,
            json.dumps(headers),
            body.decode(),
            None,
            None,
        )
    state = "sent" if answer.is_success else "waiting"
    milliseconds = round((time.monotonic() - began) * 1_000)
    kept = json.dumps(headers), body.decode(), json.dumps(dict(answer.headers)), answer.text
    return row["dealership_id"], delivery_id, attempt, state, answer.status_code, milliseconds, *kept


if __name__ == "__main__":
    uvloop.run(deliver(os.environ["BENCH_DATABASE_URL"]))
