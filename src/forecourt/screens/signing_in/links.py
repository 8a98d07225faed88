"""The pages behind one-time links: the first owner's account, choosing a password, the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.access.links import DEMO, SET_UP, choose_password, enter_demo, link_behind, set_up
from forecourt.access.passwords import LEAST
from forecourt.access.refusals import LinkEnded, TooBusy
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid
from forecourt.screens.screen import Screen
from forecourt.screens.signing_in.cookies import browser_of, entered, is_insecure, session_cookies

if TYPE_CHECKING:
    from forecourt.access.links import Link
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit


async def get_link(visit: Visit) -> Answer:
    """What the link is for. Looking uses nothing up; the demo's alone signs in at once, as often as one likes."""
    secret = visit.call.path["secret"]
    async with visit.database.connection() as connection:
        try:
            link = await link_behind(connection, secret)
        except LinkEnded as ended:
            return visit.page("signing_in/ended.html", status_of(ended), refusal=ended)
        if link.purpose == DEMO:
            return visit.to("/", *session_cookies(await enter_demo(connection, secret, browser_of(visit))))
    return _page(visit, link, {})


async def post_link(visit: Visit) -> Answer:
    """Do what the link is for."""
    secret = visit.call.path["secret"]
    form = await visit.form()
    given = {name: _text(form, name)[:1_000] for name in ("name", "email", "password")}
    common: dict[str, Any] = {
        "secret": secret,
        "password": given["password"],
        "browser": browser_of(visit),
    }
    database, hasher = visit.database, visit.building.hasher
    try:
        async with database.connection() as connection:
            link = await link_behind(connection, secret)
        if link.purpose != SET_UP:
            return entered(visit, await choose_password(database, hasher, **common), "/")
        opened = await set_up(database, hasher, name=given["name"], email=given["email"], **common)
        return visit.to("/welcome", *session_cookies(opened))
    except LinkEnded as ended:
        return visit.page("signing_in/ended.html", status_of(ended), refusal=ended)
    except (Invalid, TooBusy) as refusal:
        return _page(visit, link, given, refusal)


def _page(visit: Visit, link: Link, given: dict[str, str], refusal: Refusal | None = None) -> Answer:
    template = "signing_in/account.html" if link.purpose == SET_UP else "signing_in/password.html"
    return visit.page(
        template,
        status_of(refusal) if refusal else 200,
        link=link,
        given=given,
        refusal=refusal,
        least=LEAST,
        insecure=is_insecure(visit),
    )


def _text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


SCREENS = (
    Screen("GET", "/sign-in/{secret}", get_link, None),
    Screen("POST", "/sign-in/{secret}", post_link, None),
)
