"""What the list of requests can be asked for: the query string, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.dealerships.paging import limit_in
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem
from forecourt.requests.moments import first_id, id_in, moment_in

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_IDS = ("lead_id", "lead_cluster_id", "api_key_id")
_LAST_ID = 2**63 - 1
_REFUSED = 400
_TEXTS = ("request_id", "route", "path", "text")
PARAMETERS = (*_IDS, *_TEXTS, "method", "status", "from", "to", "limit", "cursor")


class Asked(msgspec.Struct, frozen=True):
    """A page of requests as it was asked for.

    Attributes:
        conditions: the names of those that hold; see ``find_queries.CONDITIONS``.
        values: the statement's parameters.
    """

    conditions: frozenset[str]
    values: dict[str, Any]
    limit: int


def read(query: Mapping[str, list[str]]) -> Asked:
    """Read a query string.

    Raises:
        BadQuery: the problems name everything that does not fit.
    """
    reader = _Reader({name: values[0] for name, values in query.items()})
    reader.read()
    limit = 1
    try:
        limit = limit_in(query)
    except BadQuery as refused:
        reader.problems += refused.problems
    if reader.problems:
        raise BadQuery(problems=tuple(reader.problems))
    return Asked(frozenset(reader.conditions), reader.values, limit)


class _Reader:
    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = query
        self.conditions: set[str] = set()
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def read(self) -> None:
        for name in _IDS:
            self.ident(name)
        for name in _TEXTS:
            if name in self.query:
                self.holds(name, **{name: self.query[name]})
        self.method()
        self.status()
        for name in ("from", "to"):
            self.time(name)
        if "cursor" in self.query:
            after = id_in(self.query["cursor"])
            if after is None:
                self.refuse("cursor", "is not a cursor of this list")
            self.holds("after", after_id=after)

    def holds(self, condition: str, **values: Any) -> None:  # noqa: ANN401
        self.conditions.add(condition)
        self.values |= values

    def refuse(self, name: str, message: str, allowed: tuple[str, ...] | None = None) -> None:
        self.problems.append(Problem(name, message, allowed))

    def ident(self, name: str) -> None:
        text = self.query.get(name)
        if text is None:
            return
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LAST_ID:  # noqa: PLR2004
            self.holds(name, **{name: int(text)})
        else:
            self.refuse(name, "must be an integer")

    def method(self) -> None:
        if "method" in self.query:
            method = self.query["method"].upper()
            if method not in METHODS:
                self.refuse("method", "is not a method of HTTP", METHODS)
            self.holds("method", method=method)

    def status(self) -> None:
        text = self.query.get("status")
        if text is None:
            return
        if len(text) == 3 and text[0] in "12345" and text[1:] == "xx":  # noqa: PLR2004
            first = int(text[0]) * 100
            last = first + 99
        elif len(text) == 3 and text.isascii() and text.isdigit():  # noqa: PLR2004
            first = last = int(text)
        else:
            self.refuse("status", "must be a status, as 422, or a class of them, as 4xx")
            return
        self.holds("status", status_from=first, status_to=last)
        if first >= _REFUSED:
            self.conditions.add("refused")

    def time(self, name: str) -> None:
        if name not in self.query:
            return
        moment = moment_in(self.query[name])
        if moment is None:
            self.refuse(name, "must be an RFC 3339 time with its offset, as 2026-11-23T09:30:00+10:00")
            return
        self.holds(name, **{f"{name}_id": first_id(moment)})
