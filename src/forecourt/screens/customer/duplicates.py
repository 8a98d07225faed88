"""Who may be the same customer: compared side by side, merged field by field, and taken apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters import duplicates, merge, split, unmerge
from forecourt.clusters.answers import PossibleDuplicateOut
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.contacts.names import whole_name
from forecourt.dealerships.desk import id_in
from forecourt.ids import DealershipId, LeadClusterId
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.customer.answers import After, answered, page_address
from forecourt.screens.customer.comparison import compared, score_of
from forecourt.screens.customer.pane import READ, WRITE, cluster_in, place_in
from forecourt.screens.customer.sheet import read_sheet, read_whole
from forecourt.screens.inbox.page import read_page, wanted
from forecourt.screens.said import marks_of
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.screens.inbox.records import Row
    from forecourt.screens.visit import Visit

_AT = "/dealerships/{dealership}/lead_clusters/{id}"
_MOST_FOUND = 20


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """Another customer who may be the same.

    Attributes:
        row: as the inbox shows them; None where the list cannot.
        because: the reasons, in words.
    """

    possible: PossibleDuplicateOut
    because: list[str]
    name: str


async def get_duplicates(visit: Visit) -> Answer:
    """The possible duplicates with their reasons, and a search for others."""
    place = place_in(visit, READ)
    typed = visit.parameters.get("with", "").strip()[:255]
    async with visit.database.connection() as connection:
        sheet = await read_sheet(connection, place.dealership_id, cluster_in(visit), visit.who.user_id)
        told = await duplicates.possible_duplicates(
            connection, DealershipId(place.dealership_id), LeadClusterId(sheet.id)
        )
        found = await _found(visit, connection, place, typed) if typed else []
    suspects = [
        Suspect(
            possible=one,
            because=[score_of(reason, sheet.country) for reason in one.reasons],
            name=whole_name(one.name, one.last_name) or f"Customer no. {one.lead_cluster_id}",
        )
        for one in told.possible_duplicates
    ]
    return visit.page(
        "customer/duplicates.html",
        sheet=sheet,
        open=[one for one in suspects if one.possible.decision is None],
        decided=[one for one in suspects if one.possible.decision is not None],
        typed=typed,
        found=[row for row in found if row.id != sheet.id],
        may_write=place.may(WRITE),
        section="Inbox",
    )


async def _found(visit: Visit, connection: Connection, place: Membership, typed: str) -> list[Row]:
    want = msgspec.structs.replace(
        wanted(visit), view="all", sort="newest", typed=typed, places=[place], after=None
    )
    want = msgspec.structs.replace(want, filtered=msgspec.structs.replace(want.filtered, text=typed))
    page = await read_page(connection, visit.who.user_id, want)
    return page.rows[:_MOST_FOUND]


async def get_comparison(visit: Visit) -> Answer:
    """Two customers side by side; of each field, whose value would be kept."""
    place = place_in(visit, WRITE)
    other_id = id_in(visit.call.path, "other", LeadClusterNotFound)
    me = visit.who.user_id
    async with visit.database.connection() as connection:
        ours = await read_whole(connection, place.dealership_id, cluster_in(visit), me)
        theirs = await read_whole(connection, place.dealership_id, other_id, me)
    if ours.sheet.id == theirs.sheet.id:
        return visit.to(ours.sheet.address)
    return visit.page(
        "customer/compare.html",
        ours=ours,
        theirs=theirs,
        lines=compared(ours.sheet, theirs.sheet),
        section="Inbox",
    )


async def post_merge(visit: Visit) -> Answer:
    """Merge the other customer into this one."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    tree: dict[str, Any] = {"lead_cluster_id": _other(form)}
    fields = form.get("fields")
    if isinstance(fields, dict):
        tree["fields"] = {name: _id(value, f"fields.{name}") for name, value in fields.items()}
    done = await visit.act(place.slug, merge.MERGE, tree, id=visit.call.path["id"])
    return visit.done("merged", marks_of(place.slug, done.event_ids[:1]), to=page_address(visit, place))


async def post_unmerge(visit: Visit) -> Answer:
    """Take a merge back."""
    place = place_in(visit, WRITE)
    tree = {"lead_cluster_id": _other(await visit.form())}
    await visit.act(place.slug, unmerge.UNMERGE, tree, id=visit.call.path["id"])
    return await answered(visit, place, After(word="unmerged"))


async def post_not_a_duplicate(visit: Visit) -> Answer:
    """The two are different people; remembered."""
    place = place_in(visit, WRITE)
    tree = {"lead_cluster_id": _other(await visit.form())}
    done = await visit.act(place.slug, duplicates.OPERATION, tree, id=visit.call.path["id"])
    address = f"{page_address(visit, place)}/duplicates"
    return visit.done("not_a_duplicate", marks_of(place.slug, done.event_ids), to=address)


async def get_split(visit: Visit) -> Answer:
    """The enquiries, to choose those that begin a customer of their own."""
    place = place_in(visit, WRITE)
    async with visit.database.connection() as connection:
        whole = await read_whole(connection, place.dealership_id, cluster_in(visit), visit.who.user_id)
    return visit.page("customer/split.html", whole=whole, section="Inbox")


async def post_split(visit: Visit) -> Answer:
    """Part the chosen enquiries from the others."""
    place = place_in(visit, WRITE)
    chosen = (await visit.form()).get("lead_ids", [])
    lead_ids = [_id(one, "lead_ids") for one in chosen] if isinstance(chosen, list) else []
    done = await visit.act(place.slug, split.OPERATION, {"lead_ids": lead_ids}, id=visit.call.path["id"])
    new_id = getattr(done.outcome.body, "id", visit.call.path["id"])
    address = f"/dealerships/{place.slug}/lead_clusters/{new_id}"
    return visit.done("parted", marks_of(place.slug, done.event_ids[:1]), to=address)


def _other(form: Mapping[str, Any]) -> int:
    return _id(form.get("other"), "other")


def _id(value: object, name: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:  # noqa: PLR2004
        return int(value)
    raise Invalid(problems=(Problem(name, "must be an id"),))


SCREENS = (
    Screen("GET", f"{_AT}/duplicates", get_duplicates, READ),
    Screen("GET", f"{_AT}/duplicates/{{other}}", get_comparison, WRITE),
    Screen("POST", f"{_AT}/merge", post_merge, WRITE),
    Screen("POST", f"{_AT}/unmerge", post_unmerge, WRITE),
    Screen("POST", f"{_AT}/not_a_duplicate", post_not_a_duplicate, WRITE),
    Screen("GET", f"{_AT}/split", get_split, WRITE),
    Screen("POST", f"{_AT}/split", post_split, WRITE),
)
