"""Webhooks as a dealership keeps them: made, changed, removed, given a new secret."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid
from forecourt.webhooks import queries
from forecourt.webhooks.health_queries import GIVE_UP
from forecourt.webhooks.reading import WebhookFields, fields_of, read_webhook
from forecourt.webhooks.records import LoggedEndpoint
from forecourt.webhooks.refusals import WebhookNotFound
from forecourt.webhooks.schema import (
    DEFAULT_OVERLAP_HOURS,
    RotateIn,
    WebhookIn,
    WebhookMade,
    WebhookOut,
)
from forecourt.webhooks.sign import new_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection, Query

READ = "read:webhook"
MANAGE = "manage:webhook"


def told(endpoint: LoggedEndpoint) -> WebhookOut:
    """A webhook as it is answered."""
    return WebhookOut(**_values(endpoint))


def _made(endpoint: LoggedEndpoint, secret: str | None) -> WebhookMade:
    return WebhookMade(secret=secret, **_values(endpoint))


def _values(endpoint: LoggedEndpoint) -> dict[str, Any]:
    values = {
        name: getattr(endpoint, name)
        for name in WebhookOut.__struct_fields__
        if name not in {"enabled", "former_secret_valid_until"}
    }
    return values | {
        "enabled": endpoint.disabled_at is None,
        "former_secret_valid_until": endpoint.secret_before_until,
    }


async def every_webhook(connection: Connection, dealership_id: DealershipId) -> list[WebhookOut]:
    """The webhooks of a dealership, in the order of their ids."""
    found = await connection.every(LoggedEndpoint, queries.WEBHOOKS, dealership_id=dealership_id)
    return [told(endpoint) for endpoint in found]


async def the_webhook(
    connection: Connection, dealership_id: DealershipId, path: Mapping[str, str]
) -> LoggedEndpoint:
    """The webhook that *path* names.

    Raises:
        WebhookNotFound: the dealership has none such.
    """
    return await _webhook(connection, queries.WEBHOOK, dealership_id, path)


async def locked(change: Change) -> LoggedEndpoint:
    """Likewise, locked until the transaction ends.

    Raises:
        WebhookNotFound: the dealership has none such.
    """
    return await _webhook(change.connection, queries.LOCKED_WEBHOOK, change.dealership_id, change.path)


async def _webhook(
    connection: Connection, query: Query, dealership_id: DealershipId, path: Mapping[str, str]
) -> LoggedEndpoint:
    webhook_id = id_in(path, "webhook_id", WebhookNotFound)
    found = await connection.one_or_none(
        LoggedEndpoint, query, dealership_id=dealership_id, webhook_id=webhook_id
    )
    if found is None:
        raise WebhookNotFound
    return found


async def _add(private_too: bool, change: Change, _: None, sent: WebhookIn) -> Outcome:  # noqa: FBT001
    fields, problems = read_webhook(sent, None, private_too=private_too)
    if problems:
        raise Invalid(problems=tuple(problems))
    secret = new_secret()
    row = await change.connection.one(
        record,
        queries.ADD_WEBHOOK,
        **msgspec.structs.asdict(fields),
        dealership_id=change.dealership_id,
        token=sent.token if isinstance(sent.token, str) else None,
        secret=secret,
        api_key_id=change.api_key_id,
        now=change.now,
    )
    made = await _again(change, row["id"])
    changes = _differences(None, fields, token=(False, made.has_token))
    await _record(change, "webhook.created", made.id, changes)
    # A secret that will never be is no use to anybody.
    body = _made(made, None if change.dry_run else secret)
    return Outcome(body=body, status=201, version=made.version, changes=changes)


async def _change(private_too: bool, change: Change, before: LoggedEndpoint, sent: WebhookIn) -> Outcome:  # noqa: FBT001
    fields, problems = read_webhook(sent, fields_of(before), private_too=private_too)
    if problems:
        raise Invalid(problems=tuple(problems))
    token_is_sent = sent.token is not UNSET
    changes = _differences(
        fields_of(before),
        fields,
        token=(before.has_token, sent.token is not None) if token_is_sent else (None, None),
    )
    if not changes and not isinstance(sent.token, str):
        return Outcome(body=told(before), version=before.version)
    await change.connection.run(
        queries.CHANGE_WEBHOOK,
        **msgspec.structs.asdict(fields),
        dealership_id=change.dealership_id,
        webhook_id=before.id,
        token_is_sent=token_is_sent,
        token=sent.token if isinstance(sent.token, str) else None,
        now=change.now,
    )
    await change.connection.run(GIVE_UP, ids=[before.id])
    await _record(change, "webhook.updated", before.id, changes)
    after = await _again(change, before.id)
    return Outcome(body=told(after), version=after.version, changes=changes)


async def _remove(change: Change, before: LoggedEndpoint, _: Nothing) -> Outcome:
    await change.connection.run(
        queries.REMOVE_WEBHOOK,
        dealership_id=change.dealership_id,
        webhook_id=before.id,
        now=change.now,
    )
    await change.connection.run(GIVE_UP, ids=[before.id])
    changes = _differences(fields_of(before), None, token=(before.has_token, False))
    await _record(change, "webhook.deleted", before.id, changes)
    return Outcome(body=told(before), changes=changes)


async def _rotate(change: Change, before: LoggedEndpoint, sent: RotateIn) -> Outcome:
    hours = sent.overlap_hours if isinstance(sent.overlap_hours, int) else DEFAULT_OVERLAP_HOURS
    secret = new_secret()
    await change.connection.run(
        queries.ROTATE_SECRET,
        dealership_id=change.dealership_id,
        webhook_id=before.id,
        secret=secret,
        overlap=timedelta(hours=hours),
        now=change.now,
    )
    after = await _again(change, before.id)
    changes = {
        "webhook.former_secret_valid_until": {
            "from": before.secret_before_until,
            "to": after.secret_before_until,
        }
    }
    await _record(change, "webhook.secret_rotated", before.id, changes)
    body = _made(after, None if change.dry_run else secret)
    return Outcome(body=body, version=after.version, changes=changes)


async def _again(change: Change, webhook_id: int) -> LoggedEndpoint:
    return await change.connection.one(
        LoggedEndpoint, queries.WEBHOOK, dealership_id=change.dealership_id, webhook_id=webhook_id
    )


async def _record(change: Change, kind: str, webhook_id: int, changes: dict[str, Any]) -> None:
    """Log it, without secrets: a token is told as there or not."""
    told_of = {"webhook.id": {"from": None if kind == "webhook.created" else webhook_id, "to": webhook_id}}
    await record_event(change, kind, None, told_of | changes)


def _differences(
    before: WebhookFields | None, after: WebhookFields | None, *, token: tuple[bool | None, bool | None]
) -> dict[str, Any]:
    """Field -> ``{"from": old, "to": new}``; of the token only whether there is one."""
    changes: dict[str, Any] = {}
    for name in WebhookFields.__struct_fields__:
        was, will_be = getattr(before, name, None), getattr(after, name, None)
        if was != will_be:
            shown = (_without_query(was), _without_query(will_be)) if name == "url" else (was, will_be)
            changes[f"webhook.{name}"] = {"from": shown[0], "to": shown[1]}
    if token[0] != token[1] or token == (True, True):
        changes["webhook.has_token"] = {"from": token[0], "to": token[1]}
    return changes


def _without_query(url: str | None) -> str | None:
    """*url* without what may be a secret in it."""
    path, mark, _ = (url or "").partition("?")
    return f"{path}?***" if mark else url


def adding(*, private_too: bool) -> Operation[None, WebhookIn]:
    """The operation that makes a webhook; *private_too* allows addresses that are not public."""
    return Operation(MANAGE, nothing_to_find, WebhookIn, partial(_add, private_too))


def changing(*, private_too: bool) -> Operation[LoggedEndpoint, WebhookIn]:
    """The operation that changes one."""
    return Operation(MANAGE, locked, WebhookIn, partial(_change, private_too))


REMOVE = Operation(MANAGE, locked, Nothing, _remove)
ROTATE = Operation(MANAGE, locked, RotateIn, _rotate)
