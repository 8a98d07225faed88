"""All screens of the section."""

from __future__ import annotations

from forecourt.screens.developers import (
    adf,
    calls,
    deliveries,
    events,
    home,
    keys,
    outbox,
    test_key,
    webhooks,
)

SCREENS = (
    *home.SCREENS,
    *test_key.SCREENS,
    *keys.SCREENS,
    *calls.SCREENS,
    *webhooks.SCREENS,
    *deliveries.SCREENS,
    *outbox.SCREENS,
    *events.SCREENS,
    *adf.SCREENS,
)
