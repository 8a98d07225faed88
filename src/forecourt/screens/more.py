"""Where one can go from a phone: everything that the sidebar of a wide screen leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.screens.inbox.pages import views_told
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit


async def get_more(visit: Visit) -> Answer:
    """The inbox's views with their counts, the sections, and oneself."""
    return visit.page("frame/more.html", section="More", **await views_told(visit))


SCREENS = (Screen("GET", "/more", get_more, "read:lead_cluster"),)
