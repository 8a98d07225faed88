"""Routes as data: what the router serves, the reference tells and the access matrix tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router

from forecourt.infra.http import Answer, Call, Door, Handler, MethodNotAllowed, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from forecourt.infra.observed import Observer

# Only calls of the API are observed: not the probes, not the reference.
API = "/api/"


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of the query string or a header, as the reference tells it."""

    name: str
    description: str
    schema: dict[str, Any]
    place: str = "query"


class Route(msgspec.Struct, frozen=True):
    """One operation of the API.

    Attributes:
        method: the HTTP method.
        path: as OpenAPI writes it, ``/api/v1/leads/{id}``.
        handler: who answers.
        name: the operation's id, a verb and its object.
        summary: one line.
        description: Markdown.
        permission: what the key must allow; None where every known key may, "" where no key is asked for.
        parameters: of the query string and the headers.
        body: the struct that the request's body is, if it has one.
        body_is_optional: whether the body may be left out.
        body_media: the media types of a body that is no struct.
        answers: status -> the structs that the answer's body may be; none for bytes.
        media: the media type of bytes.
    """

    method: str
    path: str
    handler: Handler
    name: str
    summary: str
    description: str = ""
    permission: str | None = None
    parameters: tuple[Parameter, ...] = ()
    body: type | None = None
    body_is_optional: bool = False
    body_media: tuple[str, ...] = ()
    answers: dict[int, tuple[type, ...]] = {}
    media: str = "application/octet-stream"


def router(
    routes: Sequence[Route],
    lifespan: Callable[[Any], Any] | None,
    pages: Sequence[StarletteRoute] = (),
    observers: Sequence[Observer] = (),
    lost_page: ASGIApp | None = None,
) -> Router:
    """An ASGI application that serves *routes* and *pages*, and problem documents everywhere else.

    Args:
        routes: what is served.
        lifespan: around all of it; None where somebody else opens and closes what it stands on.
        pages: what browsers see.
        observers: each is told of every answered call of the API, those that no route knows included.
        lost_page: answers browsers where there is nothing, instead of a problem document.
    """
    by_path: dict[str, dict[str, Handler]] = {}
    for route in routes:
        by_path.setdefault(route.path, {})[route.method] = route.handler
    return Router(
        [
            *(
                StarletteRoute(path, _Methods(path, handlers, observers))
                for path, handlers in by_path.items()
            ),
            *pages,
        ],
        default=_Nowhere(observers, lost_page),
        redirect_slashes=False,
        lifespan=lifespan,
    )


class _Methods:
    """The methods of one path."""

    def __init__(self, path: str, handlers: dict[str, Handler], observers: Sequence[Observer]) -> None:
        told = observers if path.startswith(API) else ()
        if "GET" in handlers:
            handlers = handlers | {"HEAD": handlers["GET"]}
        self._doors = {method: Door(handler, path, told) for method, handler in handlers.items()}
        self._other = Door(self._refuse, path, told)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._doors.get(scope["method"], self._other)(scope, receive, send)

    async def _refuse(self, _: Call) -> Answer:
        raise MethodNotAllowed(tuple(sorted(self._doors)))


class _Nowhere:
    """All paths that no route has."""

    def __init__(self, observers: Sequence[Observer], lost_page: ASGIApp | None) -> None:
        self._unseen = Door(_not_found)
        self._seen = Door(_not_found, None, observers)
        self._lost_page = lost_page or self._unseen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._door(scope)({**scope, "path_params": {}}, receive, send)

    def _door(self, scope: Scope) -> ASGIApp:
        if scope["path"].startswith(API):
            return self._seen
        wants_page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
        return self._lost_page if wants_page else self._unseen


async def _not_found(_: Call) -> Answer:
    raise NotFound
