"""Who gets what: the rules, a dry run of them, and who is away or has enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from forecourt import vocabulary
from forecourt.assignment import rule_desk, staff_desk
from forecourt.screens.screen import Screen
from forecourt.screens.settings.choices import choices, leads
from forecourt.screens.settings.fields import is_ticked, line, moment, number, numbers, words
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/assignment"
_NEW = "new"
_NOTHING: dict[str, Any] = {
    "name": "",
    "location_ids": [],
    "categories": [],
    "sources": [],
    "user_ids": [],
    "enabled": True,
    "version": None,
}


async def get_assignment(visit: Visit) -> Answer:
    """Every rule, and the staff."""
    return await _all(visit, place_of(visit, visit.parameters.get("dealership")))


async def get_rule(visit: Visit) -> Answer:
    """One rule, or a new one."""
    return await _one(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_rule(visit: Visit) -> Answer:
    """Keep a rule."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    given = _rule_in(form)
    rule_id, version = visit.call.path["rule_id"], number(form, "version")
    try:
        if rule_id == _NEW:
            done = await visit.act(place.slug, rule_desk.ADD, {"assignment_rule": given})
        else:
            done = await visit.act(
                place.slug,
                rule_desk.CHANGE,
                {"assignment_rule": given},
                version=version if isinstance(version, int) else None,
                rule_id=rule_id,
            )
    except TOLD as refusal:
        return await _one(visit, place, given | {"version": version}, refusal)
    return saved(visit, place, done, _AT, "rule_added" if rule_id == _NEW else "saved")


async def post_removal(visit: Visit) -> Answer:
    """Remove a rule."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    done = await visit.act(place.slug, rule_desk.REMOVE, {}, rule_id=visit.call.path["rule_id"])
    return saved(visit, place, done, _AT, "rule_removed")


async def get_dry_run(visit: Visit) -> Answer:
    """Who would have got the last 100 leads by the rules in force."""
    return await _tried(visit, place_of(visit, visit.parameters.get("dealership")), {})


async def post_dry_run(visit: Visit) -> Answer:
    """The same with a rule as it stands in its form, before it is kept."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"))
    given, rule_id = _rule_in(form), line(form, "rule_id")
    async with reading(visit, place) as (connection, standing):
        stored = await rule_desk.all_rules(connection, standing.dealership.id)
    rules = [given if str(rule.id) == rule_id else _sent(rule) for rule in stored]
    if rule_id == _NEW:
        rules.append(given)
    try:
        return await _tried(visit, place, {"assignment_rules": rules}, given["name"])
    except TOLD as refusal:
        return await _one(
            visit, place, given | {"version": number(form, "version")}, refusal, rule_id or _NEW
        )


async def post_member(visit: Visit) -> Answer:
    """Keep when somebody is away, and how many open customers are enough for them."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    member = {
        "absent_from": moment(form, "absent_from", place.timezone),
        "absent_until": moment(form, "absent_until", place.timezone),
        "most_open_clusters": number(form, "most_open_clusters"),
    }
    user_id = visit.call.path["user_id"]
    try:
        done = await visit.act(
            place.slug, staff_desk.CHANGE_MEMBER, {"staff_member": member}, user_id=user_id
        )
    except TOLD as refusal:
        return await _all(visit, place, refusal)
    return saved(visit, place, done, _AT)


def _rule_in(form: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": line(form, "name") or "",
        "location_ids": numbers(form, "location_ids"),
        "categories": words(form, "categories"),
        "sources": words(form, "sources"),
        "user_ids": numbers(form, "user_ids"),
        "enabled": is_ticked(form, "enabled"),
    }


def _sent(rule: object) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in _NOTHING if name != "version"}


async def _all(visit: Visit, place: Membership, refusal: Refusal | None = None) -> Answer:
    async with reading(visit, place) as (connection, standing):
        rules = await rule_desk.all_rules(connection, standing.dealership.id)
        staff = await staff_desk.whole_staff(connection, standing.dealership.id, standing.now)
        there = await choices(connection, standing.dealership.id)
    return shown(
        visit,
        "assignment",
        place,
        _AT,
        refusal=refusal,
        rules=rules,
        staff=staff,
        locations=there.names("locations"),
        users=there.names("users"),
        zone=ZoneInfo(place.timezone),
    )


async def _one(
    visit: Visit,
    place: Membership,
    given: dict[str, Any] | None = None,
    refusal: Refusal | None = None,
    rule_id: str | None = None,
) -> Answer:
    rule_id = rule_id or visit.call.path["rule_id"]
    async with reading(visit, place) as (connection, standing):
        there = await choices(connection, standing.dealership.id)
        rule = None
        if rule_id != _NEW:
            rule = await rule_desk.the_rule(connection, standing.dealership.id, {"rule_id": rule_id})
    now = _NOTHING if rule is None else _sent(rule) | {"version": rule.version}
    return shown(
        visit,
        "assignment_rule",
        place,
        _AT,
        refusal=refusal,
        rule_id=rule_id,
        given=now | (given or {}),
        is_new=rule is None,
        locations=there.pairs("locations"),
        users=there.pairs("users"),
        categories=[(word, word) for word in vocabulary.CATEGORY.values],
        sources=[(word, word) for word in vocabulary.SOURCE.values],
    )


async def _tried(
    visit: Visit, place: Membership, tree: dict[str, Any], rule_name: str | None = None
) -> Answer:
    done = await visit.act(place.slug, rule_desk.TRY_OUT, tree)
    tried: Any = done.outcome.body
    async with reading(visit, place) as (connection, standing):
        there = await choices(connection, standing.dealership.id)
        by_id = await leads(connection, standing.dealership.id, [one.lead_id for one in tried.leads])
    return shown(
        visit,
        "assignment_dry_run",
        place,
        _AT,
        tried=tried,
        leads=by_id,
        users=there.names("users"),
        rule_name=rule_name,
        now=visit.who.now,
    )


SCREENS = (
    Screen("GET", _AT, get_assignment, READ),
    Screen("GET", f"{_AT}/dry-run", get_dry_run, READ),
    Screen("POST", f"{_AT}/dry-run", post_dry_run, READ),
    Screen("POST", f"{_AT}/staff/{{user_id}}", post_member, MANAGE),
    Screen("GET", f"{_AT}/{{rule_id}}", get_rule, READ),
    Screen("POST", f"{_AT}/{{rule_id}}", post_rule, MANAGE),
    Screen("POST", f"{_AT}/{{rule_id}}/remove", post_removal, MANAGE),
)
