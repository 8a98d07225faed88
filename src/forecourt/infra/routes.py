"""Routes as data: what the router serves, the reference tells and the access matrix tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router

from forecourt.infra.http import Answer, Call, Door, Handler, MethodNotAllowed, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Receive, Scope, Send


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
    routes: Sequence[Route], lifespan: Callable[[Any], Any], pages: Sequence[StarletteRoute] = ()
) -> Router:
    """An ASGI application that serves *routes* and *pages*, and problem documents everywhere else."""
    by_path: dict[str, dict[str, Door]] = {}
    for route in routes:
        by_path.setdefault(route.path, {})[route.method] = Door(route.handler)
    return Router(
        [*(StarletteRoute(path, _Methods(doors)) for path, doors in by_path.items()), *pages],
        default=_nowhere,
        redirect_slashes=False,
        lifespan=lifespan,
    )


class _Methods:
    """The methods of one path."""

    def __init__(self, doors: dict[str, Door]) -> None:
        if "GET" in doors:
            doors = doors | {"HEAD": doors["GET"]}
        self._doors = doors
        self._other = Door(self._refuse)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._doors.get(scope["method"], self._other)(scope, receive, send)

    async def _refuse(self, _: Call) -> Answer:
        raise MethodNotAllowed(tuple(sorted(self._doors)))


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await Door(_not_found)({**scope, "path_params": {}}, receive, send)


async def _not_found(_: Call) -> Answer:
    raise NotFound
