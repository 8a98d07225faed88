"""The screens of the settings."""

from __future__ import annotations

from forecourt.screens.settings import (
    answering,
    assignment,
    audit,
    dealership,
    locations,
    mail,
    notices,
    retention,
    stop_list,
    templates,
    words,
)

SCREENS = (
    *dealership.SCREENS,
    *locations.SCREENS,
    *answering.SCREENS,
    *words.SCREENS,
    *assignment.SCREENS,
    *notices.SCREENS,
    *templates.SCREENS,
    *mail.SCREENS,
    *stop_list.SCREENS,
    *retention.SCREENS,
    *audit.SCREENS,
)
