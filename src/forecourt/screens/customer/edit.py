"""Changing a field in place. Whoever is second to change the same one is told who was first, and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters import unassign, update
from forecourt.clusters.answers import LeadClusterOut
from forecourt.infra.conditional import VersionMismatch
from forecourt.infra.database import OvertakenByAnother, record
from forecourt.infra.http import NotFound
from forecourt.infra.refusals import Invalid, Problem
from forecourt.screens.customer.answers import After, answered, page_address, parts
from forecourt.screens.customer.answers import page_query as query_of_page
from forecourt.screens.customer.fields import FIELDS, SETTLED_BY, Field
from forecourt.screens.customer.pane import WRITE, cluster_in, place_in
from forecourt.screens.customer.sheet import read_sheet
from forecourt.screens.customer.timeline_queries import CHANGED_BY
from forecourt.screens.screen import Screen
from forecourt.screens.shown import lasting, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.access.sessions import Membership
    from forecourt.dealerships.desk import Done
    from forecourt.dealerships.operation import Operation
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_ATTEMPTS = 4
_DIGITS = 10


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Two people and one field.

    Attributes:
        told: who did what, and how long ago.
        wanted: what the second one wanted, where that is more than an id.
        values: what the second one sent, to send again.
        was: what the field is now, and ``version`` the cluster's version.
    """

    field: str
    label: str
    told: str
    wanted: str
    values: dict[str, str]
    was: str
    version: int


async def post_field(visit: Visit) -> Answer:
    """Change a field of the customer."""
    place = place_in(visit, WRITE)
    name = visit.call.path["field"]
    if name not in FIELDS:
        raise NotFound
    form = await visit.form()
    field = FIELDS[name]
    done, conflict = await _change(visit, place, name, form)
    if conflict is not None:
        return await _told_of_conflict(visit, place, conflict)
    if done is None or not done.event_ids:
        return await answered(visit, place, After(word="nothing"))
    cluster = done.outcome.body
    assert isinstance(cluster, LeadClusterOut)  # noqa: S101 - what both operations answer with
    return await answered(
        visit, place, After(word=field.said, text=_text(name, cluster), undo=done.event_ids)
    )


async def _change(
    visit: Visit, place: Membership, name: str, form: Mapping[str, Any]
) -> tuple[Done | None, Conflict | None]:
    """Change the field, unless it is another one by now; what else has changed meanwhile is in nobody's way."""
    field, version = FIELDS[name], _version_in(form)
    tree = field.tree(form)
    takes_away = name == "user" and tree["user_id"] is None
    for _ in range(_ATTEMPTS):
        try:
            if takes_away:
                return await _act(visit, place, unassign.OPERATION, {}, version), None
            return await _act(visit, place, update.OPERATION, {"lead_cluster": tree}, version), None
        except VersionMismatch:
            current = await _current(visit, place)
            if field.value(current) == field.wanted(form):
                return None, None
            if field.value(current) != form.get("was"):
                return None, await _conflict(visit, place, name, form, current)
            version = current.version
    raise OvertakenByAnother


async def _act(
    visit: Visit,
    place: Membership,
    operation: Operation[Any, Any],
    tree: dict[str, Any],
    version: int | None,
) -> Done:
    return await visit.act(place.slug, operation, tree, version=version, id=visit.call.path["id"])


async def _current(visit: Visit, place: Membership) -> LeadClusterOut:
    async with visit.database.connection() as connection:
        sheet = await read_sheet(connection, place.dealership_id, cluster_in(visit), visit.who.user_id)
    return sheet.cluster


async def _conflict(
    visit: Visit, place: Membership, name: str, form: Mapping[str, Any], current: LeadClusterOut
) -> Conflict:
    field = FIELDS[name]
    async with visit.database.connection() as connection:
        row = await connection.one_or_none(
            record,
            CHANGED_BY,
            dealership_id=place.dealership_id,
            lead_cluster_id=current.id,
            fields=list(field.logged),
        )
    who = (row["user"] or row["key"] if row else None) or "Somebody"
    now = visit.who.now
    ago = lasting(max(0.0, (now - row["occurred_at"]).total_seconds())) if row else "a moment"
    return Conflict(
        field=name,
        label=field.label,
        told=f"{who} {_what_was_done(name, field, current)} {ago} ago",
        wanted=_wanted(name, field.wanted(form)),
        values={
            key: value
            for key, value in form.items()
            if isinstance(value, str) and key not in {"was", "version"}
        },
        was=field.value(current),
        version=current.version,
    )


def _wanted(name: str, text: str) -> str:
    if name in {"user", "second_user", "location"}:
        return ""
    return words(text.partition(" ")[0]) if name == "state" else text.replace(" | ", " ").strip()


def _what_was_done(name: str, field: Field, current: LeadClusterOut) -> str:
    user, second = current.user, current.secondary_user
    said = {
        "state": f"marked this {words(current.lead_state)}",
        "golden": "marked this golden" if current.golden else "took the golden mark off",
        "approved": "approved this" if current.approved else "took the approval back",
        "user": f"gave this to {user.name}" if user else "took this from whoever had it",
        "second_user": f"made {second.name} the second person" if second else "took the second person off",
        "location": "changed the location",
    }
    value = field.value(current).replace(" | ", " ").strip()
    changed = f"changed the {field.label.lower()}"
    return said.get(name, f"{changed} to “{value}”" if value else changed)


async def _told_of_conflict(visit: Visit, place: Membership, conflict: Conflict) -> Answer:
    address = page_address(visit, place)
    if not visit.is_fragment:
        return visit.page("customer/conflict.html", 409, conflict=conflict, address=address)
    query = query_of_page(visit)
    fresh = await parts(visit, place, query, status=409)
    told = visit.page("customer/conflict_toast.html", conflict=conflict, address=address)
    return msgspec.structs.replace(fresh, body=fresh.body + told.body)


def _version_in(form: Mapping[str, Any]) -> int | None:
    text = str(form.get("version", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None


def _text(name: str, cluster: LeadClusterOut) -> str:
    """What was done, in words."""
    option, user, second = cluster.lead_status_option, cluster.user, cluster.secondary_user
    state = f"Marked {words(cluster.lead_state).lower()}"
    said = {
        "state": f"{state}: {option.name}" if option else state,
        "golden": "Marked golden" if cluster.golden else "No longer golden",
        "approved": "Approved" if cluster.approved else "Approval taken back",
        "user": f"Assigned to {user.name}" if user else "Assigned to nobody",
        "second_user": f"{second.name} is the second person" if second else "No second person",
    }
    return said.get(name, f"{FIELDS[name].label} changed")


# ---------------------------------------------------------------------------------------------------- tags and conflicts


async def post_tags(visit: Visit) -> Answer:
    """Add a tag or take one off, whatever others do to the other tags meanwhile."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    added, removed = str(form.get("add", "")).strip(), str(form.get("remove", ""))
    for _ in range(_ATTEMPTS):
        current = await _current(visit, place)
        tags = [tag for tag in current.tags if tag != removed]
        if added and added not in tags:
            tags.append(added)
        try:
            tree = {"lead_cluster": {"tags": tags}}
            done = await _act(visit, place, update.OPERATION, tree, current.version)
        except VersionMismatch:
            continue
        text = f"Tagged “{added}”" if added else f"Tag “{removed}” taken off"
        after = After(word="tags" if done.event_ids else "nothing", text=text, undo=done.event_ids)
        return await answered(visit, place, after)
    raise OvertakenByAnother


async def post_settle(visit: Visit) -> Answer:
    """Settle a conflict between staff and an integration: take what they say, or keep what is there."""
    place = place_in(visit, WRITE)
    form = await visit.form()
    field = str(form.get("field", ""))
    current = await _current(visit, place)
    conflict = current.conflicts.get(field)
    if field not in SETTLED_BY or conflict is None:
        return await answered(visit, place, After(word="nothing"))
    keep = form.get("keep")
    if keep not in {"ours", "theirs"}:
        raise Invalid(problems=(Problem("keep", "is ours or theirs", ("ours", "theirs")),))
    value = conflict.pushed if keep == "theirs" else conflict.kept
    done = await _act(visit, place, update.OPERATION, {"lead_cluster": _settling(field, value)}, None)
    text = "Theirs is taken" if keep == "theirs" else "Ours is kept"
    return await answered(visit, place, After(word="contact", text=text, undo=done.event_ids))


def _settling(field: str, value: object) -> dict[str, Any]:
    of_contact, _, name = field.rpartition(".")
    if not of_contact:
        return {{"state": "lead_state"}.get(name, name): value}
    if name == "dob" and isinstance(value, str) and "-" in value:
        year, month, day = value.split("-")
        value = f"{day}/{month}/{year}"
    return {"contact": {name: value}}


_AT = "/dealerships/{dealership}/lead_clusters/{id}"
SCREENS = (
    Screen("POST", f"{_AT}/fields/{{field}}", post_field, WRITE),
    Screen("POST", f"{_AT}/tags", post_tags, WRITE),
    Screen("POST", f"{_AT}/settle", post_settle, WRITE),
)
