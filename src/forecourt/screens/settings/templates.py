"""The words of mail and text messages: listed, written, seen as customers see them, sent to oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt import vocabulary
from forecourt.messages.built_in import BUILT_IN, KINDS
from forecourt.notifications import specimen, template_desk
from forecourt.screens.screen import Screen
from forecourt.screens.settings.fields import is_ticked, line, number, text
from forecourt.screens.settings.page import MANAGE, READ, TOLD, place_of, reading, saved, shown

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

_AT = "/settings/templates"
_NEW = "new"
_FIELDS = ("kind", "name", "category", "subject", "body", "marketing", "enabled")
KIND_NAMES = {
    "customer_email": "Automatic reply",
    "notification": "Notice to staff",
    "email": "Mail by staff",
    "sms": "Text message by staff",
}
# Mail has its own look, which no page of ours has; it can do nothing, and comes from nowhere else.
_PREVIEW_POLICY = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'self'; sandbox"
)


async def get_templates(visit: Visit) -> Answer:
    """Every template, and what is built in."""
    place = place_of(visit, visit.parameters.get("dealership"))
    async with reading(visit, place) as (connection, standing):
        told = await template_desk.templates(connection, standing.dealership.id)
    by_kind = [(kind, [one for one in told.message_templates if one.kind == kind]) for kind in KINDS]
    return shown(visit, "templates", place, _AT, by_kind=by_kind, names=KIND_NAMES, built_in=set(BUILT_IN))


async def get_template(visit: Visit) -> Answer:
    """One template; or a new one, which begins with the words that are built in."""
    return await _one(visit, place_of(visit, visit.parameters.get("dealership")))


async def post_template(visit: Visit) -> Answer:
    """Keep a template."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    given = _template_in(form)
    template_id, version = visit.call.path["template_id"], number(form, "version")
    try:
        if template_id == _NEW:
            done = await visit.act(place.slug, template_desk.ADD, given)
        else:
            seen = version if isinstance(version, int) else None
            done = await visit.act(
                place.slug, template_desk.CHANGE, given, version=seen, template_id=template_id
            )
    except TOLD as refusal:
        return await _one(visit, place, given | {"version": version}, refusal)
    if template_id == _NEW:
        return saved(visit, place, done, _AT, "template_added")
    return saved(visit, place, done, f"{_AT}/{template_id}")


async def post_removal(visit: Visit) -> Answer:
    """Remove a template."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    done = await visit.act(place.slug, template_desk.REMOVE, {}, template_id=visit.call.path["template_id"])
    return saved(visit, place, done, _AT, "template_removed")


async def post_preview(visit: Visit) -> Answer:
    """What a template comes to, for the frame beside its form; what is wrong with it stands there too."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"))
    operation = template_desk.preview_operation(visit.building.sender)
    try:
        done = await visit.act(place.slug, operation, _wording_in(form))
    except TOLD as refusal:
        return _framed(visit, refusal=refusal)
    return _framed(visit, shown=done.outcome.body)


async def post_test(visit: Visit) -> Answer:
    """Send what a template comes to to whoever is signed in."""
    form = await visit.form()
    place = place_of(visit, line(form, "dealership"), MANAGE)
    operation = specimen.operation(visit.building.sender)
    try:
        done = await visit.act(place.slug, operation, _wording_in(form))
    except TOLD as refusal:
        return _framed(visit, refusal=refusal)
    return _framed(visit, sent=done.outcome.body, goes_out=visit.building.settings.smtp_url is not None)


def _template_in(form: dict[str, Any]) -> dict[str, Any]:
    return _wording_in(form) | {
        "name": line(form, "name") or "",
        "category": line(form, "category"),
        "enabled": is_ticked(form, "enabled"),
    }


def _wording_in(form: dict[str, Any]) -> dict[str, Any]:
    kind = line(form, "kind")
    return {
        "kind": kind,
        "subject": None if kind == "sms" else line(form, "subject"),
        "body": text(form, "body"),
        "marketing": is_ticked(form, "marketing"),
    }


def _framed(visit: Visit, **values: Any) -> Answer:  # noqa: ANN401 - what the template shows
    told = {"refusal": None, "shown": None, "sent": None, "goes_out": False} | values
    # Always 200: a browser shows a frame's own error page for nothing else, and the words stand in it.
    return visit.page("settings/preview.html", 200, ((b"content-security-policy", _PREVIEW_POLICY),), **told)


async def _one(
    visit: Visit, place: Membership, given: dict[str, Any] | None = None, refusal: Refusal | None = None
) -> Answer:
    template_id = visit.call.path["template_id"]
    async with reading(visit, place) as (connection, standing):
        there = await template_desk.templates(connection, standing.dealership.id)
        stored = None
        if template_id != _NEW:
            path = {"template_id": template_id}
            stored = await template_desk.the_template(connection, standing.dealership.id, path)
    if stored is None:
        now = _begun(visit.parameters.get("kind", ""))
    else:
        now = {name: getattr(stored, name) for name in (*_FIELDS, "version")}
    return shown(
        visit,
        "template",
        place,
        _AT,
        refusal=refusal,
        template_id=template_id,
        given=now | (given or {}),
        is_new=stored is None,
        names=KIND_NAMES,
        variables=there.variables,
        filters=there.filters,
        categories=[(word, word) for word in vocabulary.CATEGORY.values],
    )


def _begun(kind: str) -> dict[str, Any]:
    """A new template of *kind*, as it is built in."""
    kind = kind if kind in KINDS else KINDS[0]
    wording = BUILT_IN.get(kind)
    return {
        "kind": kind,
        "name": "",
        "category": None,
        "subject": wording.subject if wording else "",
        "body": wording.body.strip() if wording else "",
        "marketing": False,
        "enabled": True,
        "version": None,
    }


SCREENS = (
    Screen("GET", _AT, get_templates, READ),
    Screen("POST", f"{_AT}/preview", post_preview, READ),
    Screen("POST", f"{_AT}/test", post_test, MANAGE),
    Screen("GET", f"{_AT}/{{template_id}}", get_template, READ),
    Screen("POST", f"{_AT}/{{template_id}}", post_template, MANAGE),
    Screen("POST", f"{_AT}/{{template_id}}/remove", post_removal, MANAGE),
)
