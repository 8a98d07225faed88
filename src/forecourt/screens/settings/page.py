"""What the pages of the settings have in common: where one is, where else one can go, how it is said that it was done."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from forecourt.infra.conditional import VersionMismatch
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Refusal
from forecourt.screens.said import marks_of
from forecourt.screens.settings.fields import line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from forecourt.access.sessions import Membership
    from forecourt.dealerships.desk import Done
    from forecourt.dealerships.operation import Operation, Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

READ = "read:dealership"
MANAGE = "manage:dealership"
# What is told on the page that was open, beside the form that it is about.
TOLD = (Invalid, VersionMismatch)


class Listed(NamedTuple):
    """A page in the settings' own navigation.

    Attributes:
        affects: what follows from what is settled there, in a line.
    """

    address: str
    name: str
    icon: str
    needs: str
    affects: str


PAGES = (
    Listed("/settings", "Dealership", "building-2", READ, "What customers read as the sender's name, and the clock that all hours go by."),
    Listed("/settings/locations", "Locations and hours", "map-pin", READ, "Response times count only while somebody is open."),
    Listed("/settings/answering", "Answering", "timer", READ, "When a customer counts as late, here, in reports and by the API; who waits now is held to it at once."),
    Listed("/settings/words", "Words and reasons", "tag", READ, "What staff can choose beside a state, and the reasons that reports count."),
    Listed("/settings/assignment", "Who gets what", "users", READ, "Who answers for a new customer. What was given stays given."),
    Listed("/settings/notices", "Who is told", "bell", READ, "Who gets a mail about a new lead. Customers see nothing of it."),
    Listed("/settings/templates", "Templates", "message-square-text", READ, "What customers read from now on. What has gone out stays as it was."),
    Listed("/settings/mail", "Mail", "mail", READ, "From whom customers' mail seems to come, and who gets their answers."),
    Listed("/settings/stop-list", "Stop list", "ban", READ, "New leads only: customers who are together already stay together."),
    Listed("/settings/users", "Users", "circle-user", "manage:user", "Who gets in, and what they may do here."),
    Listed("/settings/retention", "Retention", "hourglass", "erase:contact", "How long people's data is here. Nobody brings back what was erased."),
    Listed("/settings/audit", "Audit", "history", "read:audit", "Everything that was done here, by whom, from what to what."),
)  # fmt: skip


def place_of(visit: Visit, slug: str | None, permission: str = READ) -> Membership:
    """The dealership that is asked for, or the visitor's first.

    Raises:
        DealershipNotFound, RoleMissing: as ``visit.place``.
    """
    return visit.place(slug, permission) if slug else visit.places(permission)[0]


@asynccontextmanager
async def reading(visit: Visit, place: Membership) -> AsyncGenerator[tuple[Connection, Standing]]:
    """A connection, and the visitor at *place* as the rooms know them."""
    async with visit.database.connection() as connection:
        yield connection, visit.standing(place)


def shown(
    visit: Visit,
    template: str,
    place: Membership,
    address: str,
    *,
    refusal: Refusal | None = None,
    **values: Any,  # noqa: ANN401 - what a template shows
) -> Answer:
    """A page of the settings.

    Args:
        visit: who looks.
        template: the page.
        place: whose settings.
        address: that of ``PAGES`` which is open.
        refusal: of what was sent.
        values: what the template shows.
    """
    return visit.page(
        f"settings/{template}.html",
        status_of(refusal) if refusal else 200,
        **navigation(visit, place, address),
        refusal=refusal,
        **values,
    )


def navigation(visit: Visit, place: Membership, address: str) -> dict[str, Any]:
    """What the frame of the settings shows."""
    here = next(one for one in PAGES if one.address == address)
    return {
        "section": "Settings",
        "place": place,
        "places": visit.places(here.needs),
        "pages": [one for one in PAGES if place.may(one.needs)],
        "here": here,
        "may_manage": place.may(MANAGE),
    }


async def kept(
    visit: Visit,
    form: Mapping[str, Any],
    operation: Operation[Any, Any],
    tree: dict[str, Any],
    address: str,
    refused: Callable[[Membership, Refusal], Awaitable[Answer]],
) -> Answer:
    """Carry *operation* out at the dealership that *form* names, and say so on the page at *address*.

    Args:
        visit: who has sent the form.
        form: what was sent.
        operation: what keeps it.
        tree: the operation's body.
        address: that of ``PAGES`` which is open.
        refused: the page again, as it was sent, with what is wrong.
    """
    place = place_of(visit, line(form, "dealership"), MANAGE)
    try:
        done = await visit.act(place.slug, operation, tree)
    except TOLD as refusal:
        return await refused(place, refusal)
    return saved(visit, place, done, address)


def saved(visit: Visit, place: Membership, done: Done, address: str, word: str = "saved") -> Answer:
    """Say that it was done, on the page at *address*, with a way to take it back."""
    word = word if done.event_ids else "nothing"
    return visit.done(word, marks_of(place.slug, done.event_ids), to=at(visit, place, address))


def at(visit: Visit, place: Membership, address: str) -> str:
    """*address* in the settings of *place*."""
    if len(visit.places(READ)) < 2:  # noqa: PLR2004 - then there is nothing to choose
        return address
    return f"{address}?{urlencode({'dealership': place.slug})}"
