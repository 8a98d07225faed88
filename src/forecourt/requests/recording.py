"""Keeping the log beside the requests: noted in memory with each answer, masked and written in batches."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import structlog

from forecourt.infra.bodies import Body
from forecourt.infra.database import DatabaseUnavailable, OvertakenByAnother
from forecourt.requests.line import Line, line_of
from forecourt.requests.queries import WRITE

if TYPE_CHECKING:
    from forecourt.infra.database import Database
    from forecourt.infra.observed import Answered

log = structlog.get_logger()

_EVERY_SECONDS = 0.5
# What waits to be written: so many lines, and so many bytes of bodies and answers.
MOST_LINES = 4_000
MOST_BYTES = 16 * 2**20
# Of calls that were refused, and of those that were not, the bodies of so many a second are masked and kept, and of so
# many at once: a server that has more to do than that is not held up by its log. The lines are all kept.
BODIES_A_SECOND = 20
BODIES_AT_ONCE = 100
# Anybody can make a key be refused, as often as he likes.
REFUSED_KEYS_A_SECOND = 10
REFUSED_KEYS_AT_ONCE = 100
# What a call may hold whose bodies are not kept: an ordinary answer tells which lead it made.
_LIGHT = 16 * 2**10
_BATCH = 250
# So many calls are masked at once. More would hold requests up, and by then would have left the processor's cache.
_AT_ONCE = 16
_TOLD_EVERY_SECONDS = 60
_REFUSED, _UNAUTHORISED = 400, 401


class _Allowance:
    """So many a second, and so many at once after a quiet time."""

    __slots__ = ("_a_second", "_at", "_at_once", "_left")

    def __init__(self, a_second: float, at_once: float) -> None:
        self._a_second = a_second
        self._at_once = self._left = at_once
        self._at = 0.0

    def has_one(self, at: float) -> bool:
        """Whether there is one left *at* this time; it is taken then."""
        if self._left < 1 or at - self._at > 1:
            self._left = min(self._at_once, self._left + max(0.0, at - self._at) * self._a_second)
            self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Missing(msgspec.Struct):
    """How much was not kept since that was last told."""

    bodies: int = 0
    lines: int = 0
    told_at: float = -_TOLD_EVERY_SECONDS

    def tell(self, *, at_last: bool = False) -> None:
        """Tell it, once in a while and *at_last*."""
        now = time.monotonic()
        if (self.bodies or self.lines) and (at_last or now - self.told_at > _TOLD_EVERY_SECONDS):
            log.warning("requests.left_out", bodies=self.bodies, lines=self.lines)
            self.bodies = self.lines = 0
            self.told_at = now


class Recorder:
    """The request log of one server process."""

    def __init__(self, database: Database) -> None:
        """A recorder that writes to *database*."""
        self._database = database
        # With each call, and each line, how many bytes of bodies it keeps waiting; None where those are not kept.
        self._noted: list[tuple[Answered, int | None]] = []
        self._lines: list[tuple[Line, int]] = []
        self._bytes = 0
        self._bodies = _Allowance(BODIES_A_SECOND, BODIES_AT_ONCE)
        self._refused_bodies = _Allowance(BODIES_A_SECOND, BODIES_AT_ONCE)
        self._refused_keys = _Allowance(REFUSED_KEYS_A_SECOND, REFUSED_KEYS_AT_ONCE)
        self._missing = _Missing()
        self._enough = asyncio.Event()
        self._is_ending = False
        self._working = asyncio.Lock()

    def note(self, answered: Answered) -> None:
        """Note a call: where there is no room for its bodies without them, where there is none for it not at all."""
        status = answered.status
        if len(self._noted) + len(self._lines) >= MOST_LINES or (
            status == _UNAUTHORISED and not self._refused_keys.has_one(answered.at)
        ):
            self._missing.lines += 1
            return
        size = answered.bytes_out + (answered.body.size if answered.body is not None else 0)
        bodies = self._bodies if status < _REFUSED else self._refused_bodies
        if self._bytes + size > MOST_BYTES or not bodies.has_one(answered.at):
            self._missing.bodies += 1
            self._noted.append((_lightened(answered), None))
        else:
            self._bytes += size
            self._noted.append((answered, size))
        if len(self._noted) >= _AT_ONCE:
            self._enough.set()

    async def keep(self) -> None:
        """Mask what comes, write it every half second until ``end``, and then what is left."""
        write_at = time.monotonic() + _EVERY_SECONDS
        while not self._is_ending:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, write_at - time.monotonic())):
                    await self._enough.wait()
            self._enough.clear()
            if time.monotonic() < write_at:
                async with self._working:
                    await self._make_lines()
            else:
                await self.write_down()
                write_at = time.monotonic() + _EVERY_SECONDS
        await self.write_down()
        self._missing.tell(at_last=True)

    def end(self) -> None:
        """Let ``keep`` come to its end. It is not cancelled: whether a batch was written would then be unknown."""
        self._is_ending = True
        self._enough.set()

    async def write_down(self) -> None:
        """Write what was noted so far; what the database does not take now, it may take the next time."""
        async with self._working:
            await self._make_lines()
            left = len(self._lines)
            while left > 0:
                batch = self._lines[: min(_BATCH, left)]
                if not await self._written([line for line, _ in batch]):
                    return
                del self._lines[: len(batch)]
                self._bytes -= sum(size for _, size in batch)
                left -= len(batch)
            self._missing.tell()

    async def _make_lines(self) -> None:
        """Mask soon what came, a little at a time: it is still at hand then, and nobody has to wait."""
        while self._noted:
            some = self._noted[:_AT_ONCE]
            for answered, size in some:
                try:
                    self._lines.append((line_of(answered, with_bodies=size is not None), size or 0))
                except Exception as error:  # noqa: BLE001 - what nobody foresaw in one call must not cost the others
                    log.error("requests.not_understood", error=type(error).__name__, route=answered.route)  # noqa: TRY400
                    self._bytes -= size or 0
            del self._noted[: len(some)]
            if self._noted:
                await asyncio.sleep(0)

    async def _written(self, lines: list[Line]) -> bool:
        """Whether that is done with; if not, the same lines are written again, under their ids, and not twice."""
        try:
            async with self._database.connection() as connection:
                await connection.run(WRITE, **_columns(lines))
        except (DatabaseUnavailable, OvertakenByAnother) as error:
            log.warning("requests.not_written", error=type(error).__name__, lines=len(self._lines))
            return False
        except Exception as error:  # noqa: BLE001 - what cannot be written must not hold the others up for ever
            log.error("requests.lost", error=type(error).__name__, lines=len(lines))  # noqa: TRY400
        return True


def _lightened(answered: Answered) -> Answered:
    """The call without what it would hold in memory for nothing."""
    body, answer = answered.body, answered.answer
    if len(answer) <= _LIGHT and (body is None or body.size <= _LIGHT):
        return answered
    if body is not None:
        body = Body({}, typed=body.typed, family=body.family, sent=b"", size=body.size)
    return msgspec.structs.replace(answered, body=body, answer=b"")


def _columns(lines: list[Line]) -> dict[str, object]:
    columns = zip(*map(msgspec.structs.astuple, lines), strict=True)
    known = {line.token_hash for line in lines if line.token_hash is not None}
    return dict(zip(Line.__struct_fields__, columns, strict=True)) | {"known_hashes": list(known)}
