"""Replacing a key by a new one, while the old one lives on for some hours; and revoking one for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta

from forecourt.access import tokens
from forecourt.access.keys import KeyNotFound
from forecourt.access.roles import roles_with
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.infra.refusals import Invalid, Problem
from forecourt.infra.sent import Line, Sent
from forecourt.keys.issue import MANAGE, add_key
from forecourt.keys.log import log_at_each, of_key
from forecourt.keys.queries import END_AT, LOCKED, REVOKE
from forecourt.keys.records import IssuedOut, KeptKey, NewKey
from forecourt.keys.refusals import KeyHasEnded, KeyIsSomebodys, KeyOfOthers

MOST_OVERLAP_HOURS = 720
DEFAULT_OVERLAP_HOURS = 24


class ReplaceIn(msgspec.Struct, kw_only=True, frozen=True):
    """How a key is replaced.

    Attributes:
        overlap_hours: for how long the old one works as well: 24 unless it is said otherwise, 0 for not at all.
    """

    overlap_hours: Sent[Annotated[int, Meta(ge=0, le=MOST_OVERLAP_HOURS)]] = UNSET


class RevokeIn(msgspec.Struct, kw_only=True, frozen=True):
    """That the right key is meant: its name, again."""

    name: Sent[Line] = UNSET


async def _locked(change: Change) -> KeptKey:
    found = await change.connection.one_or_none(
        KeptKey,
        LOCKED,
        key_id=id_in(change.path, "key_id", KeyNotFound),
        dealership_id=change.dealership_id,
        user_id=change.user_id,
        roles=roles_with(MANAGE),
    )
    if found is None:
        raise KeyNotFound
    return found


async def _replace(change: Change, key: KeptKey, sent: ReplaceIn) -> Outcome:
    if key.others:
        raise KeyOfOthers
    if key.user_id is not None:
        raise KeyIsSomebodys
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= change.now):
        raise KeyHasEnded
    hours = sent.overlap_hours if isinstance(sent.overlap_hours, int) else DEFAULT_OVERLAP_HOURS
    token = tokens.new_token(key.mode)
    # It lasts as long as the one before was to last.
    expires_at = None if key.expires_at is None else change.now + (key.expires_at - key.created_at)
    new = NewKey(
        name=key.name,
        mode=key.mode,
        permissions=key.permissions,
        dealership_ids=key.dealership_ids,
        expires_at=expires_at,
        succeeds_id=key.id,
    )
    new_id = await add_key(change, new, token)
    ends_at = change.now + timedelta(hours=hours)
    if hours:
        await change.connection.run(END_AT, key_id=key.id, ends_at=ends_at)
    else:
        await change.connection.run(REVOKE, key_id=key.id)
    changes = of_key(key.id, key.name, expires_at=(key.expires_at, ends_at), succeeded_by_id=(None, new_id))
    await log_at_each(change, "api_key.replaced", key.dealership_ids, changes)
    return Outcome(body=IssuedOut(new_id, key.name, key.mode, token), status=201, changes=changes)


async def _revoke(change: Change, key: KeptKey, sent: RevokeIn) -> Outcome:
    if key.others:
        raise KeyOfOthers
    if not isinstance(sent.name, str) or sent.name.strip() != key.name.strip():
        raise Invalid(problems=(Problem("name", "is not the key's; type it as it is shown"),))
    if await change.connection.run(REVOKE, key_id=key.id):
        changes = of_key(key.id, key.name, revoked_at=(None, change.now))
        await log_at_each(change, "api_key.revoked", key.dealership_ids, changes)
    return Outcome(body=Nothing())


REPLACE = Operation(MANAGE, _locked, ReplaceIn, _replace)
REVOKE_KEY = Operation(MANAGE, _locked, RevokeIn, _revoke)
