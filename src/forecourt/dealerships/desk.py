"""Where requests about one dealership are received: who asks, what of, whether it was asked before.

Every route under ``/api/v1/dealerships/{dealership}/`` goes through here, so that all keep one order of answers: the
key, the dealership and the thing, the permission, the Idempotency-Key, the precondition, the body. Update Lead and
Create Lead have a faster way of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from forecourt.access.caller import Caller, Unauthorised, token_hash
from forecourt.access.roles import PERMISSIONS_OF
from forecourt.access.sessions import IDLE
from forecourt.dealerships.desk_queries import REMEMBER, STANDING, STANDING_OF_SESSION
from forecourt.dealerships.operation import (
    Change,
    Dealership,
    DealershipNotFound,
    Operation,
    Outcome,
    Standing,
)
from forecourt.infra.bodies import read_body
from forecourt.infra.conditional import VersionMismatch, entity_tag, entity_tags, matches_strongly
from forecourt.infra.database import ConstraintBroken, DatabaseUnavailable, OvertakenByAnother, record
from forecourt.infra.fitting import what_fits
from forecourt.infra.http import Answer, BadQuery
from forecourt.infra.idempotency import StoredAnswer, answered_before, key_of
from forecourt.infra.refusals import Invalid, Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from forecourt.infra.database import Connection, Database
    from forecourt.infra.http import Call

_ATTEMPTS = 4
MAX_ID = 2**63 - 1

Read = TypeVar("Read")
Shape = TypeVar("Shape", bound=msgspec.Struct)


class Sent(msgspec.Struct, frozen=True):
    """What came as a body, or why it was refused: told only after all that comes before it.

    Attributes:
        typed: False where all values are text, as in a form.
        fingerprint: tells it from another body.
    """

    tree: dict[str, Any]
    typed: bool
    fingerprint: bytes
    refusal: Refusal | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A write as it was asked for.

    Attributes:
        token_hash: of the API key, or of the session of whoever is signed in.
        signed_in: which of the two.
        path: the route's path parameters, as text.
        name: method and address: what an Idempotency-Key is scoped to.
    """

    token_hash: bytes
    signed_in: bool
    dealership: str
    path: Mapping[str, str]
    name: str
    request_id: str
    sent: Sent
    key: str | None = None
    if_match: frozenset[str] | None = None
    dry_run: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a write came to.

    Attributes:
        event_ids: of what was logged: taking it back begins with them.
    """

    outcome: Outcome
    event_ids: list[int]


class Desk:
    """Receives the requests about dealerships."""

    def __init__(self, database: Database, spool: Path) -> None:
        """A desk; *spool* is where the files of a multipart body wait."""
        self._database = database
        self._spool = spool

    async def read(
        self,
        call: Call,
        permission: str,
        find: Callable[[Connection, Standing], Awaitable[Read]],
    ) -> Read:
        """Answer a question: *find* brings what is asked for, or refuses.

        Raises:
            Unauthorised, DealershipNotFound, whatever *find* refuses, PermissionMissing: in this order. A query
            string that does not fit is refused last.
        """
        hashed = token_hash(call)
        async with self._database.connection() as connection:
            standing, _ = await _standing_of_key(
                connection, hashed, call.path["dealership"], _operation(call), None
            )
            try:
                found = await find(connection, standing)
            except BadQuery:
                standing.caller.require(permission)
                raise
        standing.caller.require(permission)
        return found

    async def write(self, call: Call, operation: Operation[Any, Any]) -> Answer:
        """Carry out *operation* for an API key, in one transaction; tried again where another stood in its way.

        ``?dry_run=true`` does everything and undoes it. With an Idempotency-Key the answer is kept for 72 hours.
        """
        asked = Asked(
            token_hash=token_hash(call),
            signed_in=False,
            dealership=call.path["dealership"],
            path=call.path,
            name=_operation(call),
            request_id=call.request_id,
            dry_run=_dry_run(call),
            key=key_of(call.headers.get("idempotency-key")),
            if_match=entity_tags(call.headers.get("if-match")),
            sent=await self._body(call),
        )
        done = await self._until_done(asked, operation)
        if isinstance(done, StoredAnswer):
            return Answer(done.status, done.body, headers=((b"idempotency-replay", b"true"),))
        return _answer(done.outcome, dry_run=asked.dry_run)

    async def act(self, asked: Asked, operation: Operation[Any, Any]) -> Done:
        """Carry out *operation* for whoever is signed in: by the same rules, permissions and log as for a key."""
        done = await self._until_done(asked, operation)
        assert isinstance(done, Done)  # noqa: S101 - only a key's answers are stored
        return done

    async def _until_done(self, asked: Asked, operation: Operation[Any, Any]) -> Done | StoredAnswer:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._database.connection() as connection:
                    return await _carried_out(connection, asked, operation)
            except OvertakenByAnother:
                continue
            except ConstraintBroken as broken:
                if broken.constraint in operation.constraints:
                    raise Invalid(problems=(operation.constraints[broken.constraint],)) from None
                if attempt == _ATTEMPTS:
                    raise
        raise DatabaseUnavailable("too many writers at once")

    async def _body(self, call: Call) -> Sent:
        # A DELETE, and a POST that says it all in its address, need none.
        if call.headers.get("content-length", "0") == "0" and "transfer-encoding" not in call.headers:
            return Sent({}, typed=True, fingerprint=b"empty")
        try:
            body = await read_body(
                content_type=call.headers.get("content-type"),
                content_length=call.headers.get("content-length"),
                receive=call.receive,
                spool=self._spool,
            )
        except Refusal as refusal:
            return Sent({}, typed=True, fingerprint=b"", refusal=refusal)
        call.body = body
        body.discard()
        return Sent(body.tree, body.typed, body.fingerprint())


async def _standing_of_key(
    connection: Connection, hashed: bytes, dealership: str, operation: str, key: str | None
) -> tuple[Standing, dict[str, Any]]:
    row = await connection.one_or_none(
        record,
        STANDING,
        token_hash=hashed,
        dealership=dealership,
        operation=operation,
        idempotency_key=key,
    )
    if row is None:
        raise Unauthorised
    return _standing(row, lambda: Caller(row["api_key_id"], tuple(row["permissions"]), test=row["test"])), row


async def _standing_of_session(connection: Connection, hashed: bytes, dealership: str) -> Standing:
    row = await connection.one_or_none(
        record, STANDING_OF_SESSION, token_hash=hashed, dealership=dealership, idle=IDLE
    )
    if row is None:
        raise Unauthorised("sign in again")
    return _standing(row, lambda: Caller(None, PERMISSIONS_OF[row["role"]], row["user_id"]))


def _standing(row: dict[str, Any], caller: Callable[[], Caller]) -> Standing:
    if row["dealership_id"] is None:
        raise DealershipNotFound
    return Standing(
        caller=caller(),
        dealership=Dealership(
            id=row["dealership_id"],
            slug=row["slug"],
            name=row["name"],
            timezone=row["timezone"],
            country=row["country"],
        ),
        now=row["now"],
    )


def _operation(call: Call) -> str:
    return f"{call.scope['method']} {call.scope['path']}"


async def _carried_out(
    connection: Connection, asked: Asked, operation: Operation[Any, Any]
) -> Done | StoredAnswer:
    async with connection.transaction(undone=asked.dry_run):
        standing, stored, locked = await _asking(connection, asked)
        change = Change(
            connection=connection,
            standing=standing,
            path=asked.path,
            request_id=asked.request_id,
            dry_run=asked.dry_run,
        )
        found = await operation.find(change)
        standing.caller.require(operation.permission)
        if answered_before(stored, asked.sent.fingerprint, locked=locked):
            assert stored is not None  # noqa: S101
            return stored
        version = getattr(found, "version", None)
        if (
            asked.if_match is not None
            and version is not None
            and not matches_strongly(asked.if_match, version)
        ):
            raise VersionMismatch(version)
        outcome = await operation.work(change, found, _sent(asked.sent, operation))
        if asked.key is not None and not asked.dry_run:
            await _remember(connection, asked, standing, outcome)
    if outcome.afterwards is not None and not asked.dry_run:
        await outcome.afterwards()
    return Done(outcome=outcome, event_ids=change.event_ids)


async def _asking(connection: Connection, asked: Asked) -> tuple[Standing, StoredAnswer | None, bool | None]:
    """Who asks, what they were answered before, and whether their Idempotency-Key's lock was got."""
    if asked.signed_in:
        return await _standing_of_session(connection, asked.token_hash, asked.dealership), None, None
    standing, row = await _standing_of_key(
        connection, asked.token_hash, asked.dealership, asked.name, asked.key
    )
    stored = None
    if row["answer_payload_hash"] is not None:
        stored = StoredAnswer(row["answer_payload_hash"], row["answer_status"], row["answer_body"])
    return standing, stored, row["idempotency_locked"]


async def _remember(connection: Connection, asked: Asked, standing: Standing, outcome: Outcome) -> None:
    answer = _answer(outcome, dry_run=False)
    await connection.run(
        REMEMBER,
        api_key_id=standing.caller.api_key_id,
        operation=asked.name,
        idempotency_key=asked.key,
        payload_hash=asked.sent.fingerprint,
        status=answer.status,
        answer=answer.body,
        lead_cluster_id=outcome.lead_cluster_id,
    )


def _sent(body: Sent, operation: Operation[Any, Shape]) -> Shape:
    """The body as the operation's struct.

    Raises:
        Refusal: it could not be read.
        Invalid: it does not fit; every problem is named.
    """
    if body.refusal is not None:
        raise body.refusal
    tree: Any = body.tree
    path = "body"
    if operation.wrapper is not None:
        path = operation.wrapper
        tree = tree.get(path)
        if not isinstance(tree, dict):
            said = "must be an object" if path in body.tree else f'is missing; send {{"{path}": {{…}}}}'
            raise Invalid(problems=(Problem(path, said),))
    known = operation.sent.__struct_fields__
    unknown = [
        Problem(name if path == "body" else f"{path}.{name}", "is not known here", known)
        for name in tree
        if name not in known
    ]
    sent, problems = what_fits(tree, operation.sent, path, strict=body.typed)
    problems = [
        Problem(problem.field.removeprefix("body."), problem.message, problem.allowed) for problem in problems
    ]
    if unknown or problems:
        raise Invalid(problems=(*unknown, *problems))
    return sent


class DryRunOut(msgspec.Struct):
    """What a write would be answered with and change, had it not been a dry run."""

    dry_run: bool
    changes: dict[str, Any]
    answer: Any


def _answer(outcome: Outcome, *, dry_run: bool) -> Answer:
    if dry_run:
        told = DryRunOut(dry_run=True, changes=outcome.changes, answer=outcome.body)
        return Answer(200, msgspec.json.encode(told))
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if outcome.version is not None:
        headers = ((b"etag", entity_tag(outcome.version).encode()),)
    return Answer(outcome.status, msgspec.json.encode(outcome.body), headers=headers)


def _dry_run(call: Call) -> bool:
    asked = call.query(("dry_run",)).get("dry_run", ["false"])[0].lower()
    if asked not in {"true", "false"}:
        raise BadQuery(problems=(Problem("dry_run", "must be true or false", ("true", "false")),))
    return asked == "true"


def id_in(path: Mapping[str, str], name: str, refusal: type[Refusal]) -> int:
    """The id that the path has under *name*.

    Raises:
        Refusal: *refusal*, where it is no id.
    """
    text = path[name]
    if not (text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 20 and int(text) <= MAX_ID):  # noqa: PLR2004
        raise refusal
    return int(text)
