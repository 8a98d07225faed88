"""Time zones and countries to choose from: where most installations are, in front of the others."""

from __future__ import annotations

from zoneinfo import available_timezones

import phonenumbers

_HOME = (
    "Australia/Sydney",
    "Australia/Melbourne",
    "Australia/Brisbane",
    "Australia/Adelaide",
    "Australia/Perth",
    "Australia/Hobart",
    "Australia/Darwin",
    "Pacific/Auckland",
)
_HOME_COUNTRIES = ("AU", "NZ")

# Each in two parts: at home, elsewhere.
ZONES = (_HOME, tuple(sorted(available_timezones() - set(_HOME))))
COUNTRIES = (_HOME_COUNTRIES, tuple(sorted(phonenumbers.SUPPORTED_REGIONS - set(_HOME_COUNTRIES))))
