"""The statements that write the request log and let it end."""

from __future__ import annotations

from forecourt.infra.database import Query

# Whose a line is, is settled once for the batch and each of its keys: it belongs to the dealership of what was answered, or
# of the leads that it was about, or that it named, each only if the key holds it; failing all, to all that the key holds.
# A key that holds one dealership needs no looking up. Revoked keys are known: their owner may want to know that they are used.
WRITE = Query("""
with key as materialized (
    select
        known.id,
        known.token_hash,
        known.mode = 'test' as test,
        array(
            select holds.dealership_id from api_key_dealership as holds
            where holds.api_key_id = known.id
            order by holds.dealership_id
        ) as held
    from api_key as known
    where known.token_hash = any (cast(:known_hashes as bytea[]))
)
insert into request_log (
    id, at, api_key_id, key_hint, test, dealership_ids, method, route, path, query, status, problem, duration_ms,
    request_id, lead_id, lead_ids, lead_cluster_id, warnings, request_headers, request_type, request_body,
    response_type, response_body, bytes_in, bytes_out
)
select
    cast(line.id as uuid),
    line.at,
    key.id,
    case when key.id is null then line.key_hint end,
    coalesce(key.test, false),
    case
        when cardinality(key.held) < 2 then key.held
        when line.dealership_id = any (key.held) then array[line.dealership_id]
        else coalesce(by_lead.dealership_ids, by_name.dealership_ids, key.held, '{}')
    end,
    line.method,
    line.route,
    line.path,
    cast(line.query as json),
    line.status,
    line.problem,
    line.duration_ms,
    line.request_id,
    line.lead_ids[1],
    case when cardinality(line.lead_ids) > 1 then line.lead_ids end,
    line.lead_cluster_id,
    cast(line.warnings as json),
    cast(line.request_headers as json),
    line.request_type,
    cast(line.request_body as json),
    line.response_type,
    cast(line.response_body as json),
    line.bytes_in,
    line.bytes_out
from (
    select
        sent.id, sent.at, sent.token_hash, sent.key_hint, sent.dealership, sent.dealership_id, sent.method, sent.route,
        sent.path, sent.query, sent.status, sent.problem, sent.duration_ms, sent.request_id,
        cast(sent.lead_ids as bigint[]) as lead_ids, sent.lead_cluster_id, sent.warnings, sent.request_headers,
        sent.request_type, sent.request_body, sent.response_type, sent.response_body, sent.bytes_in, sent.bytes_out
    from unnest(
        cast(:id as text[]), cast(:at as timestamptz[]), cast(:token_hash as bytea[]), cast(:key_hint as text[]),
        cast(:dealership as text[]), cast(:dealership_id as bigint[]), cast(:method as text[]), cast(:route as text[]),
        cast(:path as text[]), cast(:query_string as text[]), cast(:status as integer[]), cast(:problem as text[]),
        cast(:duration_ms as real[]), cast(:request_id as text[]), cast(:lead_ids as text[]),
        cast(:lead_cluster_id as bigint[]), cast(:warnings as text[]), cast(:request_headers as text[]),
        cast(:request_type as text[]), cast(:request_body as text[]), cast(:response_type as text[]),
        cast(:response_body as text[]), cast(:bytes_in as bigint[]), cast(:bytes_out as bigint[])
    ) as sent (
        id, at, token_hash, key_hint, dealership, dealership_id, method, route, path, query, status, problem,
        duration_ms, request_id, lead_ids, lead_cluster_id, warnings, request_headers, request_type, request_body,
        response_type, response_body, bytes_in, bytes_out
    )
) as line
left join key on key.token_hash = line.token_hash
left join lateral (
    select array_agg(distinct lead.dealership_id order by lead.dealership_id) as dealership_ids
    from lead
    where cardinality(key.held) > 1
        and line.dealership_id is null
        and lead.id = any (line.lead_ids)
        and lead.dealership_id = any (key.held)
) as by_lead on true
left join lateral (
    select array[dealership.id] as dealership_ids
    from dealership
    where cardinality(key.held) > 1
        and line.dealership_id is null
        and dealership.id = any (key.held)
        and (dealership.slug = line.dealership or cast(dealership.id as text) = line.dealership)
    order by dealership.slug = line.dealership desc
    limit 1
) as by_name on true
on conflict (id) do nothing
""")
