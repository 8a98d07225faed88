"""The routes about the key itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.caller import Unauthorised, token_hash
from forecourt.access.queries import KEY_DETAILS
from forecourt.infra.database import record
from forecourt.infra.http import Answer
from forecourt.infra.routes import Route

if TYPE_CHECKING:
    from forecourt.infra.database import Database
    from forecourt.infra.http import Call


class KeyUnknown(Unauthorised):
    """The same refusal in this route's own spelling, which is the contract's."""

    error = "Unauthorized"


class LocationOut(msgspec.Struct):
    """A place of a dealership."""

    id: int
    name: str
    location_type: str


class UserOut(msgspec.Struct):
    """A person of the staff."""

    id: int
    name: str
    email: str


class DealershipOut(msgspec.Struct):
    """A dealership that the key holds."""

    id: int
    name: str
    slug: str
    locations: list[LocationOut]
    users: list[UserOut]


class KeyOut(msgspec.Struct):
    """What the calling key is and may do (contract: Show Apikey)."""

    id: int
    permissions: list[str]
    dealerships: list[DealershipOut]


class Keys:
    """The handlers of the key's routes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_details(self, call: Call) -> Answer:
        """Show Apikey."""
        try:
            hashed = token_hash(call)
        except Unauthorised as refused:
            raise KeyUnknown(refused.detail) from None
        async with self._database.connection() as connection:
            row = await connection.one_or_none(record, KEY_DETAILS, token_hash=hashed)
        if row is None:
            raise KeyUnknown
        details = KeyOut(
            row["id"], row["permissions"], msgspec.json.decode(row["dealerships"], type=list[DealershipOut])
        )
        return Answer(200, msgspec.json.encode(details))

    def routes(self) -> list[Route]:
        """This room's routes."""
        return [
            Route(
                "GET",
                "/api/v1/apikeys/apikey_details.json",
                self.get_details,
                "show_apikey",
                "Show Apikey",
                "What the calling key is: its permissions, and its dealerships with their locations and users.",
                answers={200: (KeyOut,)},
            )
        ]
