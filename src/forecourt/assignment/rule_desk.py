"""The rules as the dealership keeps them: read, added, changed, removed, tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.assignment.refusals import AssignmentRuleNotFound
from forecourt.assignment.replay import LAST_LEADS_TRIED, PastLead, TriedRule, replay, replayed
from forecourt.assignment.rule_queries import (
    ADD_RULE,
    CHANGE_RULE,
    LAST_LEADS,
    LOCKED_RULE,
    NOT_OF_THE_DEALERSHIP,
    REMOVE_RULE,
    RULE,
    RULES,
    STAFF_WITHOUT,
)
from forecourt.assignment.rule_reading import RuleFields, fields_of, foreign, read_rule
from forecourt.assignment.rules import Rule
from forecourt.assignment.schema import (
    AssignmentRuleIn,
    AssignmentRuleOut,
    TriedOut,
    TryIn,
)
from forecourt.assignment.turns import Member, Rotation
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection

READ = "read:dealership"
MANAGE = "manage:dealership"

_WRAPPER = "assignment_rule"
_NAME_TAKEN = {
    "assignment_rule_name_key": Problem(
        "assignment_rule.name", "is the name of another rule of this dealership"
    )
}


async def _add(change: Change, _: None, sent: AssignmentRuleIn) -> Outcome:
    fields, problems = read_rule(sent, None, _WRAPPER)
    problems += await _foreign(change.connection, change.dealership_id, [(_WRAPPER, fields)])
    if problems:
        raise Invalid(problems=tuple(problems))
    row = await change.connection.one(
        record, ADD_RULE, dealership_id=change.dealership_id, **msgspec.structs.asdict(fields)
    )
    rule = await _rule(change.connection, change.dealership_id, row["id"])
    told = _difference(None, fields)
    await _log(change, "assignment_rule.created", (None, rule.id), told)
    return Outcome(body=rule, status=201, version=rule.version, changes=told)


async def _change(change: Change, before: AssignmentRuleOut, sent: AssignmentRuleIn) -> Outcome:
    fields, problems = read_rule(sent, fields_of(before), _WRAPPER)
    problems += await _foreign(change.connection, change.dealership_id, [(_WRAPPER, fields)])
    if problems:
        raise Invalid(problems=tuple(problems))
    told = _difference(fields_of(before), fields)
    if not told:
        return Outcome(body=before, version=before.version)
    await change.connection.run(
        CHANGE_RULE,
        dealership_id=change.dealership_id,
        rule_id=before.id,
        **msgspec.structs.asdict(fields),
    )
    rule = await _rule(change.connection, change.dealership_id, before.id)
    await _log(change, "assignment_rule.updated", (rule.id, rule.id), told)
    return Outcome(body=rule, version=rule.version, changes=told)


async def _try_out(change: Change, _: None, sent: TryIn) -> Outcome:
    if isinstance(sent.assignment_rules, list):
        rules = await _sent_rules(change, sent.assignment_rules)
    else:
        stored = await all_rules(change.connection, change.dealership_id)
        rules = [_to_try(fields_of(rule), rule.id, rule.id) for rule in stored if rule.enabled]
    return Outcome(body=await _played_through(change, rules))


async def _sent_rules(change: Change, sent: Sequence[AssignmentRuleIn]) -> list[TriedRule]:
    read: list[tuple[str, RuleFields]] = []
    problems: list[Problem] = []
    for index, rule in enumerate(sent):
        field = f"assignment_rules[{index}]"
        fields, wrong = read_rule(rule, None, field)
        read.append((field, fields))
        problems += wrong
    problems += await _foreign(change.connection, change.dealership_id, read)
    if problems:
        raise Invalid(problems=tuple(problems))
    return [_to_try(fields, place, None) for place, (_, fields) in enumerate(read) if fields.enabled]


def _to_try(fields: RuleFields, place: int, rule_id: int | None) -> TriedRule:
    rule = Rule(
        id=place,
        name=fields.name,
        location_ids=tuple(fields.location_ids),
        categories=tuple(fields.categories),
        sources=tuple(fields.sources),
    )
    return TriedRule(rule=rule, rule_id=rule_id, user_ids=fields.user_ids)


async def _played_through(change: Change, rules: Sequence[TriedRule]) -> TriedOut:
    leads = await change.connection.every(
        PastLead, LAST_LEADS, dealership_id=change.dealership_id, how_many=LAST_LEADS_TRIED
    )
    staff = await change.connection.every(
        Member, STAFF_WITHOUT, dealership_id=change.dealership_id, lead_cluster_ids=replayed(leads)
    )
    return replay(leads, rules, Rotation(staff, change.now))


async def _locked(change: Change) -> AssignmentRuleOut:
    rule_id = id_in(change.path, "rule_id", AssignmentRuleNotFound)
    rule = await change.connection.one_or_none(
        AssignmentRuleOut, LOCKED_RULE, dealership_id=change.dealership_id, rule_id=rule_id
    )
    if rule is None:
        raise AssignmentRuleNotFound
    return rule


async def _remove(change: Change, rule: AssignmentRuleOut, _: Nothing) -> Outcome:
    await change.connection.run(REMOVE_RULE, dealership_id=change.dealership_id, rule_id=rule.id)
    told = _difference(fields_of(rule), None)
    await _log(change, "assignment_rule.deleted", (rule.id, None), told)
    return Outcome(body=rule, changes=told)


async def _log(change: Change, kind: str, ids: tuple[int | None, int | None], told: dict[str, Any]) -> None:
    """An event of the rule whose id was, and is, one of *ids*."""
    await record_event(change, kind, None, {"id": {"from": ids[0], "to": ids[1]}} | told)


async def _rule(connection: Connection, dealership_id: DealershipId, rule_id: int) -> AssignmentRuleOut:
    return await connection.one(AssignmentRuleOut, RULE, dealership_id=dealership_id, rule_id=rule_id)


async def all_rules(connection: Connection, dealership_id: DealershipId) -> list[AssignmentRuleOut]:
    """The rules of a dealership, those that are not in force too, in the order of their ids."""
    return await connection.every(AssignmentRuleOut, RULES, dealership_id=dealership_id)


async def the_rule(
    connection: Connection, dealership_id: DealershipId, path: Mapping[str, str]
) -> AssignmentRuleOut:
    """The rule that *path* names.

    Raises:
        AssignmentRuleNotFound: the dealership has none such.
    """
    rule_id = id_in(path, "rule_id", AssignmentRuleNotFound)
    rule = await connection.one_or_none(AssignmentRuleOut, RULE, dealership_id=dealership_id, rule_id=rule_id)
    if rule is None:
        raise AssignmentRuleNotFound
    return rule


async def _foreign(
    connection: Connection, dealership_id: DealershipId, rules: Sequence[tuple[str, RuleFields]]
) -> list[Problem]:
    """A problem for each id in *rules*, each with its path in the body, that is not of the dealership."""
    unknown = await connection.one(
        record,
        NOT_OF_THE_DEALERSHIP,
        dealership_id=dealership_id,
        location_ids=sorted({one for _, rule in rules for one in rule.location_ids}),
        user_ids=sorted({one for _, rule in rules for one in rule.user_ids}),
    )
    problems: list[Problem] = []
    for field, rule in rules:
        problems += foreign(field, "location_ids", rule.location_ids, unknown["location_ids"])
        problems += foreign(field, "user_ids", rule.user_ids, unknown["user_ids"])
    return problems


def _difference(before: RuleFields | None, after: RuleFields | None) -> dict[str, Any]:
    told = {}
    for name in RuleFields.__struct_fields__:
        was, will_be = getattr(before, name, None), getattr(after, name, None)
        if was != will_be:
            told[name] = {"from": was, "to": will_be}
    return told


ADD = Operation(MANAGE, nothing_to_find, AssignmentRuleIn, _add, wrapper=_WRAPPER, constraints=_NAME_TAKEN)
CHANGE = Operation(MANAGE, _locked, AssignmentRuleIn, _change, wrapper=_WRAPPER, constraints=_NAME_TAKEN)
REMOVE = Operation(MANAGE, _locked, Nothing, _remove)
TRY_OUT = Operation(READ, nothing_to_find, TryIn, _try_out)
