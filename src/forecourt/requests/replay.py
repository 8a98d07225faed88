"""Sending a recorded request again, with made-up values where the log has placeholders."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx2
import msgspec

from forecourt.leads import json_text
from forecourt.requests.made_up import MadeUp, MadeUpFile
from forecourt.requests.masking import masked_problem, masked_warnings
from forecourt.requests.placeholders import OPENING
from forecourt.requests.refusals import CannotReplay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecourt.requests.answers import RequestDetails

_SECONDS = 30.0
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_REFUSED = 400
_READING = frozenset({"GET", "HEAD"})
_JSON = frozenset({None, "application/json", "text/json"})
# Sent again as they were; the key is another, an Idempotency-Key a new one, and the rest the client's own.
_HEADERS = ("accept", "if-match", "if-none-match")


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded request as it is going to be sent again.

    Attributes:
        query: names and values, in their order.
        headers: all but the key's.
        content: a body; None where there is none, or where it has parts.
        parts: of a multipart body: names and values.
        made_up: the fields whose values are made up.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    content: bytes | None
    parts: list[tuple[str, str | MadeUpFile]]
    made_up: list[str]


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A request, sent again.

    Attributes:
        made_up: the fields whose values are made up.
        recorded_status: what it was answered then.
        answer: decoded where it is JSON.
        differences: ``status``, ``problem`` and the fields of ``errors`` and ``warnings``, where not as recorded: then, now.
    """

    method: str
    url: str
    made_up: list[str]
    recorded_status: int
    status: int
    answer: Any
    differences: dict[str, tuple[Any, Any]]


def prepared(recorded: RequestDetails, *, dry_run: bool = False) -> Prepared:
    """*recorded* as it is sent again, with values for its placeholders.

    Raises:
        CannotReplay: the log does not hold enough of it.
    """
    made_up = MadeUp()
    path = "/".join(_segment(made_up, segment) for segment in recorded.path.split("/"))
    query = _query(recorded, made_up, dry_run=dry_run)
    media, content, parts = _body(recorded, made_up)
    headers = _headers(recorded) | ({} if media is None else {"content-type": media})
    return Prepared(
        method=recorded.method,
        path=path,
        query=query,
        headers=headers,
        content=content,
        parts=parts,
        made_up=made_up.fields,
    )


async def replay(
    recorded: RequestDetails,
    *,
    to: str,
    key: str,
    dry_run: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Replayed:
    """Send *recorded* again.

    Args:
        recorded: the request.
        to: the address of a server.
        key: an API key of that server.
        dry_run: whether to ask it to undo what it does.
        transport: another way than over the network.

    Raises:
        CannotReplay: the log does not hold enough of it, or nobody answers.
    """
    again = prepared(recorded, dry_run=dry_run)
    sent: dict[str, Any] = {}
    if again.parts:
        sent["files"] = [(name, _part(value)) for name, value in again.parts]
    elif again.content is not None:
        sent["content"] = again.content
    headers = again.headers | {"authorization": f"Bearer {key}"}
    url = f"{to.rstrip('/')}{again.path}"
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS, transport=transport) as client:
            answer = await client.request(again.method, url, params=again.query, headers=headers, **sent)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise CannotReplay(f"{to} does not answer: {type(error).__name__}") from None
    told = _decoded(answer.content)
    return Replayed(
        method=recorded.method,
        url=str(answer.request.url),
        made_up=again.made_up,
        recorded_status=recorded.status,
        status=answer.status_code,
        answer=told,
        differences=_differences(recorded, answer.status_code, told),
    )


def _query(recorded: RequestDetails, made_up: MadeUp, *, dry_run: bool) -> tuple[tuple[str, str], ...]:
    pairs = [
        (name, str(value))
        for name, values in made_up.filled(recorded.query).items()
        for value in (values if isinstance(values, list) else [values])
    ]
    if dry_run and recorded.method not in _READING:
        pairs = [(name, value) for name, value in pairs if name != "dry_run"] + [("dry_run", "true")]
    return tuple(pairs)


def _headers(recorded: RequestDetails) -> dict[str, str]:
    sent = recorded.request_headers
    headers = {name: sent[name] for name in _HEADERS if name in sent and OPENING not in sent[name]}
    if "idempotency-key" in sent:
        headers["idempotency-key"] = f"replay-{uuid.uuid4()}"
    return headers


def _segment(made_up: MadeUp, segment: str) -> str:
    return quote(str(made_up.filled(segment, "path")), safe="")


def _body(
    recorded: RequestDetails, made_up: MadeUp
) -> tuple[str | None, bytes | None, list[tuple[str, str | MadeUpFile]]]:
    """The body's type, where it is not the client's to say, and its content or its parts."""
    if recorded.request_body is None:
        if recorded.bytes_in:
            raise CannotReplay("its body was not kept: nobody could read it, or there was no time for it")
        return None, None, []
    tree = made_up.filled(recorded.request_body)
    if recorded.request_type == _FORM:
        pairs = [(name, str(value)) for name, value in _pairs(tree)]
        return _FORM, urlencode(pairs).encode(), []
    if recorded.request_type == _MULTIPART:
        parts = [
            (name, value if isinstance(value, MadeUpFile) else str(value)) for name, value in _pairs(tree)
        ]
        return None, None, parts
    if recorded.request_type in _JSON:
        return "application/json", json_text.encode(_with_data_uris(tree)), []
    raise CannotReplay(f"a body of the type {recorded.request_type} cannot be made again")


def _pairs(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """The names of a form, with brackets, and their values."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _pairs(value, f"{name}[{key}]" if name else key)
    elif isinstance(tree, list):
        for value in tree:
            yield from _pairs(value, f"{name}[]")
    else:
        yield name, "" if tree is None else tree


def _part(value: str | MadeUpFile) -> tuple[str | None, str | bytes] | tuple[str, bytes, str]:
    if isinstance(value, MadeUpFile):
        return value.name, value.content, value.content_type
    return None, value


def _with_data_uris(tree: Any) -> Any:  # noqa: ANN401
    if isinstance(tree, dict):
        return {name: _with_data_uris(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_with_data_uris(value) for value in tree]
    return tree.data_uri if isinstance(tree, MadeUpFile) else tree


def _decoded(content: bytes) -> Any:  # noqa: ANN401
    try:
        return msgspec.json.decode(content) if content else None
    except msgspec.DecodeError:
        return None


def _differences(recorded: RequestDetails, status: int, answer: Any) -> dict[str, tuple[Any, Any]]:  # noqa: ANN401
    """What is not as it was: each as it was recorded, and as it is now."""
    told = answer if isinstance(answer, dict) else {}
    problem = told["type"].removeprefix("/problems/") if status >= _REFUSED and "type" in told else None
    before = recorded.response_body if isinstance(recorded.response_body, dict) else {}
    compared = {
        "status": (recorded.status, status),
        "problem": (recorded.problem, problem),
        # What is said of a made-up value may be something else.
        "errors": (_fields(before.get("errors")), _fields(masked_problem(told).get("errors"))),
        "warnings": (_fields(recorded.warnings), _fields(masked_warnings(told.get("warnings", [])))),
    }
    return {name: (then, now) for name, (then, now) in compared.items() if then != now}


def _fields(told: list[dict[str, Any]] | None) -> list[str]:
    return [one["field"] for one in told or []]
