"""The call about the key itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access.answers import KeyOut

if TYPE_CHECKING:
    from forecourt.client.calls import Api, Steps


def details(api: Api) -> Steps[KeyOut]:
    """What the calling key is: its permissions, its dealerships with their locations and users."""
    return api.read("/apikeys/apikey_details.json", KeyOut)
