"""The users of a dealership: who is in, with which role; for its owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from forecourt.access.links import LASTS, PASSWORD, path_of
from forecourt.access.roles import NAMES, ROLES
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Refusal
from forecourt.screens.screen import Screen
from forecourt.screens.settings.page import navigation
from forecourt.screens.signing_in.cookies import base_address
from forecourt.screens.users.mailed import is_mailed
from forecourt.users.find import group_of, members_of
from forecourt.users.invite import INVITE, MANAGE
from forecourt.users.manage import (
    CHANGE_GROUP_ROLE,
    CHANGE_ROLE,
    DISABLE,
    ENABLE,
    NEW_LINK,
    NO_ROLE,
    SIGN_OUT,
)
from forecourt.users.refusals import GroupNotYours, LastOwner, OwnAccount, UserOfOthers

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.dealerships.operation import Operation
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

# What is told on the page that was open, beside the user or the form that it is about.
_TOLD = (Invalid, GroupNotYours, LastOwner, OwnAccount, UserOfOthers)


async def get_users(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit, _place(visit, visit.parameters.get("dealership")))


async def post_invitation(visit: Visit) -> Answer:
    """Bring somebody in; where they need a link, it is mailed, or shown this once."""
    form = await visit.form()
    place = _place(visit, _text(form, "dealership"))
    given = {name: _text(form, name) for name in ("name", "email", "role", "where")}
    try:
        done = await visit.act(place.slug, INVITE, given)
    except _TOLD as refusal:
        return await _page(visit, place, refusal=refusal, given=given)
    body: Any = done.outcome.body
    if body.link is None:
        return _back(visit, place, "user_invited")
    return await _hand_out(visit, place, _link(visit, body.link, "invitation", body.email))


async def post_link(visit: Visit) -> Answer:
    """A new link for somebody, mailed, or shown this once."""
    form = await visit.form()
    place = _place(visit, _text(form, "dealership"))
    user_id = visit.call.path["user_id"]
    try:
        done = await visit.act(place.slug, NEW_LINK, {}, user_id=user_id)
    except _TOLD as refusal:
        return await _page(visit, place, refusal=refusal)
    body: Any = done.outcome.body
    return await _hand_out(visit, place, _link(visit, body.link, PASSWORD, body.email))


async def post_role(visit: Visit) -> Answer:
    """Change somebody's role here."""
    return await _change(visit, CHANGE_ROLE, "role_changed", "role")


async def post_group_role(visit: Visit) -> Answer:
    """Change somebody's role in the whole group."""
    return await _change(visit, CHANGE_GROUP_ROLE, "group_role_changed", "role")


async def post_disable(visit: Visit) -> Answer:
    """Shut somebody out."""
    return await _change(visit, DISABLE, "user_disabled")


async def post_enable(visit: Visit) -> Answer:
    """Let them in again."""
    return await _change(visit, ENABLE, "user_enabled")


async def post_sign_out(visit: Visit) -> Answer:
    """Sign somebody out everywhere."""
    return await _change(visit, SIGN_OUT, "user_signed_out")


async def _change(visit: Visit, operation: Operation[Any, Any], done: str, *fields: str) -> Answer:
    form = await visit.form()
    place = _place(visit, _text(form, "dealership"))
    try:
        await visit.act(
            place.slug,
            operation,
            {name: _text(form, name) for name in fields},
            user_id=visit.call.path["user_id"],
        )
    except _TOLD as refusal:
        return await _page(visit, place, refusal=refusal)
    return _back(visit, place, done)


async def _hand_out(visit: Visit, place: Membership, link: dict[str, str]) -> Answer:
    """Mail a link; show it where that cannot be done."""
    if await is_mailed(visit, place, link):
        return _back(visit, place, "link_mailed")
    return await _page(visit, place, link=link)


async def _page(
    visit: Visit,
    place: Membership,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    link: dict[str, str] | None = None,
) -> Answer:
    async with visit.database.connection() as connection:
        members = await members_of(connection, place.dealership_id, visit.who.user_id)
        group = await group_of(connection, place.dealership_id, visit.who.user_id)
    return visit.page(
        "users/users.html",
        status_of(refusal) if refusal else 200,
        **navigation(visit, place, "/settings/users"),
        members=members,
        group=group,
        roles=[(role, NAMES[role]) for role in ROLES],
        role_names=NAMES,
        no_role=NO_ROLE,
        refusal=refusal,
        given=given or {"name": "", "email": "", "role": "salesperson", "where": "dealership"},
        link=link,
    )


def _place(visit: Visit, slug: str | None) -> Membership:
    return visit.place(slug, MANAGE) if slug else visit.places(MANAGE)[0]


def _back(visit: Visit, place: Membership, done: str) -> Answer:
    return visit.to(f"/settings/users?{urlencode({'dealership': place.slug, 'said': done})}")


def _link(visit: Visit, secret: str, purpose: str, email: str) -> dict[str, str]:
    hours = int(LASTS[purpose].total_seconds()) // 3_600
    return {
        "address": base_address(visit) + path_of(secret),
        "email": email,
        "lasts": f"{hours // 24} days" if hours > 24 else f"{hours} hours",  # noqa: PLR2004
    }


def _text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value[:1_000] if isinstance(value, str) else ""


SCREENS = (
    Screen("GET", "/settings/users", get_users, MANAGE),
    Screen("POST", "/settings/users", post_invitation, MANAGE),
    Screen("POST", "/settings/users/{user_id}/role", post_role, MANAGE),
    Screen("POST", "/settings/users/{user_id}/group-role", post_group_role, MANAGE),
    Screen("POST", "/settings/users/{user_id}/link", post_link, MANAGE),
    Screen("POST", "/settings/users/{user_id}/disable", post_disable, MANAGE),
    Screen("POST", "/settings/users/{user_id}/enable", post_enable, MANAGE),
    Screen("POST", "/settings/users/{user_id}/sign-out", post_sign_out, MANAGE),
)
