-- What integrators asked and were answered, for as long as they may want to know: append-only, without foreign keys
-- (they would lock the key's one row at each call) and without personal data: all that could be somebody's was masked
-- before it came here. Written in batches beside the requests (requests/recording.py), never changed, and deleted from the
-- old end in batches (requests/forget.py; docs/decisions/0017-the-request-log.md says why there are no partitions).
create table request_log (
    -- A UUID of version 7, made when the call was answered: the order of the ids is the order of the answers, whichever
    -- process wrote them, so that this one index serves the list, its pages, a span of time and the deleting.
    id uuid primary key,
    at timestamptz not null,
    -- Null: no key that we know was shown, and the line is nobody's.
    api_key_id bigint,
    -- The last four characters of a token that is no key of ours.
    key_hint text,
    test boolean not null,
    -- For which dealerships it was; of a call that cannot be told of, all that the key held. Who holds every one of them
    -- may see the line.
    dealership_ids bigint[] not null,
    -- Where that is one, again, for the index.
    dealership_id bigint generated always as (
        case when cardinality(dealership_ids) = 1 then dealership_ids[1] end
    ) stored,
    method text not null,
    -- The path's template; null where no route has the path.
    route text,
    path text not null,
    query json,
    status integer not null,
    -- Which rule said no.
    problem text,
    duration_ms real not null,
    request_id text not null,
    lead_id bigint,
    -- Where there were several.
    lead_ids bigint[],
    lead_cluster_id bigint,
    -- What was taken, but not as the sender may think.
    warnings json,
    request_headers json not null,
    request_type text,
    -- json, not jsonb: it comes back in the order in which it was sent, and costs half as much to write.
    request_body json,
    response_type text,
    response_body json,
    bytes_in bigint,
    bytes_out bigint not null
)
with (
    -- A masked body is short: to compress it would cost the server more than to write it.
    toast_tuple_target = 8160,
    -- It only grows at one end; the defaults would have it read through by autovacuum again and again.
    autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_threshold = 50000
);

create index request_log_by_dealership on request_log (dealership_id, id);
create index request_log_of_several on request_log (id) where dealership_id is null and api_key_id is not null;
create index request_log_refused on request_log (dealership_id, id) where status >= 400;
create index request_log_by_lead on request_log (lead_id, id) where lead_id is not null;
create index request_log_by_leads on request_log using gin (lead_ids) where lead_ids is not null;
create index request_log_by_cluster on request_log (lead_cluster_id, id) where lead_cluster_id is not null;
create index request_log_by_request on request_log (request_id);
