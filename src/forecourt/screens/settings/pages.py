"""The screens of the settings."""

from __future__ import annotations

from forecourt.screens.settings import answering, dealership, locations, words

SCREENS = (
    *dealership.SCREENS,
    *locations.SCREENS,
    *answering.SCREENS,
    *words.SCREENS,
)
