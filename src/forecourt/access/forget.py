"""What about signing in has ended, and is kept no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access import sign_in_queries as queries
from forecourt.access.session_queries import FORGET_ENDED
from forecourt.access.sessions import IDLE
from forecourt.access.throttle_queries import FORGET_OLD

if TYPE_CHECKING:
    from forecourt.infra.database import Connection


async def what_has_ended(connection: Connection) -> None:
    """Forget ended sessions, sign-ins that nobody finished, failures of yesterday, and browsers unseen for a year."""
    await connection.run(FORGET_ENDED, idle=IDLE)
    await connection.run(FORGET_OLD)
    for statement in (
        queries.FORGET_STEPS,
        queries.FORGET_DEVICES,
        queries.FORGET_OIDC,
        queries.FORGET_LINKS,
    ):
        await connection.run(statement)
