"""The statements of the holding inbox."""

from __future__ import annotations

from forecourt.infra.database import Query

# Of what is held already, the newest word counts.
HOLD = Query("""
insert into adf_held (
    api_key_id, identity, content_hash, reason, content, summary, points, request_id, received_at
)
values (
    :api_key_id, :identity, :content_hash, :reason, :content, cast(:summary as jsonb), cast(:points as text[]),
    :request_id, now()
)
on conflict (api_key_id, identity) where state = 'open' do update set
    content_hash = excluded.content_hash,
    reason = excluded.reason,
    content = excluded.content,
    summary = excluded.summary,
    points = excluded.points,
    request_id = excluded.request_id
returning id
""")

# What became of the same when it was held before.
HELD_BEFORE = Query("""
select id, state, content_hash, dealership_id
from adf_held
where api_key_id = :api_key_id and identity = :identity
order by id desc
limit 1
""")

# Whoever sent it, and whoever holds a dealership in common with whoever sent it; in the same mode.
_VISIBLE = """
key.mode = (select asking.mode from api_key as asking where asking.id = :api_key_id)
and (
    held.api_key_id = :api_key_id
    or exists (
        select from api_key_dealership as sending
        join api_key_dealership as asking
            on asking.dealership_id = sending.dealership_id and asking.api_key_id = :api_key_id
        where sending.api_key_id = held.api_key_id
    )
)
"""

# To staff: of whoever sent it, and holds a dealership of theirs.
_VISIBLE_TO_STAFF = """
exists (
    select from api_key_dealership as sending
    where sending.api_key_id = held.api_key_id and sending.dealership_id = any (cast(:dealership_ids as bigint[]))
)
"""

_COLUMNS = """
select
    held.id, held.reason, held.state, held.summary, held.received_at, held.request_id, held.decided_at,
    held.lead_id, held.api_key_id, key.name as api_key_name, dealership.slug as dealership_slug
"""

_FROM = """
from adf_held as held
join api_key as key on key.id = held.api_key_id
left join dealership on dealership.id = held.dealership_id
"""

HELD_PAGE = Query(
    _COLUMNS
    + _FROM
    + "where held.state = :state and held.id < :before and "
    + _VISIBLE
    + """
order by held.id desc
limit :size
"""
)

HELD_ONE = Query(
    _COLUMNS + ", held.content, held.content_hash" + _FROM + "where held.id = :held_id and " + _VISIBLE
)

STAFFS_PAGE = Query(
    _COLUMNS
    + _FROM
    + "where held.state = :state and held.id < :before and "
    + _VISIBLE_TO_STAFF
    + """
order by held.id desc
limit :size
"""
)

STAFFS_ONE = Query(_COLUMNS + ", held.content" + _FROM + "where held.id = :held_id and " + _VISIBLE_TO_STAFF)

# Of the key that sent it: what it sent stays in its mode.
MODE = Query("""
select key.mode
from adf_held as held
join api_key as key on key.id = held.api_key_id
where held.id = :held_id
""")

# No row: somebody else decided meanwhile. What it held goes.
DECIDE = Query("""
update adf_held set
    state = :state,
    content = null,
    summary = null,
    points = '{}',
    decided_at = now(),
    decided_by_api_key_id = :api_key_id,
    dealership_id = :dealership_id,
    lead_id = :lead_id
where id = :held_id and state = 'open'
returning id
""")
