-- ADF: what was sent, which lead each prospect became, what nobody was found for yet, what senders call a dealership.

-- A vehicle's identification number, by which an enquiry finds the car whatever the sender knows of stock numbers.
alter table car add column vin text;

create index car_by_vin on car (dealership_id, lower(vin), id) where vin is not null;

-- Ways to reach a customer that came with a lead beside its own address and number: when leads are moved to another
-- cluster, these go along.
create table lead_point (
    dealership_id bigint not null,
    lead_id bigint not null,
    kind text not null,
    value text not null,
    primary key (dealership_id, lead_id, kind, value),
    constraint lead_point_kind_is_known check (kind in ('email', 'phone')),
    foreign key (dealership_id, lead_id) references lead (dealership_id, id)
);

-- A document as it came, to look into when a sender and we do not agree. Personal data: kept for 30 days
-- (adf/receive.py), and gone before with any of the people in it. It is of no dealership by itself: it may hold
-- prospects for several, and for none that is known.
create table adf_document (
    id bigint generated always as identity primary key,
    api_key_id bigint not null references api_key,
    received_at timestamptz not null,
    request_id text not null,
    content_type text not null,
    content bytea not null,
    sha256 bytea not null,
    -- How many prospects were found in it: whether all of them are one person's.
    prospects integer not null,
    -- E-mail addresses and numbers in it, normalised: whom it is about, also where nothing became a lead yet.
    points text[] not null default '{}',
    constraint adf_document_sha256_key unique (api_key_id, sha256)
);

create index adf_document_by_age on adf_document (received_at);
create index adf_document_by_points on adf_document using gin (points);

-- The leads that a document tells of.
create table adf_document_lead (
    dealership_id bigint not null,
    lead_id bigint not null,
    adf_document_id bigint not null references adf_document on delete cascade,
    primary key (dealership_id, lead_id, adf_document_id),
    foreign key (dealership_id, lead_id) references lead (dealership_id, id)
);

create index adf_document_lead_by_document on adf_document_lead (adf_document_id);

-- By what a prospect is known again, and the lead that it is: of two that come at once, one makes it.
create table adf_prospect (
    dealership_id bigint not null,
    -- SHA-256 of the sender's id for it; of one without an id, of its content, and then for 24 hours.
    identity bytea not null,
    by_content boolean not null,
    lead_id bigint not null,
    content_hash bytea not null,
    -- Whether the sender gave the same id to another customer: then it says nothing.
    is_reused boolean not null default false,
    received_at timestamptz not null,
    primary key (dealership_id, identity),
    foreign key (dealership_id, lead_id) references lead (dealership_id, id)
);

create index adf_prospect_by_lead on adf_prospect (dealership_id, lead_id);

-- The holding inbox: prospects that fit no dealership of the sender's, and documents without a prospect. It belongs to
-- the key that sent it; whoever holds a dealership in common with that key may look and decide.
create table adf_held (
    id bigint generated always as identity primary key,
    api_key_id bigint not null references api_key,
    identity bytea not null,
    content_hash bytea not null,
    reason text not null,
    state text not null default 'open',
    -- The prospect as XML, or the text in which none was found. Personal data, as is the summary: both go when
    -- somebody has decided.
    content text,
    summary jsonb,
    -- E-mail addresses and numbers in it, normalised: whom it is about.
    points text[] not null default '{}',
    request_id text not null,
    received_at timestamptz not null,
    decided_at timestamptz,
    decided_by_api_key_id bigint references api_key,
    -- What it became.
    dealership_id bigint,
    lead_id bigint,
    constraint adf_held_reason_is_known check (
        reason in ('unknown_vendor', 'ambiguous_vendor', 'unreadable', 'refused')
    ),
    constraint adf_held_state_is_known check (state in ('open', 'accepted', 'dismissed', 'erased')),
    constraint adf_held_is_open_while_it_has_content check ((state = 'open') = (content is not null)),
    foreign key (dealership_id, lead_id) references lead (dealership_id, id)
);

create unique index adf_held_open on adf_held (api_key_id, identity) where state = 'open';
create index adf_held_by_identity on adf_held (api_key_id, identity, id);
create index adf_held_by_points on adf_held using gin (points) where state = 'open';
create index adf_held_by_lead on adf_held (dealership_id, lead_id) where lead_id is not null;

-- Names and ids that senders have for a dealership.
create table adf_vendor (
    dealership_id bigint not null references dealership,
    id bigint generated always as identity,
    name text,
    vendor_id text,
    -- Whose id it is; null for whoever sends it.
    source text,
    created_at timestamptz not null default now(),
    primary key (dealership_id, id),
    constraint adf_vendor_key unique nulls not distinct (dealership_id, name, vendor_id, source),
    constraint adf_vendor_is_a_name_or_an_id check (num_nonnulls(name, vendor_id) = 1),
    constraint adf_vendor_source_is_of_an_id check (source is null or vendor_id is not null)
);
