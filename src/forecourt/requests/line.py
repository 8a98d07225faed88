"""A line of the log, made of an answered call: what it was about, and everything else masked. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access import tokens
from forecourt.access.caller import shown_key
from forecourt.leads import json_text
from forecourt.requests import envelope, harmless, masking, placeholders
from forecourt.requests.moments import moment_at, new_id

if TYPE_CHECKING:
    from forecourt.infra.observed import Answered

# A longer answer, and a body that is longer when masked, is told by its length only: a page of leads, mostly.
MOST_BYTES = 16_384
_OWN_ROUTES = "/api/v1/requests"
_LEADS = "/api/v1/leads"
_CLUSTER = "/api/v1/dealerships/{dealership}/lead_clusters/{id}"
_JSON = b"application/json"
_PROBLEM = b"application/problem+json"
_UNAUTHORISED = 401
_TYPES = {_JSON: "application/json", _PROBLEM: "application/problem+json"}


class Line(msgspec.Struct, frozen=True):
    """A line on its way into the log; the columns of ``request_log``, before the database has said whose it is.

    Attributes:
        dealership: the slug or id by which the call named its dealership.
        dealership_id: that of the thing that was answered.
    """

    id: str
    at: datetime
    token_hash: bytes | None
    key_hint: str | None
    dealership: str | None
    dealership_id: int | None
    method: str
    route: str | None
    path: str
    query_string: str | None
    status: int
    problem: str | None
    duration_ms: float
    request_id: str
    lead_ids: str | None
    lead_cluster_id: int | None
    warnings: str | None
    request_headers: str
    request_type: str | None
    request_body: str | None
    response_type: str | None
    response_body: str | None
    bytes_in: int | None
    bytes_out: int


class _Gist(msgspec.Struct):
    """What an answer says about where it belongs; all else in it is not even read."""

    id: Any = None
    lead: Any = None
    lead_ids: Any = None
    lead_cluster_id: Any = None
    dealership_id: Any = None
    warnings: Any = None
    type: Any = None


_gist = msgspec.json.Decoder(_Gist)
_NOTHING = _Gist()


def line_of(answered: Answered, *, with_bodies: bool) -> Line:
    """The line that *answered* makes; *with_bodies* or with their lengths only."""
    is_problem = answered.answer_type == _PROBLEM
    said = _said(answered.answer) if is_problem or _is_told_of(answered) else _NOTHING
    query = envelope.masked_query(answered.query)
    parameters, tree = answered.parameters, answered.body.tree if answered.body is not None else {}
    sent_type = answered.headers.get("content-type")
    token_hash = answered.token_hash
    if token_hash is None and answered.status != _UNAUTHORISED:
        # Nobody had asked for the key before the call was refused.
        token_hash = shown_key(answered.headers)
    warnings = masking.masked_warnings(said.warnings) if said.warnings else None
    return Line(
        id=new_id(answered.at),
        at=moment_at(answered.at),
        token_hash=token_hash,
        key_hint=_hint(answered) if token_hash is not None else None,
        dealership=_named(parameters, query, tree),
        dealership_id=_integer(said.dealership_id),
        method=answered.method if answered.method in _METHODS else "OTHER",
        route=answered.route,
        path=envelope.masked_path(answered.route, answered.path, parameters),
        query_string=_text(query) if query else None,
        status=answered.status,
        problem=_code(said.type) if is_problem else None,
        duration_ms=answered.duration * 1_000,
        request_id=answered.request_id,
        lead_ids=_lead_ids(answered, said),
        lead_cluster_id=_lead_cluster_id(answered, said),
        warnings=_text(warnings) if warnings else None,
        request_headers=_headers(*map(answered.headers.get, envelope.HEADERS)),
        request_type=envelope.media_type(sent_type) if sent_type else None,
        request_body=_request_body(answered, with_bodies=with_bodies),
        response_type=_TYPES.get(answered.answer_type)
        or envelope.media_type(answered.answer_type.decode("latin-1")),
        response_body=_response_body(answered, with_bodies=with_bodies),
        bytes_in=_bytes_in(answered),
        bytes_out=answered.bytes_out,
    )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _said(answer: bytes) -> _Gist:
    try:
        return _gist.decode(answer)
    except msgspec.ValidationError:
        # A list, or a text: it says nothing of the sort.
        return _NOTHING


def _is_told_of(answered: Answered) -> bool:
    """Whether the answer tells what the call was about; what the log answers is about other calls."""
    is_own = answered.route is not None and answered.route.startswith(_OWN_ROUTES)
    return answered.answer_type == _JSON and len(answered.answer) > 0 and not is_own


def _hint(answered: Answered) -> str:
    """The token's end; the database keeps it only where it knows no such key."""
    shown = answered.headers.get("authorization") or answered.headers.get("authentication", "")
    return tokens.hint(shown.strip())


def _named(parameters: Any, query: dict[str, Any], tree: dict[str, Any]) -> str | None:  # noqa: ANN401
    """How the call named its dealership: in the path, in the query or in the lead."""
    if "dealership" in parameters:
        named: Any = parameters["dealership"]
    elif query:
        named = query.get("dealership", query.get("dealership_id", query.get("dealership_slug")))
    else:
        lead = tree.get("lead")
        named = lead.get("dealership_slug", lead.get("dealership_id")) if isinstance(lead, dict) else None
    return str(named) if harmless.is_code_or_integer(named) else None


def _lead_ids(answered: Answered, said: _Gist) -> str | None:
    """The leads that the call was about, as PostgreSQL writes an array."""
    route = answered.route or ""
    if route.startswith(f"{_LEADS}/{{id}}"):
        text = answered.parameters["id"]
        return f"{{{text}}}" if harmless.is_integer(text) and text != "0" else None
    if route == _LEADS and answered.method == "POST" and _integer(said.id) is not None:
        return f"{{{said.id}}}"
    if isinstance(said.lead_ids, list):
        return "{" + ",".join(str(one) for one in said.lead_ids[:1_000] if _integer(one) is not None) + "}"
    return None


def _lead_cluster_id(answered: Answered, said: _Gist) -> int | None:
    if answered.route is not None and answered.route.startswith(_CLUSTER):
        text = answered.parameters["id"]
        return int(text) if harmless.is_integer(text) else None
    if said.lead_cluster_id is None and isinstance(said.lead, dict):
        return _integer(said.lead.get("lead_cluster_id"))
    return _integer(said.lead_cluster_id)


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value < 2**63 else None


def _code(kind: object) -> str | None:
    return str(kind).removeprefix("/problems/") if kind else None


def _bytes_in(answered: Answered) -> int | None:
    if answered.body is not None:
        return answered.body.size
    announced = answered.headers.get("content-length", "0")
    return int(announced) if harmless.is_integer(announced) else None


@lru_cache(maxsize=256)
def _headers(*values: str | None) -> str:
    """The headers as JSON; a client sends the same with each call."""
    return _text(envelope.masked_headers(values))


def _request_body(answered: Answered, *, with_bodies: bool) -> str | None:
    if answered.body is None or not with_bodies:
        return None
    return _limited(_text(masking.masked_body(answered.body.tree)), "body", answered.body.size)


def _response_body(answered: Answered, *, with_bodies: bool) -> str | None:
    if not answered.answer or answered.method == "HEAD":
        return None
    size = answered.bytes_out
    if answered.answer_type == _PROBLEM:
        return _text(masking.masked_problem(msgspec.json.decode(answered.answer)))
    if not with_bodies:
        return None
    if size > MOST_BYTES or not _is_told_of(answered):
        return _text(placeholders.of_whole("answer", size))
    return _limited(_text(masking.masked_answer(msgspec.json.decode(answered.answer))), "answer", size)


def _limited(text: str, what: str, size: int) -> str:
    return text if len(text) <= MOST_BYTES else _text(placeholders.of_whole(what, size))


def _text(value: Any) -> str:  # noqa: ANN401
    return json_text.encode(value).decode()
