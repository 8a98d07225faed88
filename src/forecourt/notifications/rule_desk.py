"""The notification rules as a dealership keeps them: read, added, changed, removed, tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from forecourt import vocabulary
from forecourt.contacts.email import NotAnEmail, read_email
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.notifications.notice import due_at
from forecourt.notifications.refusals import NotificationRuleNotFound
from forecourt.notifications.rule_queries import (
    ADD_RULE,
    CHANGE_RULE,
    LOCKED_RULE,
    NOT_OF_THE_DEALERSHIP,
    REMOVE_RULE,
    RULE,
    RULES,
    TRY_RULES,
)
from forecourt.notifications.rule_schema import (
    FORMATS,
    LAST_LEADS_TRIED,
    NotificationRuleIn,
    NotificationRuleOut,
    TriedNoticeLead,
    TriedRulesOut,
    TryRulesIn,
    WouldBeTold,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_FIELDS = (
    "name", "addresses", "user_ids", "format", "category", "source", "location_id", "website_id", "quiet_from",
    "quiet_to", "enabled",
)  # fmt: skip
_NOT_HERE = "is not known at this dealership"


async def rules(connection: Connection, dealership_id: DealershipId) -> list[NotificationRuleOut]:
    """The rules of a dealership, those that are not in force too."""
    return await connection.every(NotificationRuleOut, RULES, dealership_id=dealership_id)


async def the_rule(
    connection: Connection, dealership_id: DealershipId, path: Mapping[str, str]
) -> NotificationRuleOut:
    """The rule that *path* names.

    Raises:
        NotificationRuleNotFound: the dealership has none such.
    """
    rule_id = id_in(path, "rule_id", NotificationRuleNotFound)
    found = await connection.one_or_none(
        NotificationRuleOut, RULE, dealership_id=dealership_id, rule_id=rule_id
    )
    if found is None:
        raise NotificationRuleNotFound
    return found


async def _locked(change: Change) -> NotificationRuleOut:
    rule_id = id_in(change.path, "rule_id", NotificationRuleNotFound)
    found = await change.connection.one_or_none(
        NotificationRuleOut, LOCKED_RULE, dealership_id=change.dealership_id, rule_id=rule_id
    )
    if found is None:
        raise NotificationRuleNotFound
    return found


async def _add(change: Change, _: None, sent: NotificationRuleIn) -> Outcome:
    values = await _read(change, sent, None)
    told = await change.connection.one(
        NotificationRuleOut, ADD_RULE, dealership_id=change.dealership_id, **values
    )
    return await _outcome(change, "notification_rule.created", None, told, status=201)


async def _change(change: Change, before: NotificationRuleOut, sent: NotificationRuleIn) -> Outcome:
    values = await _read(change, sent, before)
    if all(getattr(before, name) == values[name] for name in _FIELDS):
        return Outcome(body=before, version=before.version)
    after = await change.connection.one(
        NotificationRuleOut,
        CHANGE_RULE,
        dealership_id=change.dealership_id,
        rule_id=before.id,
        now=change.now,
        **values,
    )
    return await _outcome(change, "notification_rule.updated", before, after)


async def _remove(change: Change, before: NotificationRuleOut, _: Nothing) -> Outcome:
    await change.connection.run(
        REMOVE_RULE, dealership_id=change.dealership_id, rule_id=before.id, now=change.now
    )
    return await _outcome(change, "notification_rule.deleted", before, None)


async def _outcome(
    change: Change,
    kind: str,
    before: NotificationRuleOut | None,
    after: NotificationRuleOut | None,
    *,
    status: int = 200,
) -> Outcome:
    changes = {"id": {"from": before and before.id, "to": after and after.id}} | {
        name: {"from": getattr(before, name, None), "to": getattr(after, name, None)}
        for name in _FIELDS
        if getattr(before, name, None) != getattr(after, name, None)
    }
    await record_event(change, kind, None, changes)
    told = after or before
    assert told is not None  # noqa: S101 - one of them is there
    return Outcome(
        body=told, status=status, version=None if after is None else after.version, changes=changes
    )


async def _read(
    change: Change, sent: NotificationRuleIn, before: NotificationRuleOut | None
) -> dict[str, Any]:
    """What the rule will say.

    Raises:
        Invalid: it does not fit; every problem is named.
    """
    values: dict[str, Any] = {
        name: getattr(before, name, None) if getattr(sent, name) is UNSET else getattr(sent, name)
        for name in _FIELDS
    }
    values["format"] = values["format"] or "html"
    values["enabled"] = values["enabled"] is not False
    values["user_ids"] = sorted(set(values["user_ids"] or ()))
    problems = _problems(values)
    addresses: dict[str, str] = {}
    for index, address in enumerate(values["addresses"] or ()):
        try:
            read = read_email(address)
            addresses.setdefault(read.normalised, read.given)
        except NotAnEmail as error:
            problems.append(Problem(f"addresses[{index}]", str(error)))
    values["addresses"] = list(addresses.values())
    unknown = await change.connection.one(
        record,
        NOT_OF_THE_DEALERSHIP,
        dealership_id=change.dealership_id,
        **{name: values[name] for name in ("user_ids", "location_id", "website_id")},
    )
    problems += [Problem("user_ids", f"{user_id} {_NOT_HERE}") for user_id in unknown["user_ids"]]
    problems += [Problem(name, _NOT_HERE) for name in ("location_id", "website_id") if unknown[name]]
    if problems:
        raise Invalid(problems=tuple(problems))
    return values


def _problems(values: dict[str, Any]) -> list[Problem]:
    """What is wrong with a rule in itself; words are brought into their spelling."""
    problems = []
    if not values["addresses"] and not values["user_ids"]:
        said = "is missing: name an address, or a user in user_ids"
        problems.append(Problem("addresses", said))
    if values["format"] not in FORMATS:
        problems.append(Problem("format", "is not a format", FORMATS))
    for name, words in (("category", vocabulary.CATEGORY), ("source", vocabulary.SOURCE)):
        if values[name] is not None:
            word = words.canonical(values[name])
            if word is None:
                problems.append(Problem(name, "is not an allowed value", words.values))
            values[name] = word
    if values["name"] is not None and not values["name"].isprintable():
        problems.append(Problem("name", "must be one line without control characters"))
    if (values["quiet_from"] is None) != (values["quiet_to"] is None):
        missing = "quiet_from" if values["quiet_from"] is None else "quiet_to"
        problems.append(Problem(missing, "is missing: quiet hours have a beginning and an end"))
    elif values["quiet_from"] is not None and values["quiet_from"] == values["quiet_to"]:
        problems.append(
            Problem("quiet_to", "must differ from quiet_from; switch the rule off to tell nobody")
        )
    return problems


async def _try_out(change: Change, _: None, sent: TryRulesIn) -> Outcome:
    rows = await change.connection.every(
        record,
        TRY_RULES,
        dealership_id=change.dealership_id,
        lead_id=sent.lead_id if isinstance(sent.lead_id, int) else None,
        how_many=LAST_LEADS_TRIED,
    )
    if not rows and isinstance(sent.lead_id, int):
        raise Invalid(problems=(Problem("lead_id", "is not a lead of this dealership"),))
    told: dict[int, list[WouldBeTold]] = {}
    for row in rows:
        of_lead = told.setdefault(row["lead_id"], [])
        if row["address"] is None:
            continue
        when = due_at(
            row["due_at"], row["quiet_from"], row["quiet_to"], row["timezone"], golden=row["golden"]
        )
        of_lead.append(
            WouldBeTold(
                address=row["address"],
                format=row["format"],
                notification_rule_id=row["notification_rule_id"],
                due_at=when,
            )
        )
    leads = [TriedNoticeLead(lead_id=lead_id, told=whom) for lead_id, whom in told.items()]
    return Outcome(body=TriedRulesOut(leads=leads, untold=sum(not lead.told for lead in leads)))


ADD = Operation(MANAGE, nothing_to_find, NotificationRuleIn, _add)
CHANGE = Operation(MANAGE, _locked, NotificationRuleIn, _change)
REMOVE = Operation(MANAGE, _locked, Nothing, _remove)
TRY_OUT = Operation(READ, nothing_to_find, TryRulesIn, _try_out)
