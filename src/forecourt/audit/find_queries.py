"""The statement that reads the audit: a page is a walk along an index, whatever is asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

# Filter -> what it asks of an event.
CONDITIONS: Mapping[str, LiteralString] = {
    "lead_id": "event.lead_id = :lead_id",
    "lead_cluster_id": "event.lead_cluster_id = :lead_cluster_id",
    "user_id": "event.user_id = :user_id",
    "api_key_id": "event.api_key_id = :api_key_id",
    "since": "event.occurred_at >= :since",
    "until": "event.occurred_at < :until",
    "after_at": "(event.occurred_at, event.id) < (:after_at, :after_id)",
    # Of a key: those of test mode alone, or all but those.
    "test": "is_seen(event.dealership_id, event.lead_cluster_id, :test)",
    "kinds": "event.kind = any (cast(:kinds as text[]))",
}
# Of these an event has few: read them all, rather than walk past everybody else's.
_FEW = frozenset({"lead_id", "lead_cluster_id"})

_WALK: LiteralString = """
    select event.id, event.occurred_at
    from event
    where event.dealership_id = :dealership_id{}
    order by event.occurred_at desc, event.id desc
    limit :size"""
# Each kind along its own part of the index.
_BY_KIND: LiteralString = """
    select head.id, head.occurred_at
    from unnest(cast(:kinds as text[])) as asked (kind)
    cross join lateral (
        select event.id, event.occurred_at
        from event
        where event.dealership_id = :dealership_id
            and event.kind = asked.kind{}
        order by event.occurred_at desc, event.id desc
        limit :size
    ) as head"""
_ALL_OF_IT: LiteralString = """
    select event.id, event.occurred_at
    from event
    where event.dealership_id = :dealership_id{}"""


@lru_cache(maxsize=512)
def page_query(filters: frozenset[str]) -> Query:
    """The statement of a page.

    Args:
        filters: the names of the conditions that hold.
    """
    if filters & _FEW:
        found, held = _ALL_OF_IT, sorted(filters)
    elif "user_id" in filters or "kinds" not in filters:
        found, held = _WALK, sorted(filters)
    else:
        found, held = _BY_KIND, sorted(filters - {"kinds"})
    more: LiteralString = "".join(f"\n            and {CONDITIONS[name]}" for name in held)
    return Query(
        "with found as materialized ("
        + found.format(more)
        + """
)
select
    event.id, event.occurred_at, event.kind, event.user_id, person.name as user_name, event.api_key_id,
    key.name as api_key_name, event.request_id, event.lead_cluster_id, event.other_lead_cluster_id, event.lead_id,
    event.undoes_event_id, event.changes
from found
join event on event.dealership_id = :dealership_id and event.id = found.id
left join user_account as person on person.id = event.user_id
left join api_key as key on key.id = event.api_key_id
order by event.occurred_at desc, event.id desc
limit :size
"""
    )
