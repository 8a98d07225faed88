"""What is told of a request: a line of the list, and all of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON = ("query", "warnings", "request_headers", "request_body", "response_body")


class KeyOfRequest(msgspec.Struct, frozen=True):
    """The API key that was used."""

    id: int
    name: str | None


class RequestOut(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the API. Whatever could be somebody's is masked, here and everywhere.

    Attributes:
        at: when it was answered.
        api_key: null where none that we know was shown.
        key_hint: the last four characters of what was shown then.
        test: whether that is a test key.
        dealership_ids: for which it was.
        route: the path's template, as ``/api/v1/leads/{id}``; null where no route has the path.
        query: parameter -> its value or values.
        problem: which rule said no: the end of the problem's ``type``.
        warnings: what was taken, but not as the sender may think.
        bytes_in: the length of the body; null where it was not told.
    """

    id: str
    at: datetime
    request_id: str
    api_key: KeyOfRequest | None
    key_hint: str | None
    test: bool
    dealership_ids: list[int]
    method: str
    route: str | None
    path: str
    query: dict[str, Any]
    status: int
    problem: str | None
    duration_ms: float
    lead_ids: list[int]
    lead_cluster_id: int | None
    warnings: list[Any]
    bytes_in: int | None
    bytes_out: int


class RequestDetails(RequestOut, frozen=True, kw_only=True):
    """A call with what was sent and answered.

    Attributes:
        request_headers: those that say how the call was meant.
        request_body: as it was read; null where there was none, or none that could be read.
        response_body: null where there was none.
    """

    request_headers: dict[str, str]
    request_type: str | None
    request_body: Any
    response_type: str | None
    response_body: Any


class RequestPage(msgspec.Struct, frozen=True):
    """A page of requests, the newest in front.

    Attributes:
        next_cursor: what to send as ``cursor`` for the next page; null on the last.
    """

    requests: list[RequestOut]
    next_cursor: str | None


def request_out(row: Mapping[str, Any]) -> RequestOut:
    """A row of the list, as it is answered."""
    return RequestOut(**_told(row, RequestOut))


def request_details(row: Mapping[str, Any]) -> RequestDetails:
    """A whole line, as it is answered."""
    return RequestDetails(**_told(row, RequestDetails))


def _told(row: Mapping[str, Any], struct: type[msgspec.Struct]) -> dict[str, Any]:
    told = {name: row[name] for name in struct.__struct_fields__ if name in row}
    for name in _JSON:
        if name in told:
            told[name] = None if told[name] is None else msgspec.json.decode(told[name])
    told["id"] = str(row["id"])
    told["query"] = told["query"] or {}
    told["warnings"] = told["warnings"] or []
    told["duration_ms"] = round(row["duration_ms"], 3)
    told["api_key"] = (
        None if row["api_key_id"] is None else KeyOfRequest(row["api_key_id"], row["api_key_name"])
    )
    if row["lead_ids"] is None:
        told["lead_ids"] = [] if row["lead_id"] is None else [row["lead_id"]]
    return told
