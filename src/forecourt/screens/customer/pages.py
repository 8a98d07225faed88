"""The customer's page: alone, beside the list, in parts; and what is read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.desk import id_in
from forecourt.explanation.explain import story
from forecourt.files.store import content_disposition
from forecourt.ids import DealershipId, LeadId
from forecourt.infra.database import record
from forecourt.infra.http import Answer
from forecourt.leads.refusals import FileNotFound, LeadNotFound
from forecourt.screens.customer import elsewhere
from forecourt.screens.customer.answers import page_query, parts
from forecourt.screens.customer.pane import READ, cluster_in, place_in, read_pane
from forecourt.screens.customer.queries import FILE, SEEN
from forecourt.screens.customer.sheet import read_sheet
from forecourt.screens.inbox.page import wanted
from forecourt.screens.inbox.pages import around
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.files.store import FileStore
    from forecourt.screens.customer.records import Sheet
    from forecourt.screens.visit import Visit

_AT = "/dealerships/{dealership}/lead_clusters/{id}"


async def get_customer(visit: Visit) -> Answer:
    """The customer: the pane where a list is open already, or the list with the pane beside it."""
    place = place_in(visit, READ)
    asked = cluster_in(visit)
    query = visit.call.scope["query_string"].decode("latin-1")
    pane = await read_pane(visit, place, asked, query)
    if pane.id != asked:
        return visit.to(pane.address + (f"?{query}" if query else ""))
    if pane.sheet.mentions:
        await _seen(visit, place, pane.id)
    back = wanted(visit).address()
    if visit.is_fragment:
        return visit.page("customer/pane.html", pane=pane, back=back)
    shown = await around(visit, pane=pane, pane_title=pane.sheet.shown_name, open_id=pane.id)
    return visit.page("inbox/inbox.html", **shown)


async def get_parts(visit: Visit) -> Answer:
    """What may have changed about a customer whose page is open."""
    return await parts(visit, place_in(visit, READ), page_query(visit))


async def get_file(visit: Visit) -> Answer:
    """A file that came with an enquiry: to be saved, never shown."""
    place = place_in(visit, "read:lead")
    ids = {name: id_in(visit.call.path, name, FileNotFound) for name in ("lead_id", "file_id")}
    async with visit.database.connection() as connection:
        row = await connection.one_or_none(
            record, FILE, dealership_id=place.dealership_id, lead_cluster_id=cluster_in(visit), **ids
        )
    if row is None:
        raise FileNotFound
    store: FileStore = visit.building.store
    headers = (
        (b"content-disposition", content_disposition(row["filename"]).encode("ascii")),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
    )
    content = await store.read(row["stored_name"])
    return Answer(200, content, row["content_type"].encode("ascii"), headers)


async def get_explanation(visit: Visit) -> Answer:
    """Why an enquiry is where it is, and who was told of it."""
    place, sheet = await _sheet(visit)
    lead_id = id_in(visit.call.path, "lead_id", LeadNotFound)
    async with visit.database.connection() as connection:
        told = await story(connection, DealershipId(place.dealership_id), LeadId(lead_id))
    if told.lead_cluster_id != sheet.id:
        raise LeadNotFound
    return visit.page("customer/explain.html", sheet=sheet, told=told, section="Inbox")


async def get_raw(visit: Visit) -> Answer:
    """An enquiry as it is stored, and the requests that brought it."""
    place, sheet = await _sheet(visit)
    lead_id = id_in(visit.call.path, "lead_id", LeadNotFound)
    async with visit.database.connection() as connection:
        told = await story(connection, DealershipId(place.dealership_id), LeadId(lead_id))
        if told.lead_cluster_id != sheet.id:
            raise LeadNotFound
        stored = await elsewhere.lead_as_stored(connection, place.dealership_id, lead_id)
        requests = [
            (request, await elsewhere.raw_request(connection, place, request.request_id))
            for request in told.requests
        ]
    return visit.page(
        "customer/raw.html", sheet=sheet, lead_id=lead_id, stored=stored, requests=requests, section="Inbox"
    )


async def _sheet(visit: Visit) -> tuple[Membership, Sheet]:
    place = place_in(visit, READ)
    async with visit.database.connection() as connection:
        sheet = await read_sheet(connection, place.dealership_id, cluster_in(visit), visit.who.user_id)
    return place, sheet


async def _seen(visit: Visit, place: Membership, lead_cluster_id: int) -> None:
    async with visit.database.connection() as connection:
        await connection.run(
            SEEN, dealership_id=place.dealership_id, lead_cluster_id=lead_cluster_id, me=visit.who.user_id
        )


SCREENS = (
    Screen("GET", _AT, get_customer, READ),
    Screen("GET", f"{_AT}/parts", get_parts, READ),
    Screen("GET", f"{_AT}/leads/{{lead_id}}/files/{{file_id}}", get_file, "read:lead"),
    Screen("GET", f"{_AT}/leads/{{lead_id}}/explain", get_explanation, READ),
    Screen("GET", f"{_AT}/leads/{{lead_id}}/raw", get_raw, READ),
)
