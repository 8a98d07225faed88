"""Searching clusters by what somebody types: each way of reading it walks one index, and the first that fill a page count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, LiteralString

from forecourt.clusters.find_queries import COLUMNS, JOINED
from forecourt.contacts.phone import loose_phone
from forecourt.infra.database import Query

if TYPE_CHECKING:
    from forecourt.ids import DealershipId

_DIGITS = re.compile(r"[\d\s()+./-]+", re.ASCII)
_LAST_DIGITS = 4
_FULL_NUMBER = 6
# After every text that begins with what is before it.
_END = "\U0010ffff"

# Each arm reads no more of its index than a page holds, and none where those before it have filled the page. A merged
# cluster's contact stands for the survivor.
_FOUND: LiteralString = """
from (
    select hit.id, min(hit.place) as place
    from (
        (
            select contact.lead_cluster_id as id, 1 as place
            from contact_point as point
            join contact on contact.dealership_id = point.dealership_id and contact.id = point.contact_id
            where point.dealership_id = :dealership_id and point.kind = 'phone' and point.value = :phone
            limit :size
        )
        union all
        (
            select contact.lead_cluster_id, 2
            from contact_point as point
            join contact on contact.dealership_id = point.dealership_id and contact.id = point.contact_id
            where point.dealership_id = :dealership_id
                and point.kind = 'phone'
                and right(point.value, 4) = :last_digits
            limit :size
        )
        union all
        (
            select lead.lead_cluster_id, 3
            from lead
            where lead.dealership_id = :dealership_id
                and lead.stocknum is not null
                and (lower(lead.stocknum) collate "C") >= :stocknum
                and (lower(lead.stocknum) collate "C") < :stocknum_end
            order by lower(lead.stocknum) collate "C"
            limit :size
        )
        union all
        (
            select contact.lead_cluster_id, 4
            from contact
            where contact.dealership_id = :dealership_id
                and contact.full_name >= :name
                and contact.full_name < :name_end
            order by contact.full_name
            limit :size
        )
        union all
        (
            select contact.lead_cluster_id, 5
            from contact
            where contact.dealership_id = :dealership_id
                and contact.last_name_first >= :last_name
                and contact.last_name_first < :last_name_end
            order by contact.last_name_first
            limit :size
        )
        union all
        (
            select contact.lead_cluster_id, 6
            from contact_point as point
            join contact on contact.dealership_id = point.dealership_id and contact.id = point.contact_id
            where point.dealership_id = :dealership_id
                and point.kind = 'email'
                and (point.value collate "C") >= :email
                and (point.value collate "C") < :email_end
            order by point.value collate "C"
            limit :size
        )
        limit :size
    ) as hit
    group by hit.id
) as found
join lead_cluster as met on met.dealership_id = :dealership_id and met.id = found.id
join lead_cluster as cluster
    on cluster.dealership_id = met.dealership_id
    and cluster.id = case
        when met.merged_into_id is null then met.id else survivor_of(met.dealership_id, met.id)
    end
    and (cast(:test as boolean) is null or cluster.test = :test)"""

SEARCH = Query(
    "select"
    + COLUMNS.rstrip()
    + _FOUND
    + JOINED
    + """order by found.place, cluster.last_lead_created_at desc, cluster.id desc
"""
)

# Only which clusters they are, the likeliest in front.
SEARCH_IDS = Query(
    "select cluster.id"
    + _FOUND
    + """
order by found.place, cluster.last_lead_created_at desc, cluster.id desc
"""
)


def asked(text: str, dealership_id: DealershipId, country: str, size: int) -> dict[str, Any]:
    """The parameters of ``SEARCH`` for what was typed.

    With an @ it is the beginning of an e-mail address; of digits alone it is a phone number in any spelling, its last
    four digits or the beginning of a stock number; else it is the beginning of a name, first or last or both in
    either order, of a stock number, or, as one word, of an e-mail address.
    """
    text = " ".join(text.split()).lower()
    parameters: dict[str, Any] = dict.fromkeys(SEARCH.names)
    parameters |= {"dealership_id": dealership_id, "size": size}
    digits = re.sub(r"\D", "", text) if _DIGITS.fullmatch(text) else ""
    if "@" in text:
        parameters |= _range("email", text)
    elif digits:
        if len(digits) == _LAST_DIGITS:
            parameters["last_digits"] = digits
        if len(digits) >= _FULL_NUMBER:
            parameters["phone"] = loose_phone(text, country)
        parameters |= _range("stocknum", text)
    else:
        parameters |= _range("name", text) | _range("last_name", text)
        parameters |= _range("stocknum", text)
        if " " not in text:
            parameters |= _range("email", text)
    return parameters


def _range(name: str, beginning: str) -> dict[str, str]:
    return {name: beginning, f"{name}_end": beginning + _END}
