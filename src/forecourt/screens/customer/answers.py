"""How the customer's page answers what was done on it: with the parts that changed, or by leading back to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import msgspec

from forecourt.screens.customer.pane import cluster_in, read_pane
from forecourt.screens.said import Done, marks_of, sentence

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.customer.booking import Booking
    from forecourt.screens.visit import Visit

_OF_ONE_TIME = frozenset({"step", "write", "said", "n", "done"})


class After(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows after something was done, beside what changed.

    Attributes:
        word: the sentence, of ``said.SENTENCES``; ``text`` says it better where it can.
        undo: the events to take back.
        step: the bar that is open then.
        bars: whether the bars are shown anew.
        composed: the medium whose form is shown anew.
        sent_id: of the message that waits and can be called back.
    """

    word: str
    text: str | None = None
    undo: Sequence[int] = ()
    step: str = ""
    bars: bool = False
    composed: str | None = None
    sent_id: int | None = None


async def answered(visit: Visit, place: Membership, after: After) -> Answer:
    """Answer with the parts that changed, or lead a browser without scripts back."""
    marks = marks_of(place.slug, after.undo)
    query = page_query(visit)
    if not visit.is_fragment:
        kept = dict(parse_qsl(query)) | ({"step": after.step} if after.step else {})
        kept |= {"write": after.composed} if after.composed else {}
        address = page_address(visit, place)
        return visit.done(after.word, marks, to=f"{address}?{urlencode(kept)}" if kept else address)
    done = Done(after.text or sentence(after.word), marks)
    return await parts(visit, place, query, after=after, done=done)


async def parts(
    visit: Visit,
    place: Membership,
    query: str,
    *,
    after: After | None = None,
    done: Done | None = None,
    booking: Booking | None = None,
    status: int = 200,
) -> Answer:
    """The parts of the page as they are now."""
    pane = await read_pane(visit, place, cluster_in(visit), query)
    step = after.step if after else ("book" if booking else "")
    pane = msgspec.structs.replace(pane, step=step, booking=booking or pane.booking)
    composed = after.composed if after else None
    if composed:
        pane = msgspec.structs.replace(pane, writing=composed)
    return visit.page(
        "customer/parts.html",
        status,
        pane=pane,
        done=done,
        bars=bool(booking) or bool(after and after.bars),
        composed=composed,
        sent_id=after.sent_id if after else None,
    )


def page_address(visit: Visit, place: Membership) -> str:
    """The customer's page."""
    return f"/dealerships/{place.slug}/lead_clusters/{cluster_in(visit)}"


def page_query(visit: Visit) -> str:
    """The query of the page from which something was done, without what was of one time only."""
    asked = parse_qsl(visit.came_from.partition("?")[2])
    return urlencode([(name, value) for name, value in asked if name not in _OF_ONE_TIME])
