"""What browsers keep for us. Every name begins with __Host-: only this host can set it, over TLS or on the same machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access.sessions import COOKIE, LASTS, Browser, OpenedSession
from forecourt.access.sign_in import STEP_LASTS, SecondStep
from forecourt.access.sources import source_of

if TYPE_CHECKING:
    from forecourt.access.sign_in import Entered
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

DEVICE_COOKIE = "__Host-forecourt-device"
STEP_COOKIE = "__Host-forecourt-step"
PROVIDER_COOKIE = "__Host-forecourt-provider"
_A_YEAR = 365 * 24 * 3600
_PROVIDER_SECONDS = 600
_ON_THIS_MACHINE = ("127.", "localhost", "[::1]")


def kept(name: str, value: str, seconds: int) -> tuple[bytes, bytes]:
    """The header by which a browser keeps *value*; for no *seconds* it forgets it."""
    attributes = f"Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
    return b"set-cookie", f"{name}={value}; {attributes}".encode()


def forgotten(name: str) -> tuple[bytes, bytes]:
    """The header by which a browser forgets."""
    return kept(name, "", 0)


def browser_of(visit: Visit) -> Browser:
    """Where the visit comes from."""
    client = visit.call.scope.get("client")
    return Browser(
        user_agent=visit.call.headers.get("user-agent"),
        source=source_of(
            client[0] if client else None,
            visit.call.headers.get("x-forwarded-for"),
            visit.building.trusted_proxies,
        ),
        device=visit.cookies.get(DEVICE_COOKIE),
        session_hash=visit.session_hash or None,
    )


def entered(visit: Visit, found: Entered, to: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Lead on whoever was let in, or whose second factor is asked for."""
    if isinstance(found, SecondStep):
        step = kept(STEP_COOKIE, found.value, int(STEP_LASTS.total_seconds()))
        return visit.to("/sign-in/second", step, *headers)
    return visit.to(to, *session_cookies(found), *headers)


def session_cookies(opened: OpenedSession) -> tuple[tuple[bytes, bytes], ...]:
    """What a browser keeps that is signed in."""
    return (
        kept(COOKIE, opened.value, int(LASTS.total_seconds())),
        kept(DEVICE_COOKIE, opened.device, _A_YEAR),
        forgotten(STEP_COOKIE),
    )


def provider_cookie(state: str) -> tuple[bytes, bytes]:
    """What a browser keeps that was sent to the identity provider."""
    return kept(PROVIDER_COOKIE, state, _PROVIDER_SECONDS)


def is_insecure(visit: Visit) -> bool:
    """Whether the browser reached us by plain HTTP over a network: it will keep none of our cookies.

    Browsers send Sec-Fetch-Site to addresses alone that they trust: those with TLS, and those of their own machine.
    """
    host = visit.call.headers.get("host", "")
    return "sec-fetch-site" not in visit.call.headers and not host.startswith(_ON_THIS_MACHINE)


def ours(to: str | None) -> str:
    """Where to go on after signing in: an address of ours, or else the inbox."""
    if not to or not to.startswith("/") or to[1:2] in {"/", "\\"}:
        return "/"
    if not to.isascii() or not to.isprintable() or len(to) > 2_000 or to.startswith(("/sign-", "/live")):  # noqa: PLR2004
        return "/"
    return to


def base_address(visit: Visit) -> str:
    """Where people reach this server: as the settings say, or else as this browser did."""
    if visit.building.settings.public_url:
        return visit.building.settings.public_url.rstrip("/")
    host = visit.call.headers.get("host", "localhost")
    return f"{'http' if host.startswith(_ON_THIS_MACHINE) or is_insecure(visit) else 'https'}://{host}"
