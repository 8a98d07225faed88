"""Where integrating begins: an address, a key, a call to paste, and what has come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.infra.database import record
from forecourt.keys.own import LASTS, MOST, own_keys
from forecourt.screens.developers.place import SECTION, page, place, places
from forecourt.screens.developers.queries import PROGRESS
from forecourt.screens.developers.records import Progress
from forecourt.screens.developers.snippets import refused_call, snippets
from forecourt.screens.developers.test_key import shown
from forecourt.screens.screen import Screen
from forecourt.screens.signing_in.cookies import base_address

if TYPE_CHECKING:
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit


async def get_home(visit: Visit) -> Answer:
    """The page."""
    at = place(visit, SECTION)
    async with visit.database.connection() as connection:
        keys = await own_keys(connection, visit.who.user_id)
        progress = await _progress(connection, visit)
    base, token = base_address(visit), shown(visit, keys)
    return page(
        visit,
        "home.html",
        "Home",
        place=at,
        places=places(visit, SECTION),
        base=base,
        token=token,
        keys=keys,
        lasts=LASTS.days,
        most=MOST,
        snippets=snippets(base, token, at.dealership_id, at.country),
        refused=refused_call(base, token, at.dealership_id),
        progress=progress,
    )


async def get_progress(visit: Visit) -> Answer:
    """What has come of it, for a page that is open."""
    async with visit.database.connection() as connection:
        progress = await _progress(connection, visit)
    return visit.page("developers/progress.html", progress=progress)


async def _progress(connection: Connection, visit: Visit) -> Progress:
    ids = [one.dealership_id for one in places(visit, SECTION)]
    row = await connection.one(record, PROGRESS, user_id=visit.who.user_id, dealership_ids=ids)
    return Progress(**row)


SCREENS = (
    Screen("GET", "/developers", get_home, SECTION),
    Screen("GET", "/developers/progress", get_progress, SECTION),
)
