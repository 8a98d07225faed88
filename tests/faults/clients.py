"""Clients that write, keep a journal of it, and insist: whoever does not know asks again with the same key."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.clusters.asking import somebody
from tests.faults.journal import OK, UNKNOWN, Op, Step, history_wrongs
from tests.messages.asking import AT
from tests.world import LEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.world import World

LEADS = "/api/v1/leads"
_TRIES = 2_000


@dataclass
class Scribe:
    """What was written, as those who wrote it saw it.

    Attributes:
        journal: a line for each write of a lead.
        written: what staff wrote to customers, and was acknowledged.
        unknown: how many answers said that nobody can know.
        unanswered: how many requests were never answered.
    """

    journal: list[Op] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    unknown: int = 0
    unanswered: int = 0

    async def insist(
        self,
        servers: Sequence[httpx.AsyncClient],
        mark: str,
        *,
        lead: dict[str, Any] | None = None,
        tries: int = _TRIES,
        **fields: Any,
    ) -> dict[str, Any] | None:
        """Write *mark*, and ask again with the same key, of one server after another, for as long as nobody knows.

        Args:
            servers: that may be asked.
            mark: what is written, and nothing else writes.
            lead: which is updated; a new one is made where there is none.
            tries: after how many of them the client gives up, and never learns what became of it.
            fields: of the lead, besides.

        Returns:
            The lead as it was acknowledged; None where it never was.
        """
        who = {name: lead[name] for name in ("email", "phone")} if lead else somebody()
        method, path = ("PUT", f"{LEADS}/{lead['id']}") if lead else ("POST", LEADS)
        body = {"lead": LEAD | who | fields | {"message": mark}}
        began = time.monotonic()
        answer = await self._ask(servers, mark, tries, method, path, body)
        if answer is None:
            self.journal.append(Op(mark, lead["id"] if lead else 0, began, float("inf"), UNKNOWN))
            return None
        told = dict(answer.json())
        self.journal.append(Op(mark, told["id"], began, time.monotonic(), OK, version=told["version"]))
        return told

    async def write_to(self, servers: Sequence[httpx.AsyncClient], mark: str, lead: dict[str, Any]) -> None:
        """Staff write *mark* to the customer of *lead*."""
        path = f"{AT}/lead_clusters/{lead['lead_cluster_id']}/messages"
        body = {"medium": "email", "subject": "Your car", "body": f"{mark}.", "hold_seconds": 0}
        await self._ask(servers, mark, _TRIES, "POST", path, body)
        self.written.append(mark)

    async def _ask(
        self,
        servers: Sequence[httpx.AsyncClient],
        mark: str,
        tries: int,
        method: str,
        path: str,
        body: object,
    ) -> httpx.Response | None:
        """The answer, when there is one that says what became of it; None after so many *tries*."""
        headers = {"Idempotency-Key": mark.replace(" ", "-")}
        for number in range(tries):
            try:
                answer = await servers[number % len(servers)].request(
                    method, path, json=body, headers=headers
                )
            except httpx.TransportError:
                self.unanswered += 1
            else:
                if answer.is_success:
                    return answer
                assert answer.status_code in {409, 503}, answer.text
                self.unknown += answer.json()["type"] == "/problems/outcome-unknown"
            await asyncio.sleep(0.02)
        assert tries < _TRIES, f"{mark} was never answered"
        return None

    async def wrongs(self, world: World) -> list[str]:
        """What of the journal the log does not bear out; empty where all is well."""
        rows = await world.rows("""
            select lead_id, lead_version as version, changes -> 'message' ->> 'to' as mark
            from event where lead_version is not null
        """)
        history = [Step(row["lead_id"], row["version"], row["mark"]) for row in rows]
        versions = {row["id"]: row["version"] for row in await world.rows("select id, version from lead")}
        assert len({op.mark for op in self.journal}) == len(self.journal)
        written = await world.rows("select body_text from message where purpose = 'message'")
        found = history_wrongs(self.journal, history, versions)
        for mark in self.written:
            times = sum(f"{mark}." in row["body_text"] for row in written)
            if times != 1:
                found.append(f"{mark} was written {times} times")
        return found
