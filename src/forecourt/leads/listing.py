"""The list of leads as a statement: fixed parts, chosen by which filters were asked for.

Each combination of filters is a statement of its own, so that PostgreSQL plans it for the index that serves it;
the values travel as parameters, always.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, LiteralString

from forecourt.infra.database import Query
from forecourt.leads.find_queries import COMPANIONS, LEAD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Filter -> what it asks of the lead.
CONDITIONS: Mapping[str, LiteralString] = {
    "category": "lead.category = :category",
    "source": "lead.source = :source",
    "lead_state": "lead.lead_state = :lead_state",
    "email": "coalesce(lead.email_normalised, lead.email) = :email",
    # A number is read as in the dealership's country, so it may be another one in each.
    "phone": "coalesce(lead.phone_e164, lead.phone) = held.phone",
    "provider": "lead.provider = :provider",
    "provider_id": "lead.provider_id = :provider_id",
    "golden": "lead.golden",
    "test": "lead.test",
    "not_test": "not lead.test",
    "not_golden": "not lead.golden",
    "created_from": "lead.created_at >= :created_from",
    "created_to": "lead.created_at < :created_to",
    "updated_from": "lead.updated_at >= :updated_from",
    "updated_to": "lead.updated_at < :updated_to",
    "tag": "tagged.tag = :tag",
}

# What a page walks along, and the column that names the dealership there: the leads, or the leads of one tag.
_LEADS = ("from lead", "lead.dealership_id")
_TAGGED = (
    """from lead_tag as tagged
join lead
    on lead.dealership_id = tagged.dealership_id
    and lead.created_at = tagged.lead_created_at
    and lead.id = tagged.lead_id""",
    "tagged.dealership_id",
)

_TOLD: LiteralString = f"{LEAD_COLUMNS.strip()},{COMPANIONS.rstrip()}"


@lru_cache(maxsize=1024)
def page_query(filters: frozenset[str], sort: str, *, after: bool, one_dealership: bool) -> Query:
    """The statement of a page.

    Args:
        filters: the names of the conditions that hold.
        sort: ``created_at`` or ``updated_at``, ``-`` in front for the newest first.
        after: whether the page begins after a cursor's ``:at`` and ``:id``.
        one_dealership: whether ``:dealership_ids`` holds just one. The leads of several are walked one
            dealership at a time, each along its index, and the page is taken from the heads.
    """
    direction: LiteralString = "desc" if sort.startswith("-") else "asc"
    beyond: LiteralString = "<" if sort.startswith("-") else ">"
    place, ident = _order(filters, sort)
    conditions = [CONDITIONS[name] for name in sorted(filters)]
    if after:
        conditions.append(f"({place}, {ident}) {beyond} (:at, :id)")
    source, dealership = _TAGGED if "tag" in filters else _LEADS
    held: LiteralString = "".join(f"\n    and {condition}" for condition in conditions)
    order: LiteralString = f"order by {place} {direction}, {ident} {direction}\nlimit :size"
    if one_dealership:
        held = held.replace("held.phone", "(cast(:phones as text[]))[1]")
        return Query(f"""
select {_TOLD},
    {place} as at
{source}
join dealership on dealership.id = lead.dealership_id
where {dealership} = (cast(:dealership_ids as bigint[]))[1]{held}
{order}
""")
    return Query(f"""
with page as (
    select head.dealership_id, head.id, head.at
    from unnest(cast(:dealership_ids as bigint[]), cast(:phones as text[])) as held (id, phone)
    cross join lateral (
        select lead.dealership_id, lead.id, {place} as at
        {source}
        where {dealership} = held.id{held}
        {order}
    ) as head
    order by head.at {direction}, head.id {direction}
    limit :size
)
select {_TOLD},
    page.at
from page
join lead on lead.dealership_id = page.dealership_id and lead.id = page.id
join dealership on dealership.id = page.dealership_id
order by page.at {direction}, page.id {direction}
""")


def _order(filters: frozenset[str], sort: str) -> tuple[LiteralString, LiteralString]:
    """The columns of the index that is walked."""
    if sort.endswith("updated_at"):
        return "lead.updated_at", "lead.id"
    if "tag" in filters:
        return "tagged.lead_created_at", "tagged.lead_id"
    return "lead.created_at", "lead.id"
