"""The palette: customers by whatever is typed, views, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.screens.inbox.page import read_page, wanted
from forecourt.screens.inbox.views import VIEWS
from forecourt.screens.screen import Screen
from forecourt.screens.visit import SECTIONS

if TYPE_CHECKING:
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_CUSTOMERS = 8


class Command(msgspec.Struct, frozen=True):
    """Somewhere to go."""

    name: str
    address: str
    icon: str


def commands(visit: Visit, typed: str) -> list[Command]:
    """Views and sections whose names hold what was typed."""
    known = [
        *(
            Command(name, f"/?view={view}" if view != "waiting" else "/", icon)
            for view, (name, icon, _) in VIEWS.items()
        ),
        *(Command(name, address, icon) for address, name, icon, needs in SECTIONS if visit.may(needs)),
        Command("Profile and preferences", "/profile", "user"),
        Command("API reference", "/docs", "book-open"),
    ]
    words = typed.lower().split()
    return [one for one in known if all(word in one.name.lower() for word in words)]


async def get_palette(visit: Visit) -> Answer:
    """What fits what was typed; the latest enquiries where nothing was."""
    typed = visit.parameters.get("q", "").strip()
    want = msgspec.structs.replace(wanted(visit), view="all", sort="newest")
    async with visit.database.connection() as connection:
        page = await read_page(connection, visit.who.user_id, want)
    return visit.page(
        "inbox/palette.html", rows=page.rows[:_CUSTOMERS], commands=commands(visit, typed), typed=typed
    )


SCREENS = (Screen("GET", "/palette", get_palette, "read:lead_cluster"),)
