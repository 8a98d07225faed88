"""The profile: name and preferences, password, second factor, the browsers that are signed in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from forecourt.access import accounts, second_factor
from forecourt.access.passwords import LEAST
from forecourt.access.refusals import SecondStepEnded, TooBusy, TooManyTries, WrongCode, WrongPassword
from forecourt.access.sessions import close_session_of, close_sessions, sessions_of
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Refusal
from forecourt.screens.screen import Screen
from forecourt.screens.signing_in.cookies import browser_of, session_cookies

if TYPE_CHECKING:
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

_REFUSED = (Invalid, WrongPassword, WrongCode, TooManyTries, TooBusy)


async def get_profile(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit)


async def post_preferences(visit: Visit) -> Answer:
    """Keep name and preferences."""
    form = await visit.form()
    try:
        async with visit.database.connection() as connection:
            await accounts.change_preferences(
                connection,
                visit.who.user_id,
                name=_text(form, "name"),
                single_keys=form.get("single_keys") == "on",
                theme=_text(form, "theme"),
                sound=form.get("sound") == "on",
            )
    except Invalid as refusal:
        return await _page(visit, "preferences", refusal)
    return visit.to("/profile?said=saved")


async def post_password(visit: Visit) -> Answer:
    """Change the password: this browser stays, every other is signed out."""
    form = await visit.form()
    try:
        opened = await accounts.change_password(
            visit.database,
            visit.building.hasher,
            visit.who.user_id,
            present=_text(form, "present_password"),
            new=_text(form, "new_password"),
            browser=browser_of(visit),
        )
    except _REFUSED as refusal:
        return await _page(visit, "password", refusal)
    return visit.to("/profile?said=password_changed", *session_cookies(opened))


async def get_second_factor(visit: Visit) -> Answer:
    """The secret for the authenticator app, and where to type its first code."""
    return await _setting_up(visit)


async def post_second_factor(visit: Visit) -> Answer:
    """Begin to set up a second factor; the password says that it is still its user who sits there."""
    form = await visit.form()
    try:
        await accounts.confirm_password(
            visit.database, visit.building.hasher, visit.who.user_id, _text(form, "present_password")
        )
    except _REFUSED as refusal:
        return await _page(visit, "second-factor", refusal)
    async with visit.database.connection() as connection:
        await second_factor.prepare(connection, visit.who.user_id, visit.who.email)
    return visit.to("/profile/second-factor")


async def post_confirmation(visit: Visit) -> Answer:
    """Put it in force with a first code; the recovery codes are shown this once."""
    form = await visit.form()
    try:
        async with visit.database.connection() as connection:
            codes = await second_factor.confirm(connection, visit.who.user_id, _text(form, "code"))
    except SecondStepEnded:
        return visit.to("/profile")
    except _REFUSED as refusal:
        return await _setting_up(visit, refusal)
    return visit.page("profile/codes.html", codes=codes, is_new=True)


async def post_removal(visit: Visit) -> Answer:
    """Do without the second factor."""
    form = await visit.form()
    try:
        await accounts.confirm_password(
            visit.database, visit.building.hasher, visit.who.user_id, _text(form, "present_password")
        )
    except _REFUSED as refusal:
        return await _page(visit, "second-factor", refusal)
    async with visit.database.connection() as connection:
        await second_factor.remove(connection, visit.who.user_id)
    return visit.to("/profile?said=second_factor_off")


async def post_recovery_codes(visit: Visit) -> Answer:
    """New recovery codes, shown this once; the old ones work no more."""
    form = await visit.form()
    try:
        own = await accounts.confirm_password(
            visit.database, visit.building.hasher, visit.who.user_id, _text(form, "present_password")
        )
    except _REFUSED as refusal:
        return await _page(visit, "second-factor", refusal)
    if own.totp_confirmed_at is None:
        return visit.to("/profile")
    async with visit.database.connection() as connection, connection.transaction():
        codes = await second_factor.new_recovery_codes(connection, visit.who.user_id)
    return visit.page("profile/codes.html", codes=codes, is_new=False)


async def post_session_sign_out(visit: Visit) -> Answer:
    """Sign one of one's browsers out."""
    said = visit.call.path["session_id"]
    if said.isascii() and said.isdigit() and len(said) < 19:  # noqa: PLR2004
        async with visit.database.connection() as connection:
            await close_session_of(connection, visit.who.user_id, int(said))
    return visit.to("/profile?said=browser_signed_out")


async def post_others_sign_out(visit: Visit) -> Answer:
    """Sign all of one's browsers out but this one."""
    async with visit.database.connection() as connection:
        await close_sessions(connection, visit.who.user_id, but=visit.session_hash)
    return visit.to("/profile?said=others_signed_out")


async def _page(visit: Visit, of: str = "", refusal: Refusal | None = None) -> Answer:
    """The profile; a *refusal* is told in the part that it is *of*."""
    who = visit.who
    async with visit.database.connection() as connection:
        own = await accounts.account(connection, who.user_id)
        sessions = await sessions_of(connection, who.user_id, visit.session_hash)
    return visit.page(
        "profile/profile.html",
        status_of(refusal) if refusal else 200,
        own=own,
        sessions=[(one, browser_name(one.user_agent)) for one in sessions],
        timezone=who.memberships[0].timezone if who.memberships else "Australia/Melbourne",
        themes=accounts.THEMES,
        least=LEAST,
        refusal=refusal,
        refused=of,
        section="Profile",
    )


async def _setting_up(visit: Visit, refusal: Refusal | None = None) -> Answer:
    async with visit.database.connection() as connection:
        prepared = await second_factor.prepared(connection, visit.who.user_id, visit.who.email)
    if prepared is None:
        return visit.to("/profile")
    return visit.page(
        "profile/second_factor.html",
        status_of(refusal) if refusal else 200,
        prepared=prepared,
        refusal=refusal,
        section="Profile",
    )


def browser_name(user_agent: str) -> str:
    """``Firefox on Windows``, as far as the browser tells."""
    browsers = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
    called = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "macOS", "CrOS": "ChromeOS"}
    browser = next((one for one in browsers if re.search(rf"\b{one}(?:iOS)?/", user_agent)), None)
    system = next((one for one in systems if one in user_agent), None)
    if browser is None:
        return "Another program" if user_agent else "A browser"
    name = called.get(browser, browser)
    return f"{name} on {called.get(system, system)}" if system else name


def _text(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value[:1_000] if isinstance(value, str) else ""


SCREENS = (
    Screen("GET", "/profile", get_profile),
    Screen("POST", "/profile/preferences", post_preferences),
    Screen("POST", "/profile/password", post_password),
    Screen("GET", "/profile/second-factor", get_second_factor),
    Screen("POST", "/profile/second-factor", post_second_factor),
    Screen("POST", "/profile/second-factor/confirmation", post_confirmation),
    Screen("POST", "/profile/second-factor/removal", post_removal),
    Screen("POST", "/profile/recovery-codes", post_recovery_codes),
    Screen("POST", "/profile/sessions/others/sign-out", post_others_sign_out),
    Screen("POST", "/profile/sessions/{session_id}/sign-out", post_session_sign_out),
)
