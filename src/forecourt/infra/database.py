"""PostgreSQL as the rooms see it: named queries, typed rows, counted round trips.

The only module, with ``infra/migrate.py``, that imports the driver.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

import asyncpg

from forecourt.infra.pool import Driver, Pool
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

Row = TypeVar("Row")

# In a comment as well, or of a lock: then it is thought to write, though it does not.
_WRITING = re.compile(r"\b(insert|update|delete|merge)\b")
# A name after a colon that is not a cast (::) and not inside a time of day (12:30).
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")

ACQUIRE_SECONDS = 2.0
# Longer than a statement may take by the session's own settings: who does not answer by then is not there.
ANSWER_SECONDS = 8.0
_CLOSE_SECONDS = 5.0
_SESSION = {
    "application_name": "forecourt",
    "timezone": "UTC",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    # Each statement is planned once a connection: a plan for its values would cost more than it could save.
    "plan_cache_mode": "force_generic_plan",
}


class DatabaseUnavailable(Refusal):
    """The database cannot be asked now: it restarts, is unreachable or has no connection to spare.

    Attributes:
        retry_after: seconds.
    """

    code = "database-unavailable"
    title = "The database cannot be asked at the moment"
    retry_after = 1


class OutcomeUnknown(DatabaseUnavailable):
    """The connection ended between a write and its receipt: it took effect, or it did not."""

    code = "outcome-unknown"
    title = "Whether this took effect is unknown: retry with the same Idempotency-Key"


class ConstraintBroken(Exception):
    """A constraint of the schema refused the statement; nothing of it took effect.

    Attributes:
        constraint: its name, as the migrations give it.
    """

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class OvertakenByAnother(Exception):
    """Two transactions stood in each other's way and this one was ended; it may simply be tried again."""


class Query:
    """One SQL statement, written with named parameters and sent with PostgreSQL's numbered ones.

    Attributes:
        source: the statement as it was written, with ``:name`` parameters.
        text: the statement as it is sent, with ``$1``, ``$2``, ….
        names: the parameters' names in the order of their numbers.
        writes: False where it certainly only reads.
    """

    __slots__ = ("names", "source", "text", "writes")

    def __init__(self, source: LiteralString) -> None:
        names: list[str] = []

        def numbered(found: re.Match[str]) -> str:
            name = found[1]
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"

        self.source = source
        self.text = _PARAMETER.sub(numbered, source)
        self.names = tuple(names)
        self.writes = _WRITING.search(source) is not None


def record(**columns: Any) -> dict[str, Any]:  # noqa: ANN401 - a row is what its statement says
    """A row as a mapping, where no class of its own would say more than the statement does."""
    return columns


class Connection:
    """A connection lent by the pool; every method is one round trip."""

    __slots__ = ("_database", "_driver", "_within")

    def __init__(self, database: Database, driver: Driver) -> None:
        self._database = database
        self._driver = driver
        # How many transactions are open around the next statement: it takes effect with the outermost of them.
        self._within = 0

    async def one_or_none(self, row: Callable[..., Row], query: Query, **given: object) -> Row | None:
        """The statement's first row as a *row*, None where it has none."""
        self._database.round_trips += 1
        try:
            record = await self._driver.fetchrow(query.text, *[given[name] for name in query.names])
        except _DRIVER_ERRORS as error:
            raise self._failed(error, wrote=query.writes) from error
        return None if record is None else row(**record)

    async def one(self, row: Callable[..., Row], query: Query, **given: object) -> Row:
        """The statement's only row.

        Raises:
            LookupError: there is none, though the statement promises one.
        """
        found = await self.one_or_none(row, query, **given)
        if found is None:
            raise LookupError(query.source)
        return found

    async def every(self, row: Callable[..., Row], query: Query, **given: object) -> list[Row]:
        """All rows of the statement."""
        self._database.round_trips += 1
        try:
            records = await self._driver.fetch(query.text, *[given[name] for name in query.names])
        except _DRIVER_ERRORS as error:
            raise self._failed(error, wrote=query.writes) from error
        return [row(**record) for record in records]

    async def run(self, query: Query, **given: object) -> int:
        """Run the statement; the number of rows it touched."""
        self._database.round_trips += 1
        try:
            status = await self._driver.execute(query.text, *[given[name] for name in query.names])
        except _DRIVER_ERRORS as error:
            raise self._failed(error, wrote=query.writes) from error
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def run_many(self, query: Query, rows: list[dict[str, object]]) -> None:
        """Run the statement once a row, all or nothing, in one exchange."""
        self._database.round_trips += 1
        try:
            await self._driver.executemany(
                query.text, [[given[name] for name in query.names] for given in rows]
            )
        except _DRIVER_ERRORS as error:
            raise self._failed(error, wrote=query.writes) from error

    @asynccontextmanager
    async def transaction(self, *, undone: bool = False) -> AsyncGenerator[None]:
        """All statements inside take effect together, or none: BEGIN and COMMIT, two round trips.

        An *undone* one ends with ROLLBACK: what was written is seen inside it and nowhere else.
        """
        self._database.round_trips += 2
        transaction = self._driver.transaction()
        try:
            await transaction.start()
        except _DRIVER_ERRORS as error:
            raise self._failed(error, wrote=False) from error
        self._within += 1
        try:
            yield
        except BaseException:
            # A connection that is gone has taken its transaction with it.
            with suppress(*_DRIVER_ERRORS):
                await transaction.rollback()
            raise
        finally:
            self._within -= 1
        try:
            await (transaction.rollback() if undone else transaction.commit())
        except _DRIVER_ERRORS as error:
            raise self._failed(error, wrote=not undone) from error

    def _failed(self, error: BaseException, *, wrote: bool) -> Exception:
        """What an error of the driver means, where the statement *wrote* or only read.

        Who does not answer in time is asked nothing more: the answer may still come, and would be taken for another's.
        """
        if isinstance(error, TimeoutError):
            self._driver.terminate()
        if wrote and not self._within and _is_lost(error):
            return OutcomeUnknown()
        return _translated(error)


class Line:
    """A connection over which processes tell each other that something happened."""

    def __init__(self, driver: Driver, channel: str) -> None:
        self._driver = driver
        self._channel = channel
        self._broken = asyncio.Event()
        driver.add_termination_listener(lambda _: self._broken.set())

    async def broken(self) -> None:
        """Wait until the connection has ended."""
        await self._broken.wait()

    async def tell(self) -> None:
        """Tell everybody on the channel, this process included.

        Raises:
            DatabaseUnavailable: the connection has ended.
        """
        try:
            await self._driver.execute("select pg_notify($1, '')", self._channel)
        except _DRIVER_ERRORS as error:
            raise DatabaseUnavailable from error


class Database:
    """A pool of connections.

    Attributes:
        round_trips: how many exchanges with the server there have been; tests hold each write to its number.
    """

    def __init__(self, *, connections: int, answer_seconds: float = ANSWER_SECONDS) -> None:
        """A pool that is not opened yet.

        Args:
            connections: how many it has at most.
            answer_seconds: how long the server may take for one statement, the network included.
        """
        self._connections = connections
        self._answer_seconds = answer_seconds
        self._pool: Pool | None = None
        self._connect: Callable[[], Awaitable[Driver]] | None = None
        self.round_trips = 0

    async def open(
        self,
        url: str,
        *,
        revive: Callable[[], object] | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        """Open the pool.

        Args:
            url: ``postgresql://…`` of a PostgreSQL 18 server.
            revive: called, in a thread, when a connection cannot be made, before it is tried once more: what
                brings an embedded server back.
            settings: run-time settings of the sessions, over ours.

        Raises:
            DatabaseUnavailable: nobody answers under *url*.
        """

        async def connect() -> Driver:
            try:
                return await _connected(url, settings, self._answer_seconds)
            except (OSError, asyncpg.CannotConnectNowError):
                if revive is None:
                    raise
                await asyncio.to_thread(revive)
                return await _connected(url, settings, self._answer_seconds)

        self._connect = connect
        pool = Pool(connect, size=self._connections, patience=ACQUIRE_SECONDS)
        try:
            pool.give_back(await pool.take())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DatabaseUnavailable("nobody answers at the database's address") from error
        self._pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """Lend a connection.

        Raises:
            DatabaseUnavailable: none was free, or could be made, within two seconds.
        """
        if self._pool is None:
            raise DatabaseUnavailable("the database is not open yet")
        try:
            driver = await self._pool.take()
        except (*_DRIVER_ERRORS, TimeoutError) as error:
            raise DatabaseUnavailable from error
        try:
            yield Connection(self, driver)
        except asyncio.CancelledError:
            # A statement may still be under way there.
            driver.terminate()
            raise
        finally:
            self._pool.give_back(driver)

    @asynccontextmanager
    async def line(self, channel: str, heard: Callable[[str], None]) -> AsyncGenerator[Line]:
        """A connection of its own, to tell others something and to be told: *heard* gets what is told on *channel*.

        Raises:
            DatabaseUnavailable: it could not be made.
        """
        if self._connect is None:
            raise DatabaseUnavailable("the database is not open yet")
        try:
            driver = await self._connect()
            await driver.add_listener(channel, lambda *told: heard(str(told[3])))
        except _DRIVER_ERRORS as error:
            raise DatabaseUnavailable from error
        try:
            yield Line(driver, channel)
        finally:
            driver.terminate()

    async def close(self) -> None:
        """Close every connection; those still lent out are ended after five seconds."""
        if self._pool is not None:
            await self._pool.close(within=_CLOSE_SECONDS)


async def _connected(url: str, settings: dict[str, str] | None, answer_seconds: float) -> Driver:
    return await asyncpg.connect(
        url,
        command_timeout=answer_seconds,
        statement_cache_size=400,
        max_cached_statement_lifetime=0,
        server_settings=_SESSION | (settings or {}),
    )


_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

# SQLSTATE classes: 08 connection, 53 resources, 57 operator or timeout.
_UNAVAILABLE = ("08", "53", "57", "55P03")
# The connection ended, or the server was ended under it: it may have committed before.
_LOST = ("08", "57P01", "57P02")


def _is_lost(error: BaseException) -> bool:
    """Whether a statement was sent and its answer will never come."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_LOST)
    return isinstance(error, OSError)


def _translated(error: BaseException) -> Exception:
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return ConstraintBroken(error.constraint_name or "")
    if isinstance(error, (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)):
        return OvertakenByAnother()
    if isinstance(error, asyncpg.PostgresError):
        if (error.sqlstate or "").startswith(_UNAVAILABLE):
            return DatabaseUnavailable()
        return error
    # InterfaceError is the driver's own: a connection that ended under it, or a value it cannot send.
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return error
    return DatabaseUnavailable()
