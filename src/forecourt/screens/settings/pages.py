"""The screens of the settings."""

from __future__ import annotations

from forecourt.screens.settings import (
    answering,
    assignment,
    dealership,
    locations,
    mail,
    notices,
    stop_list,
    words,
)

SCREENS = (
    *dealership.SCREENS,
    *locations.SCREENS,
    *answering.SCREENS,
    *words.SCREENS,
    *assignment.SCREENS,
    *notices.SCREENS,
    *mail.SCREENS,
    *stop_list.SCREENS,
)
