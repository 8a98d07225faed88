"""Who is told of new leads: the rules, and a dry run of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt import vocabulary
from forecourt.notifications import rule_desk
from forecourt.notifications.rule_schema import FORMATS
from forecourt.screens.screen import Screen
from forecourt.screens.settings.choices import choices, leads
from forecourt.screens.settings.fields import is_ticked, line, number, numbers, text
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/notices"
_NEW = "new"
_NOTHING: dict[str, Any] = {
    "name": None,
    "addresses": [],
    "user_ids": [],
    "format": "html",
    "category": None,
    "source": None,
    "location_id": None,
    "website_id": None,
    "quiet_from": None,
    "quiet_to": None,
    "enabled": True,
    "version": None,
}


async def get_notices(visit: Visit) -> Answer:
    """Every rule."""
    place = place_of(visit, visit.parameters.get("dealership"))
    async with reading(visit, place) as (connection, standing):
        rules = await rule_desk.rules(connection, standing.dealership.id)
        there = await choices(connection, standing.dealership.id)
    return shown(visit, "notices", place, _AT, rules=rules, there=there)


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
            done = await visit.act(place.slug, rule_desk.ADD, given)
        else:
            seen = version if isinstance(version, int) else None
            done = await visit.act(place.slug, rule_desk.CHANGE, given, version=seen, rule_id=rule_id)
    except TOLD as refusal:
        return await _one(visit, place, given | {"version": version}, refusal)
    return saved(visit, place, done, _AT, "rule_added" if rule_id == _NEW else "saved")


async def post_removal(visit: Visit) -> Answer:
    """Remove a rule."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    done = await visit.act(place.slug, rule_desk.REMOVE, {}, rule_id=visit.call.path["rule_id"])
    return saved(visit, place, done, _AT, "notice_removed")


async def get_dry_run(visit: Visit) -> Answer:
    """Who would have been told of the last 100 leads."""
    place = place_of(visit, visit.parameters.get("dealership"))
    done = await visit.act(place.slug, rule_desk.TRY_OUT, {})
    tried: Any = done.outcome.body
    async with reading(visit, place) as (connection, standing):
        rules = await rule_desk.rules(connection, standing.dealership.id)
        by_id = await leads(connection, standing.dealership.id, [one.lead_id for one in tried.leads])
    named = {rule.id: rule.name or f"Rule {rule.id}" for rule in rules}
    return shown(visit, "notices_dry_run", place, _AT, tried=tried, leads=by_id, rules=named)


def _rule_in(form: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: line(form, name) for name in ("name", "format", "category", "source", "quiet_from", "quiet_to")
    }
    given["quiet_from"], given["quiet_to"] = (_time(given[name]) for name in ("quiet_from", "quiet_to"))
    return given | {
        "addresses": text(form, "addresses").replace(",", " ").replace(";", " ").split(),
        "user_ids": numbers(form, "user_ids"),
        "location_id": number(form, "location_id"),
        "website_id": number(form, "website_id"),
        "enabled": is_ticked(form, "enabled"),
    }


def _time(value: str | None) -> str | None:
    """A time field's value, which some browsers send with seconds."""
    return value[:5] if value is not None and value[5:6] == ":" else value


async def _one(
    visit: Visit, place: Membership, given: dict[str, Any] | None = None, refusal: Refusal | None = None
) -> Answer:
    rule_id = visit.call.path["rule_id"]
    async with reading(visit, place) as (connection, standing):
        there = await choices(connection, standing.dealership.id)
        rule = None
        if rule_id != _NEW:
            rule = await rule_desk.the_rule(connection, standing.dealership.id, {"rule_id": rule_id})
    now = _NOTHING if rule is None else {name: getattr(rule, name) for name in _NOTHING}
    return shown(
        visit,
        "notice",
        place,
        _AT,
        refusal=refusal,
        rule_id=rule_id,
        given=now | (given or {}),
        is_new=rule is None,
        there=there,
        formats=[(word, word.upper()) for word in FORMATS],
        categories=[(word, word) for word in vocabulary.CATEGORY.values],
        sources=[(word, word) for word in vocabulary.SOURCE.values],
    )


SCREENS = (
    Screen("GET", _AT, get_notices, READ),
    Screen("GET", f"{_AT}/dry-run", get_dry_run, READ),
    Screen("GET", f"{_AT}/{{rule_id}}", get_rule, READ),
    Screen("POST", f"{_AT}/{{rule_id}}", post_rule, MANAGE),
    Screen("POST", f"{_AT}/{{rule_id}}/remove", post_removal, MANAGE),
)
