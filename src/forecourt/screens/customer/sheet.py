"""Reading a customer: who it is, what they asked, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.appointments.queries import OF_CLUSTER
from forecourt.appointments.schema import AppointmentOut
from forecourt.clusters.find import cluster_out
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.infra.database import record
from forecourt.screens.customer import queries
from forecourt.screens.customer.compose import Template, with_built_in
from forecourt.screens.customer.compose_queries import TEMPLATES
from forecourt.screens.customer.records import (
    CarCard,
    Colleague,
    Draft,
    Enquiry,
    Happening,
    Mention,
    Merge,
    Named,
    Opening,
    Option,
    Sheet,
    Told,
)
from forecourt.screens.customer.timeline_queries import HAPPENED, TOLD

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

_LISTS: dict[str, Any] = {
    "people": list[Colleague],
    "locations": list[Named],
    "options": list[Option],
    "hours": list[Opening],
    "cars": list[CarCard],
    "merges": list[Merge],
    "drafts": list[Draft],
    "mentions": list[Mention],
}
_OF_ENQUIRY = ("request_id", "key", "rule")
LATEST = 150
_MOST = 1_000


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows."""

    sheet: Sheet
    enquiries: list[Enquiry]
    appointments: list[AppointmentOut]
    happened: list[Happening]
    told: list[Told]
    templates: list[Template]


async def read_sheet(connection: Connection, dealership_id: int, lead_cluster_id: int, me: int) -> Sheet:
    """The customer; of a merged one the survivor.

    Raises:
        LeadClusterNotFound: there is none.
    """
    row = await connection.one_or_none(
        record, queries.SHEET, dealership_id=dealership_id, lead_cluster_id=lead_cluster_id, me=me
    )
    if row is None:
        raise LeadClusterNotFound
    lists = {name: msgspec.json.decode(row[name] or "[]", type=kind) for name, kind in _LISTS.items()}
    values = {name: row[name] for name in Sheet.__struct_fields__ if name in row}
    return Sheet(**values | lists, cluster=cluster_out(row))


async def read_whole(
    connection: Connection, dealership_id: int, lead_cluster_id: int, me: int, *, everything: bool = False
) -> Whole:
    """The customer with all that belongs to them: a statement for each kind of thing.

    Args:
        connection: to read from.
        dealership_id: where.
        lead_cluster_id: who; of a merged one the survivor.
        me: the user who looks.
        everything: whether the timeline goes back to the beginning.

    Raises:
        LeadClusterNotFound: there is none.
    """
    sheet = await read_sheet(connection, dealership_id, lead_cluster_id, me)
    own: dict[str, Any] = {"dealership_id": dealership_id, "lead_cluster_id": sheet.id}
    size = _MOST if everything else LATEST
    return Whole(
        sheet=sheet,
        enquiries=await connection.every(_enquiry, queries.ENQUIRIES, **own),
        appointments=await connection.every(AppointmentOut, OF_CLUSTER, **own),
        happened=await connection.every(_happening, HAPPENED, **own, size=size),
        told=await connection.every(Told, TOLD, **own, size=size),
        templates=with_built_in(await connection.every(Template, TEMPLATES, dealership_id=dealership_id)),
    )


def _enquiry(**row: Any) -> Enquiry:  # noqa: ANN401 - a row is what its statement says
    own = {name: row.pop(name) for name in _OF_ENQUIRY}
    return Enquiry(
        **own,
        files=msgspec.json.decode(row.pop("lead_files") or "[]"),
        payments=msgspec.json.decode(row.pop("payments") or "[]"),
        names=msgspec.json.decode(row.pop("names")),
        matched=msgspec.json.decode(row.pop("matched") or "[]"),
        lead=row,
    )


def _happening(**row: Any) -> Happening:  # noqa: ANN401 - a row is what its statement says
    for name in ("changes", "activity", "appointment"):
        row[name] = msgspec.json.decode(row[name] or "null")
    return Happening(**row)
