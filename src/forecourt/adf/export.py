"""A lead as an ADF document, with a text for people beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access.caller import Caller, Unauthorised
from forecourt.adf.mapping import CARRIED, Recipient
from forecourt.adf.queries import LEAD_SEEN, LEADS_TOLD
from forecourt.adf.telling import Car, ToldLead, as_text, prospect_of
from forecourt.adf.writing import document
from forecourt.infra.database import record
from forecourt.leads import json_text
from forecourt.leads.find import PERMISSION
from forecourt.leads.refusals import LeadNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.ids import DealershipId, LeadId
    from forecourt.infra.database import Connection, Database

MEDIA = "application/x-adf+xml"

_COLUMNS = (
    "id", "created_at", "name", "last_name", "email", "phone", "message", "category", "source", "provider",
    "provider_id", "stocknum",
)  # fmt: skip


class AdfDocument(msgspec.Struct, frozen=True):
    """A lead as ADF.

    Attributes:
        xml: the document, in UTF-8; the DTD holds it valid, but for elements of others' in an extended one.
        text: the same for people.
    """

    xml: bytes
    text: str


async def adf_of(
    connection: Connection,
    dealership_id: DealershipId,
    lead_id: LeadId,
    *,
    whole: bool = True,
    extended: bool = False,
) -> AdfDocument:
    """A lead as an ADF document: what is mailed and posted to others.

    Args:
        connection: of the database; one statement.
        dealership_id: of the lead.
        lead_id: which.
        whole: whether what ADF has no place for is told too, in an instruction that the DTD allows.
        extended: whether elements of others are put back that ADF does not know.

    Raises:
        LeadNotFound: there is no such lead.
    """
    [lead] = await leads_told(connection, [(dealership_id, lead_id, None)])
    if lead is None:
        raise LeadNotFound
    return adf_document(lead, whole=whole, extended=extended)


async def leads_told(
    connection: Connection, asked: Sequence[tuple[int, int | None, int | None]]
) -> list[ToldLead | None]:
    """Many leads, with all that ADF tells of them; None where there is no such lead.

    Args:
        connection: of the database; one statement for all.
        asked: of each the dealership and the lead, or the lead cluster whose latest lead is meant.
    """
    dealership_ids, lead_ids, cluster_ids = ([one[part] for one in asked] for part in range(3))
    rows = await connection.every(
        record,
        LEADS_TOLD,
        dealership_ids=dealership_ids,
        lead_ids=lead_ids,
        lead_cluster_ids=cluster_ids,
    )
    found: list[ToldLead | None] = [None] * len(asked)
    for row in rows:
        found[row["place"] - 1] = _lead(row)
    return found


def adf_document(lead: ToldLead, *, whole: bool = True, extended: bool = False) -> AdfDocument:
    """*lead* as a document; see ``adf_of``."""
    return AdfDocument(document(prospect_of(lead, whole=whole, extended=extended)), as_text(lead))


async def adf_for(database: Database, token_hash: bytes, lead_id: LeadId, *, extended: bool) -> AdfDocument:
    """A lead as an ADF document, for the key with this hash.

    Raises:
        Unauthorised, LeadNotFound, PermissionMissing: in this order.
    """
    async with database.connection() as connection:
        seen = await connection.one_or_none(record, LEAD_SEEN, token_hash=token_hash, lead_id=lead_id)
        if seen is None:
            raise Unauthorised
        if seen["dealership_id"] is None:
            raise LeadNotFound
        Caller(seen["api_key_id"], tuple(seen["permissions"])).require(PERMISSION)
        return await adf_of(connection, seen["dealership_id"], lead_id, extended=extended)


def _lead(row: dict[str, Any]) -> ToldLead:
    carried = {name: row[name] for name in CARRIED if name in row}
    carried["dob"] = None if row["dob"] is None else row["dob"].strftime("%d/%m/%Y")
    carried["charge_breakdown"] = json_text.value_of(row["charge_breakdown"]) or None
    carried["extra"] = json_text.value_of(row["extra"]) or None
    carried["tags"] = row["tags"] or None
    carried["golden"] = row["golden"] or None
    return ToldLead(
        **{name: row[name] for name in _COLUMNS},
        recipient=Recipient(
            id=row["dealership_id"],
            slug=row["slug"],
            name=row["dealership_name"],
            country=row["country"],
            timezone=row["timezone"],
            phone=row["dealership_phone"],
            email=row["dealership_email"],
        ),
        address_attributes=json_text.value_of(row["address_attributes"]),
        fields=json_text.value_of(row["fields"]),
        carried=carried,
        car=_car(row) if row["has_vehicle"] else None,
    )


def _car(row: dict[str, Any]) -> Car:
    names = ("year", "make", "model", "badge", "vin", "colour", "condition", "price")
    return Car(**{name: row[name] for name in names}, stocknum=row["car_stocknum"])
