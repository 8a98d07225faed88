"""All screens, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.screens import more
from forecourt.screens.appointments import pages as appointments
from forecourt.screens.customer import (
    booked,
    contacting,
    drafts,
    duplicates,
    edit,
    writing,
)
from forecourt.screens.customer import pages as customer
from forecourt.screens.developers import pages as developers
from forecourt.screens.inbox import actions, palette, saved
from forecourt.screens.inbox import pages as inbox
from forecourt.screens.profile import pages as profile
from forecourt.screens.reports import pages as reports
from forecourt.screens.screen import Screen
from forecourt.screens.settings import pages as settings
from forecourt.screens.signing_in import links, provider
from forecourt.screens.signing_in import pages as signing_in
from forecourt.screens.users import pages as users
from forecourt.screens.welcome import pages as welcome

if TYPE_CHECKING:
    from forecourt.screens.assets import Assets
    from forecourt.screens.live import Live
    from forecourt.screens.presence import Presence


def all_screens(assets: Assets, live: Live, presence: Presence) -> list[Screen]:
    """Every screen of the server."""
    return [
        Screen("GET", "/static/{version}/{name}", assets.get_asset, None),
        Screen("GET", "/live", live.get_stream, "read:lead_cluster"),
        Screen("POST", "/presence", presence.post_presence, "read:lead_cluster"),
        *inbox.SCREENS,
        *actions.SCREENS,
        *saved.SCREENS,
        *palette.SCREENS,
        *more.SCREENS,
        *customer.SCREENS,
        *edit.SCREENS,
        *contacting.SCREENS,
        *drafts.SCREENS,
        *writing.SCREENS,
        *duplicates.SCREENS,
        *booked.SCREENS,
        *appointments.SCREENS,
        *signing_in.SCREENS,
        *provider.SCREENS,
        # After the addresses that have names: it takes whatever stands there.
        *links.SCREENS,
        *welcome.SCREENS,
        *profile.SCREENS,
        *users.SCREENS,
        *reports.SCREENS,
        *settings.SCREENS,
        *developers.SCREENS,
    ]
