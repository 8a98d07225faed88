"""What other rooms know of an enquiry: the one place where the page is connected to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.ids import DealershipId
from forecourt.infra.database import record
from forecourt.leads.answers import encoded
from forecourt.leads.find import lead_of_row
from forecourt.leads.refusals import LeadNotFound
from forecourt.privacy.export_queries import LEADS
from forecourt.requests import find as requests
from forecourt.requests.refusals import RequestNotFound

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.database import Connection


class RawRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the request log has it, masked.

    Attributes:
        body: what was sent; None where nothing of it is kept.
    """

    method: str
    path: str
    status: int
    body: str | None
    warnings: list[str]


async def raw_request(connection: Connection, place: Membership, request_id: str) -> RawRequest | None:
    """What the request log keeps of a request; None where it keeps nothing, or the visitor may not read it."""
    if not place.may(requests.PERMISSION):
        return None
    try:
        told = await requests.one(connection, request_id, [DealershipId(place.dealership_id)])
    except RequestNotFound:
        return None
    body = None if told.request_body is None else msgspec.json.encode(told.request_body)
    return RawRequest(
        method=told.method,
        path=told.path,
        status=told.status,
        body=None if body is None else msgspec.json.format(body, indent=2).decode(),
        warnings=[_warning(one) for one in told.warnings],
    )


def _warning(told: object) -> str:
    if isinstance(told, dict):
        return ": ".join(str(part) for part in told.values())
    return str(told)


async def lead_as_stored(connection: Connection, dealership_id: int, lead_id: int) -> str:
    """A lead as the API answers with it.

    Raises:
        LeadNotFound: there is none.
    """
    row = await connection.one_or_none(record, LEADS, dealership_id=dealership_id, lead_ids=[lead_id])
    if row is None:
        raise LeadNotFound
    return msgspec.json.format(encoded(lead_of_row(row)), indent=2).decode()
