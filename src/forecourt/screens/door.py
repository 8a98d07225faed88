"""The door of the pages: from an ASGI message to a visit, and from an answer or a refusal back to HTML.

What no page should repeat: who is signed in, that a write comes from our own pages (OWASP ASVS 3.5), the headers that
keep a page to itself, compression.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import structlog
from starlette.routing import Route as StarletteRoute

from forecourt.access.sessions import COOKIE, session_hash, visitor
from forecourt.infra.bodies import ClientGone
from forecourt.infra.http import (
    Answer,
    Call,
    InternalError,
    MethodNotAllowed,
    NotFound,
    place_of,
    send_answer,
    send_pieces,
)
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Refusal
from forecourt.screens.screen import Screen
from forecourt.screens.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from forecourt.screens.visit import Building

log = structlog.get_logger()

_SAFE = frozenset({"GET", "HEAD"})
_COMPRESSED = (b"text/html", b"text/css", b"text/javascript", b"image/svg+xml")
_WORTH_COMPRESSING = 1_000
_LEVEL = 5
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
)


class NotFromHere(Refusal):
    """A write that does not come from one of our own pages."""

    code = "not-from-here"
    title = "This was not sent from a page of this server"


def screen_routes(screens: Sequence[Screen], building: Building) -> list[StarletteRoute]:
    """The routes that serve *screens*."""
    by_path: dict[str, dict[str, Screen]] = {}
    for screen in screens:
        by_path.setdefault(screen.path, {})[screen.method] = screen
    return [StarletteRoute(path, _Door(building, methods)) for path, methods in by_path.items()]


def lost_page(building: Building) -> ASGIApp:
    """What tells whoever is at an address that leads nowhere so, on a page that leads on."""
    return _Door(building, {method: Screen(method, "", _nowhere, None) for method in ("GET", "POST")})


async def _nowhere(_: Visit) -> Answer:
    raise NotFound


class _Door:
    def __init__(self, building: Building, screens: dict[str, Screen]) -> None:
        self._building = building
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong inside becomes a page that says so."""
        visit = Visit(Call(scope, receive), self._building)
        try:
            answer = await self._answer(visit)
        except ClientGone:
            return
        head, request_id = scope["method"] == "HEAD", visit.call.request_id
        answer = dressed(answer, visit.call)
        if answer.pieces is not None:
            await send_pieces(receive, send, answer, answer.pieces, request_id, head=head)
            return
        await send_answer(send, answer, request_id, head=head)

    async def _answer(self, visit: Visit) -> Answer:
        try:
            visit.call.read_headers()
            screen = self._asked(visit.call)
            await _recognise(visit)
            if screen.needs is not None and visit.visitor is None:
                return _to_sign_in(visit)
            if screen.needs:
                if visit.is_setting_up and not visit.is_fragment:
                    return visit.to("/welcome")
                visit.require(screen.needs)
            return await screen.handler(visit)
        except Refusal as refusal:
            return visit.refused(refusal, status_of(refusal))
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost frame: a visitor is owed an answer
            log.error("screen.failed", request_id=visit.call.request_id, **place_of(error))  # noqa: TRY400
            return visit.refused(InternalError(), 500)

    def _asked(self, call: Call) -> Screen:
        method = call.scope["method"]
        screen = self._screens.get("GET" if method == "HEAD" else method)
        if screen is None:
            raise MethodNotAllowed(tuple(sorted(self._screens)))
        if method not in _SAFE and not from_here(call):
            raise NotFromHere
        return screen


async def _recognise(visit: Visit) -> None:
    cookie = visit.cookies.get(COOKIE)
    if cookie is None:
        return
    hashed = session_hash(cookie)
    async with visit.building.database.connection() as connection:
        found = await visitor(connection, hashed)
    if found is not None:
        visit.sign_in(found, hashed)


def _to_sign_in(visit: Visit) -> Answer:
    address = "/sign-in"
    if visit.call.scope["method"] in _SAFE and not visit.is_fragment:
        address += f"?to={quote(visit.address, safe='')}"
    if visit.is_fragment:
        return Answer(401, b"", headers=((b"hx-redirect", address.encode()),))
    return Answer(303, b"", headers=((b"location", address.encode()),))


def from_here(call: Call) -> bool:
    """Whether a browser says that a request was made by one of our own pages.

    Browsers tell by Sec-Fetch-Site, older ones by Origin; a request with neither comes from no page.
    """
    site = call.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = call.headers.get("origin"), call.headers.get("host")
    return origin is not None and host is not None and origin.partition("://")[2] == host


def dressed(answer: Answer, call: Call) -> Answer:
    """*answer* with the headers of every page, compressed where the browser takes it."""
    own = {name for name, _ in answer.headers}
    headers = answer.headers + tuple(header for header in _HEADERS if header[0] not in own)
    body = answer.body
    kind = answer.content_type.partition(b";")[0]
    if (
        len(body) > _WORTH_COMPRESSING
        and kind in _COMPRESSED
        and "gzip" in call.headers.get("accept-encoding", "")
    ):
        body = gzip.compress(body, _LEVEL, mtime=0)
        headers += ((b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))
    return msgspec.structs.replace(answer, body=body, headers=headers)
