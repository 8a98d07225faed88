"""One's own test key: made, shown as long as the session lasts, ended; and filled in where it is of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access.sessions import COOKIE
from forecourt.infra.http import Answer
from forecourt.keys.own import END, NEEDS, making, own_keys, shown_token
from forecourt.screens.developers.place import place
from forecourt.screens.door import NotFromHere, from_here
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.keys.records import IssuedOut, OwnKey
    from forecourt.screens.visit import Visit


async def post_key(visit: Visit) -> Answer:
    """Make one."""
    await made(visit)
    return visit.to("/developers?said=test_key_made")


async def post_end(visit: Visit) -> Answer:
    """End one."""
    at = place(visit, NEEDS)
    await visit.act(at.slug, END, {}, key_id=visit.call.path["key_id"])
    return visit.to("/developers?said=test_key_ended")


async def get_key(visit: Visit) -> Answer:
    """The token, for the reference, which is a page of its own: never to another site."""
    if not from_here(visit.call):
        raise NotFromHere
    token = shown(visit, await own(visit))
    return Answer(200, msgspec.json.encode({"token": token, "name": visit.who.name}))


async def token_of(visit: Visit) -> str:
    """The token of the visitor's test key; where this session has none, one is made."""
    return shown(visit, await own(visit)) or (await made(visit)).token


async def made(visit: Visit) -> IssuedOut:
    """Make the visitor a test key."""
    operation = making(visit.cookies[COOKIE], visit.who.name)
    done = await visit.act(place(visit, NEEDS).slug, operation, {})
    issued: IssuedOut = done.outcome.body  # type: ignore[assignment]
    return issued


def shown(visit: Visit, keys: Sequence[OwnKey]) -> str | None:
    """The token of the newest of *keys* that was made in this session."""
    return shown_token(keys, visit.cookies[COOKIE])


async def own(visit: Visit) -> list[OwnKey]:
    """The visitor's test keys that are in force."""
    async with visit.database.connection() as connection:
        return await own_keys(connection, visit.who.user_id)


SCREENS = (
    Screen("GET", "/developers/test-key", get_key, NEEDS),
    Screen("POST", "/developers/test-key", post_key, NEEDS),
    Screen("POST", "/developers/test-key/{key_id}/end", post_end, NEEDS),
)
