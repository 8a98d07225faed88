"""The outbox, for somebody at the server's own command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.dealerships.by_command import change_by_command
from forecourt.messages import outbox
from forecourt.messages.refusals import MessageNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.infra.database import Database
    from forecourt.messages.schema import MessagePage, WholeMessageOut


async def list_messages(
    database: Database, dealership: str, filters: Mapping[str, str | None], *, limit: int
) -> MessagePage:
    """The latest messages of a dealership.

    Raises:
        DealershipNotFound: there is no such dealership.
    """
    asked = {name: [value] for name, value in filters.items() if value is not None}
    async with database.connection() as connection:
        change = await change_by_command(connection, dealership, "outbox list")
        return await outbox.outbox(connection, change.standing, asked | {"limit": [str(limit)]})


async def show_message(database: Database, dealership: str, message_id: int) -> WholeMessageOut:
    """A message, whole.

    Raises:
        DealershipNotFound, MessageNotFound: there is none.
    """
    async with database.connection() as connection:
        change = await change_by_command(connection, dealership, "outbox show")
        try:
            return await outbox.message(connection, change.standing, message_id)
        except MessageNotFound:
            raise MessageNotFound(f"there is no message {message_id}") from None
