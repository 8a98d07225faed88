"""Why we say no about places."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class LocationNotFound(Refusal):
    """The dealership has no such location."""

    code = "location-not-found"
    title = "Location NOT found"
