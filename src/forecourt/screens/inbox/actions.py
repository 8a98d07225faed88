"""What is done from the list: to many customers at once, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from forecourt.clusters import snooze, update
from forecourt.infra.refusals import Refusal
from forecourt.screens.said import marks_of, read_marks
from forecourt.screens.screen import Screen
from forecourt.undo import take_back

if TYPE_CHECKING:
    from forecourt.dealerships.operation import Operation
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_MOST_PICKS = 200
_SNOOZED_FOR = timedelta(hours=2)


async def post_bulk(visit: Visit) -> Answer:
    """Do one thing to every customer that was picked; one undo for the lot."""
    form = await visit.form()
    picks = form.get("pick", [])
    picks = [one for one in picks if isinstance(one, str)] if isinstance(picks, list) else []
    word, operation, tree = _asked(str(form.get("do", "")), visit)
    marks: list[str] = []
    refused: list[str] = []
    count = 0
    for pick in picks[:_MOST_PICKS]:
        slug, _, cluster_id = pick.rpartition("/")
        try:
            done = await visit.act(slug, operation, tree, id=cluster_id)
        except Refusal as refusal:
            refused.append(refusal.title)
            continue
        count += 1
        marks += marks_of(slug, done.event_ids)
    return visit.done(word if count else "nothing", marks, count=count, refused=sorted(set(refused)))


def _asked(do: str, visit: Visit) -> tuple[str, Operation[Any, Any], dict[str, Any]]:
    """The sentence, the operation and its body."""
    cluster: dict[str, dict[str, Any]] = {
        "assign_me": {"user_id": visit.who.user_id},
        "contacted": {"lead_state": "contacted"},
        "golden": {"golden": True},
        "invalid": {"lead_state": "invalid"},
    }
    if do == "snooze":
        return "snoozed", snooze.OPERATION, {"until": (visit.who.now + _SNOOZED_FOR).isoformat()}
    if do not in cluster:
        raise UnknownAction(f"what can be done is {', '.join([*cluster, 'snooze'])}")
    return {"assign_me": "assigned"}.get(do, do), update.OPERATION, {"lead_cluster": cluster[do]}


class UnknownAction(Refusal):
    """A form asks for something that nobody knows how to do."""

    code = "unknown-action"
    title = "There is no such action"


async def post_undo(visit: Visit) -> Answer:
    """Take back what was done last, in the reverse order; what was taken back before, or fell with another, stays."""
    form = await visit.form()
    marks: list[str] = []
    first_refusal: Refusal | None = None
    for slug, event_id in reversed(read_marks(str(form.get("events", "")))):
        try:
            done = await visit.act(slug, take_back.OPERATION, {"event_id": event_id})
        except (take_back.NotUndoable, take_back.EventNotFound) as refusal:
            first_refusal = first_refusal or refusal
            continue
        marks += marks_of(slug, done.event_ids)
    if not marks and first_refusal is not None:
        raise first_refusal
    # A page of settings shows what was taken back; the inbox hears of it by itself.
    back = visit.came_from if visit.came_from.startswith("/settings") else None
    return visit.done("undone" if marks else "nothing", [], to=back)


SCREENS = (
    Screen("POST", "/bulk", post_bulk, "update:lead_cluster"),
    Screen("POST", "/undo", post_undo, "update:lead_cluster"),
)
