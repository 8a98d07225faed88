"""Signing in by password and second factor, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.access.refusals import SecondStepEnded, TooBusy, TooManyTries, WrongCode, WrongPassword
from forecourt.access.second_factor import pass_step, step_of
from forecourt.access.sessions import COOKIE, close_session
from forecourt.access.sign_in import sign_in
from forecourt.infra.http import Answer
from forecourt.infra.problems import status_of
from forecourt.screens.screen import Screen
from forecourt.screens.signing_in.cookies import (
    STEP_COOKIE,
    browser_of,
    entered,
    forgotten,
    is_insecure,
    ours,
    session_cookies,
)

if TYPE_CHECKING:
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit


async def get_sign_in(visit: Visit) -> Answer:
    """The form; whoever is signed in goes on."""
    to = ours(visit.parameters.get("to"))
    if visit.visitor is not None:
        return visit.to(to)
    return _form(visit, to=to, email="")


async def post_sign_in(visit: Visit) -> Answer:
    """Sign in, or say why not on the same form."""
    form = await visit.form()
    to, email = ours(_text(form, "to")), _text(form, "email")
    try:
        found = await sign_in(
            visit.database,
            visit.building.hasher,
            email=email[:255],
            password=_text(form, "password")[:1_000],
            browser=browser_of(visit),
            return_to=to,
        )
    except (WrongPassword, TooManyTries, TooBusy) as refusal:
        return _form(visit, to=to, email=email[:255], refusal=refusal)
    return entered(visit, found, to)


async def get_second(visit: Visit) -> Answer:
    """The form for the second factor's code."""
    try:
        async with visit.database.connection() as connection:
            await step_of(connection, visit.cookies.get(STEP_COOKIE))
    except SecondStepEnded:
        return visit.to("/sign-in", forgotten(STEP_COOKIE))
    return visit.page("signing_in/second.html", refusal=None)


async def post_second(visit: Visit) -> Answer:
    """Sign in with the code, or say why not."""
    form = await visit.form()
    try:
        opened, to = await pass_step(
            visit.database, visit.cookies.get(STEP_COOKIE), _text(form, "code")[:100], browser_of(visit)
        )
    except (WrongCode, TooManyTries) as refusal:
        return _said(visit.page("signing_in/second.html", status_of(refusal), refusal=refusal), refusal)
    except SecondStepEnded:
        return visit.to("/sign-in", forgotten(STEP_COOKIE))
    return visit.to(to, *session_cookies(opened))


async def post_sign_out(visit: Visit) -> Answer:
    """End the session: here, on the server, and on every stream that was opened with it."""
    if visit.session_hash:
        async with visit.database.connection() as connection:
            await close_session(connection, visit.session_hash)
    return visit.to("/sign-in", forgotten(COOKIE))


def _form(visit: Visit, *, to: str, email: str, refusal: Refusal | None = None) -> Answer:
    page = visit.page(
        "signing_in/sign_in.html",
        status_of(refusal) if refusal else 200,
        to=to,
        email=email,
        refusal=refusal,
        provider=visit.building.provider,
        insecure=is_insecure(visit),
    )
    return _said(page, refusal) if refusal else page


def _said(page: Answer, refusal: Refusal) -> Answer:
    wait = getattr(refusal, "retry_after", None)
    if wait is None:
        return page
    headers = (*page.headers, (b"retry-after", str(wait).encode()))
    return Answer(page.status, page.body, page.content_type, headers)


def _text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


SCREENS = (
    Screen("GET", "/sign-in", get_sign_in, None),
    Screen("POST", "/sign-in", post_sign_in, None),
    Screen("GET", "/sign-in/second", get_second, None),
    Screen("POST", "/sign-in/second", post_second, None),
    Screen("POST", "/sign-out", post_sign_out, None),
)
