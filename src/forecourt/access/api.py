"""The routes about the key itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.answers import HeldDealershipOut, KeyOut
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
            row["id"],
            row["permissions"],
            msgspec.json.decode(row["dealerships"], type=list[HeldDealershipOut]),
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
