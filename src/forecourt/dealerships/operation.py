"""What a request about one dealership is made of: who asks, what is changed, what it comes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from forecourt.access.caller import Caller
from forecourt.ids import ApiKeyId, DealershipId, LeadClusterId
from forecourt.infra.refusals import Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.infra.database import Connection

Found = TypeVar("Found")
Sent = TypeVar("Sent", bound=msgspec.Struct)


class DealershipNotFound(Refusal):
    """There is no such dealership, or the key does not hold it: nobody can tell which."""

    code = "dealership-not-found"
    title = "Dealership NOT found"


class Dealership(msgspec.Struct, frozen=True, kw_only=True):
    """The dealership that a request is about."""

    id: DealershipId
    slug: str
    name: str
    timezone: str
    country: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and of which dealership.

    Attributes:
        now: the database's clock when the transaction began.
    """

    caller: Caller
    dealership: Dealership
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A write under way, inside its transaction.

    Attributes:
        path: the route's path parameters, as text.
        dry_run: whether all of it will be undone; only for what cannot be (files, other servers).
    """

    connection: Connection
    standing: Standing
    path: Mapping[str, str]
    request_id: str
    dry_run: bool
    # Of what was logged, in the order in which it was.
    event_ids: list[int] = field(default_factory=list)

    @property
    def dealership_id(self) -> DealershipId:
        """Of the dealership that the request is about."""
        return self.standing.dealership.id

    @property
    def api_key_id(self) -> ApiKeyId | None:
        """Of the calling key; None for a command on the server's own machine."""
        return self.standing.caller.api_key_id

    @property
    def user_id(self) -> int | None:
        """Of the user of the staff who is signed in."""
        return self.standing.caller.user_id

    @property
    def test(self) -> bool | None:
        """Which leads are seen: those of test mode, the others, or both."""
        return self.standing.caller.test

    @property
    def now(self) -> datetime:
        """The database's clock when the transaction began."""
        return self.standing.now


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a write comes to.

    Attributes:
        body: what is answered; a struct.
        version: of the thing that was written, for the ETag; None where it has none.
        changes: field -> ``{"from": old, "to": new}``, for the answer to a dry run.
        lead_cluster_id: of the cluster whose customer the body tells of: a stored answer is erased with them.
        afterwards: what is done once the write has taken effect.
    """

    body: msgspec.Struct
    status: int = 200
    version: int | None = None
    changes: dict[str, Any] = {}
    lead_cluster_id: LeadClusterId | None = None
    afterwards: Callable[[], Awaitable[None]] | None = None


class Versioned(Protocol):
    """A thing that has an ETag."""

    @property
    def version(self) -> int:
        """Counted up with every change."""


class Nothing(msgspec.Struct):
    """A body without members."""


async def nothing_to_find(_: Change) -> None:
    """For an operation that is about the dealership itself."""


class Operation(Generic[Found, Sent]):
    """A write: what it needs and who does it."""

    def __init__(
        self,
        permission: str,
        find: Callable[[Change], Awaitable[Found]],
        sent: type[Sent],
        work: Callable[[Change, Found, Sent], Awaitable[Outcome]],
        *,
        wrapper: str | None = None,
        constraints: Mapping[str, Problem] | None = None,
    ) -> None:
        """An operation.

        Args:
            permission: as ``update:lead_cluster``.
            find: brings the thing that the path names, locked, or refuses. Where it has a ``version``, If-Match is
                held against it.
            sent: the struct that the body fits; every field of it may be left out.
            work: writes, and says what to answer.
            wrapper: the member of the body that holds it all, as ``lead_cluster``; None for the body itself.
            constraints: what a broken constraint of the schema means, by its name.
        """
        self.permission = permission
        self.find = find
        self.sent = sent
        self.work = work
        self.wrapper = wrapper
        self.constraints = constraints or {}
