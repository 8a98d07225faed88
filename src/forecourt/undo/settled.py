"""Taking back what was settled: each setting is as it was, by the same operation that settled it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import msgspec

from forecourt.assignment import rule_desk as assignment
from forecourt.assignment import staff_desk
from forecourt.clusters import own
from forecourt.clusters import settings as clusters
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome
from forecourt.messages.sender import Sender
from forecourt.notifications import mail_settings, template_desk
from forecourt.notifications import rule_desk as notices
from forecourt.premises import locations, particulars
from forecourt.response import settings as response

# Whoever settles takes back.
PERMISSION = "manage:dealership"

# What an event tells: field -> {"from", "to"}; a few things, such as whose, without a from.
Told: TypeAlias = Mapping[str, Any]


class Back(NamedTuple):
    """What was taken back.

    Attributes:
        outcome: of the operation that did it.
        kept: fields that somebody has changed again since.
    """

    outcome: Outcome
    kept: list[str]


Reverse: TypeAlias = Callable[[Change, Told], Awaitable[Back | None]]


def _by(operation: Operation[Any, Any], **named: str) -> Reverse:
    """Each field back to what it was, where it is still what it then became; None where none is.

    Args:
        operation: changes the thing.
        named: its path's parameters, and the field of the event that each is.
    """

    async def reverse(change: Change, told: Told) -> Back | None:
        here = replace(change, path={name: str(_last(told[field])) for name, field in named.items()})
        found = await operation.find(here)
        return await _fields_back(here, operation, found, _current_of(found), told)

    return reverse


async def _fields_back(
    here: Change, operation: Operation[Any, Any], found: object, now: object, told: Told
) -> Back | None:
    pairs = {name: told[name] for name in operation.sent.__struct_fields__ if _is_pair(told.get(name))}
    stands = [name for name, pair in pairs.items() if _is(now, name, pair["to"], operation.sent)]
    if not stands:
        return None
    sent = msgspec.convert({name: pairs[name]["from"] for name in stands}, operation.sent)
    outcome = await operation.work(here, found, sent)
    return Back(outcome, sorted(pairs.keys() - set(stands)))


def _again(operation: Operation[Any, Any]) -> Reverse:
    """What was removed is there again, under a new id."""

    async def reverse(change: Change, told: Told) -> Back | None:
        values = {name: told[name]["from"] for name in operation.sent.__struct_fields__ if name in told}
        sent = msgspec.convert(values, operation.sent)
        return Back(await operation.work(change, await operation.find(change), sent), [])

    return reverse


def _away(operation: Operation[Any, Any], **named: str) -> Reverse:
    """What was added is gone again."""

    async def reverse(change: Change, told: Told) -> Back | None:
        here = replace(change, path={name: str(_last(told[field])) for name, field in named.items()})
        return Back(await operation.work(here, await operation.find(here), Nothing()), [])

    return reverse


async def _status_option(change: Change, told: Told) -> Back | None:
    """A word that was changed is as it was; one that was added cannot be taken any more."""
    operation = clusters.CHANGE_STATUS_OPTION_OPERATION
    here = replace(change, path={"option_id": str(_last(told["id"]))})
    if told["id"]["from"] is None:
        told = {"id": told["id"], "enabled": {"from": False, "to": True}}
    words = await clusters.status_options(change.connection, change.standing)
    now = next((one for one in words.lead_status_options if one.id == _last(told["id"])), None)
    return await _fields_back(here, operation, await operation.find(here), now, told)


def _last(value: Any) -> Any:  # noqa: ANN401 - of any field
    return value["to"] if _is_pair(value) else value


def _is_pair(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= {"from", "to"}


def _current_of(found: object) -> object:
    return found.settings if isinstance(found, response.Current) else found


def _is(now: object, name: str, value: object, sent: type[msgspec.Struct]) -> bool:
    """Whether a field still is *value*, as the log has it: times may be written in another zone, lists tell more."""
    current = getattr(now, name, None)
    if current == getattr(msgspec.convert({name: value}, sent), name):
        return True
    return bool(msgspec.to_builtins(current) == value)


REVERSES: Mapping[str, Reverse] = {
    "dealership.updated": _by(particulars.CHANGE),
    "location.updated": _by(locations.CHANGE, location_id="location_id"),
    "response_settings.updated": _by(response.OPERATION),
    "lead_cluster_settings.updated": _by(own.OPERATION),
    "mail_settings.updated": _by(mail_settings.operation(Sender())),
    "stop_list.added": _away(clusters.UNSTOP_OPERATION, kind="kind", value="value"),
    "stop_list.removed": _again(clusters.STOP_OPERATION),
    "lead_status_option.created": _status_option,
    "lead_status_option.updated": _status_option,
    "assignment_rule.created": _away(assignment.REMOVE, rule_id="id"),
    "assignment_rule.updated": _by(assignment.CHANGE, rule_id="id"),
    "assignment_rule.deleted": _again(assignment.ADD),
    "staff_member.updated": _by(staff_desk.CHANGE_MEMBER, user_id="user_id"),
    "notification_rule.created": _away(notices.REMOVE, rule_id="id"),
    "notification_rule.updated": _by(notices.CHANGE, rule_id="id"),
    "notification_rule.deleted": _again(notices.ADD),
    "message_template.created": _away(template_desk.REMOVE, template_id="id"),
    "message_template.updated": _by(template_desk.CHANGE, template_id="id"),
    "message_template.deleted": _again(template_desk.ADD),
}
