"""Issuing a key for a program, and finding those that there are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta

from forecourt.access import tokens
from forecourt.access.permissions import PERMISSIONS
from forecourt.access.roles import PERMISSIONS_OF, roles_with
from forecourt.dealerships.operation import Change, Operation, Outcome, nothing_to_find
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.keys.log import log_at_each, of_key
from forecourt.keys.queries import ADD, PLACES, SEEN
from forecourt.keys.records import IssuedOut, NewKey, Place, SeenKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.database import Connection

MANAGE = "manage:api_key"
MOST_DAYS = 3_650
_MOST_SHOWN = 500
_LONGEST_NAME = 100


class IssueIn(msgspec.Struct, kw_only=True, frozen=True):
    """A key as it is asked for.

    Attributes:
        name: to recognise it by.
        mode: ``live`` or ``test``.
        permissions: what it allows; no more than the role of whoever asks.
        dealerships: slugs of those it speaks for.
        expires_in_days: when it ends; never where it is left out.
    """

    name: Sent[Line] = UNSET
    mode: Sent[Line] = UNSET
    permissions: Sent[list[Line]] = UNSET
    dealerships: Sent[list[Line]] = UNSET
    expires_in_days: Sent[Annotated[int, Meta(ge=1, le=MOST_DAYS)]] = UNSET


async def seen_keys(connection: Connection, user_id: int, *, ended: bool) -> list[SeenKey]:
    """The keys of the dealerships whose keys *user_id* manages, the newest in front; with those that have *ended*."""
    return await connection.every(
        SeenKey, SEEN, user_id=user_id, roles=roles_with(MANAGE), ended=ended, size=_MOST_SHOWN
    )


async def places_of(connection: Connection, user_id: int | None, permission: str) -> list[Place]:
    """The dealerships where the role of *user_id* gives *permission*."""
    return await connection.every(Place, PLACES, user_id=user_id, roles=roles_with(permission))


async def add_key(change: Change, key: NewKey, token: str) -> int:
    """Write *key*, known by the hash of its *token*; its id."""
    row = await change.connection.one(
        record,
        ADD,
        **msgspec.structs.asdict(key),
        token_hash=tokens.hash_of(token),
        token_hint=tokens.hint(token),
    )
    return int(row["id"])


def allowed_at(places: Sequence[Place]) -> frozenset[str]:
    """What somebody may at every one of *places*."""
    each = [frozenset(PERMISSIONS_OF[place.role]) for place in places]
    return frozenset.intersection(*each) if each else frozenset()


async def _issue(change: Change, _: None, sent: IssueIn) -> Outcome:
    managed = {place.slug: place for place in await places_of(change.connection, change.user_id, MANAGE)}
    name, mode = _word(sent.name), _word(sent.mode)
    permissions, slugs = _words(sent.permissions), _words(sent.dealerships)
    places = [managed[slug] for slug in slugs if slug in managed]
    problems = _problems(name, mode, permissions, slugs, managed)
    if not problems:
        allowed = allowed_at(places)
        problems = [
            Problem("permissions", f"{one} is not yours to give") for one in permissions if one not in allowed
        ]
    if problems:
        raise Invalid(problems=tuple(problems))
    token = tokens.new_token(mode)
    days = sent.expires_in_days
    expires_at = change.now + timedelta(days=days) if isinstance(days, int) else None
    ids = [place.dealership_id for place in places]
    new = NewKey(name=name, mode=mode, permissions=permissions, dealership_ids=ids, expires_at=expires_at)
    key_id = await add_key(change, new, token)
    changes = of_key(
        key_id,
        name,
        id=(None, key_id),
        name=(None, name),
        mode=(None, mode),
        permissions=(None, permissions),
        expires_at=(None, expires_at),
    )
    await log_at_each(change, "api_key.created", ids, changes)
    return Outcome(body=IssuedOut(key_id, name, mode, token), status=201, changes=changes)


ISSUE = Operation(MANAGE, nothing_to_find, IssueIn, _issue)


def _problems(
    name: str, mode: str, permissions: list[str], slugs: list[str], managed: dict[str, Place]
) -> list[Problem]:
    problems = []
    if not name or len(name) > _LONGEST_NAME:
        problems.append(Problem("name", f"must be given, with {_LONGEST_NAME} characters at most"))
    if mode not in tokens.MODES:
        problems.append(Problem("mode", "is not an allowed value", tokens.MODES))
    if not permissions:
        problems.append(Problem("permissions", "must be at least one"))
    problems += [
        Problem("permissions", "is not an allowed value", PERMISSIONS)
        for one in permissions
        if one not in PERMISSIONS
    ][:1]
    if not slugs:
        problems.append(Problem("dealerships", "must be at least one"))
    if any(slug not in managed for slug in slugs):
        problems.append(Problem("dealerships", "has one whose keys you do not manage", tuple(managed)))
    return problems


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(value: object) -> list[str]:
    return list(dict.fromkeys(map(_word, value))) if isinstance(value, list) else []
