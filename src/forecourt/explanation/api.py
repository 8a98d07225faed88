"""The explanation's door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.caller import token_hash
from forecourt.explanation.explain import PERMISSION, ExplanationOut, explain
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.leads.api import path_id

if TYPE_CHECKING:
    from forecourt.infra.database import Database
    from forecourt.infra.http import Call

_LEAD_ID = Parameter("id", "The lead.", {"type": "integer", "minimum": 1}, "path")

_ABOUT = """
Request, key, the cluster and why, who was given the customer, which notification rules fit and which do not, everything that was
to be told to anybody with its time, state, reason and attempts, and the update that changed it.
"""


class Explanation:
    """Serves the explanation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_explanation(self, call: Call) -> Answer:
        """Explain a Lead."""
        lead_id = path_id(call)
        hashed = token_hash(call)
        return Answer(200, msgspec.json.encode(await explain(self._database, hashed, lead_id)))

    def routes(self) -> list[Route]:
        """This room's route."""
        return [
            Route(
                "GET", "/api/v1/leads/{id}/explain", self.get_explanation, "explain_lead", "Explain a Lead", _ABOUT,
                permission=PERMISSION, parameters=(_LEAD_ID,), answers={200: (ExplanationOut,)},
            ),
        ]  # fmt: skip
