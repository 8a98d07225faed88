"""What a way of telling others is to a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import TypeAlias

    from forecourt.deliveries.records import Claimed, Ended
    from forecourt.infra.database import Connection

    # Ready to go: called with no connection held, while the other side takes its time.
    Ready: TypeAlias = Callable[[], Awaitable[Ended]]


class Channel(Protocol):
    """A way of telling others: webhooks, mail, text messages."""

    async def prepare(self, connection: Connection, claimed: Sequence[Claimed]) -> list[Ready | Ended]:
        """Read what *claimed* are about, as it is now, in as few round trips as there can be.

        Returns:
            In the order of *claimed*: what is to be done, or how it ended where nothing is.
        """
        ...

    async def ended(self, connection: Connection, ended: Sequence[Ended]) -> None:
        """What follows from how attempts ended in which something was tried: an endpoint's health, say."""
        ...
