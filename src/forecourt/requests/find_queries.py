"""The statements that read the request log."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

# Filter -> what it asks of a line.
CONDITIONS: Mapping[str, LiteralString] = {
    "request_id": "request.request_id = :request_id",
    "lead_cluster_id": "request.lead_cluster_id = :lead_cluster_id",
    "route": "request.route = :route",
    "method": "request.method = :method",
    "status": "request.status between :status_from and :status_to",
    # The index of what was refused is used only where the statement says so itself.
    "refused": "request.status >= 400",
    "api_key_id": "request.api_key_id = :api_key_id",
    "from": "request.id >= :from_id",
    "to": "request.id < :to_id",
    "after": "request.id < :after_id",
}
# What no index finds, asked of the latest few that fit otherwise.
SEARCHES: Mapping[str, LiteralString] = {
    "path": "starts_with(request.path, :path)",
    "text": """position(lower(:text) in lower(concat_ws(
        ' ', request.path, request.problem, request.request_id, cast(request.query as text),
        cast(request.warnings as text), cast(request.request_body as text), cast(request.response_body as text)
    ))) > 0""",
}
# Who holds every dealership that a call was for may see it; one that was for none is nobody's.
_OURS: LiteralString = """request.dealership_ids <@ cast(:held as bigint[])
    and request.dealership_ids <> '{}'"""

_COLUMNS: LiteralString = """
    request.id, request.at, request.request_id, request.api_key_id, key.name as api_key_name, request.key_hint,
    request.test, request.dealership_ids, request.method, request.route, request.path, request.query, request.status,
    request.problem, request.duration_ms, request.lead_id, request.lead_ids, request.lead_cluster_id, request.warnings,
    request.bytes_in, request.bytes_out"""
_BODIES: LiteralString = """
    request.request_headers, request.request_type, request.request_body, request.response_type, request.response_body"""
_FROM: LiteralString = """
from request_log as request
left join api_key as key on key.id = request.api_key_id"""

# Those of the held dealerships, one by one along the index, and those that were for several.
_HEADS: LiteralString = """
    select head.id
    from unnest(cast(:held as bigint[])) as held (id)
    cross join lateral (
        select request.id from request_log as request
        where request.dealership_id = held.id{}
        order by request.id desc
        limit {}
    ) as head"""
_WALK: LiteralString = """(
        select request.id from request_log as request
        where {}
        order by request.id desc
        limit {}
    )"""
_SEARCHED: LiteralString = """
with near as (
    {}
), found as (
    select near.id
    from near
    join request_log as request on request.id = near.id
    where {}
    order by near.id desc
    limit :size
)"""
_FOUND: LiteralString = """
with found as (
    {}
)"""
# So many of the latest are looked through.
_MOST: LiteralString = "5000"
_OF_SEVERAL: LiteralString = "request.dealership_id is null and request.api_key_id is not null"
_BY_LEAD: LiteralString = "request.lead_id = :lead_id"
_BY_LEADS: LiteralString = (
    "request.lead_ids @> array[cast(:lead_id as bigint)] and request.lead_id <> :lead_id"
)


@lru_cache(maxsize=1024)
def page_query(filters: frozenset[str], *, everybodys: bool) -> Query:
    """The statement of a page.

    Args:
        filters: the names of the conditions that hold, and ``lead_id``.
        everybodys: whether all lines are told, for the operator; otherwise only those of ``:held``.
    """
    searches = [SEARCHES[name] for name in sorted(filters & SEARCHES.keys())]
    held = [CONDITIONS[name] for name in sorted(filters - SEARCHES.keys() - {"lead_id"})]
    ours = [] if everybodys else [_OURS]
    size: LiteralString = _MOST if searches else ":size"
    if "lead_id" in filters:
        arms = [_walk([_BY_LEAD, *ours, *held], size), _walk([_BY_LEADS, *ours, *held], size)]
    elif everybodys or filters & {"request_id", "lead_cluster_id"}:
        arms = [_walk([*ours, *held] or ["true"], size)]
    else:
        more: LiteralString = "".join(f"\n            and {condition}" for condition in held)
        arms = [_HEADS.format(more, size), _walk([_OF_SEVERAL, *ours, *held], size)]
    walked: LiteralString = "\n    union all\n    ".join(arms)
    asked: LiteralString = "\n        and ".join(searches)
    found: LiteralString = _SEARCHED.format(walked, asked) if searches else _FOUND.format(walked)
    return Query(f"""{found}
select {_COLUMNS.strip()}
from found
join request_log as request on request.id = found.id
left join api_key as key on key.id = request.api_key_id
order by request.id desc
limit :size
""")


def _walk(conditions: list[LiteralString], size: LiteralString) -> LiteralString:
    held: LiteralString = "\n            and ".join(conditions)
    return _WALK.format(held, size)


# One line, for who holds its dealerships, or, with no ``:held``, for the operator.
_VISIBLE: LiteralString = f"""
    and (cast(:held as bigint[]) is null or ({_OURS}))
"""
BY_ID = Query(f"select {_COLUMNS.strip()},{_BODIES}{_FROM}\nwhere request.id = :id{_VISIBLE}")
BY_REQUEST = Query(
    f"select {_COLUMNS.strip()},{_BODIES}{_FROM}\nwhere request.request_id = :request_id{_VISIBLE}"
    "order by request.id desc\nlimit 1"
)
