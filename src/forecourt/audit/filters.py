"""What the audit can be asked for: the query string, read and checked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from forecourt.audit.kinds import GROUPS, kinds_of
from forecourt.dealerships.paging import limit_in, place_in_cursor
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem
from forecourt.requests.moments import moment_in

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDS = ("user_id", "api_key_id", "lead_id", "lead_cluster_id")
_LAST_ID = 2**63 - 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1971, 2999)
FILTERS = ("kind", *_IDS, "since", "until")
PARAMETERS = (*FILTERS, "limit", "cursor")


class Asked(msgspec.Struct, frozen=True):
    """A page of the audit as it was asked for.

    Attributes:
        conditions: the names of those that hold; see ``find_queries.CONDITIONS``.
        values: the statement's parameters.
    """

    conditions: frozenset[str]
    values: dict[str, Any]
    limit: int


def read(query: Mapping[str, list[str]], timezone: str) -> Asked:
    """Read a query string; a day in it is one by the clock of *timezone*.

    Raises:
        BadQuery: the problems name everything that does not fit.
    """
    asked = {name: said[0] for name, said in query.items()}
    values, problems = _filters(asked, timezone)
    limit = 1
    try:
        limit = limit_in(query)
        place = place_in_cursor(query)
        if place is not None:
            values["after_at"], values["after_id"] = place
    except BadQuery as refused:
        problems += refused.problems
    if problems:
        raise BadQuery(problems=tuple(problems))
    return Asked(frozenset(values) - {"after_id"}, values, limit)


def _filters(asked: Mapping[str, str], timezone: str) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    if "kind" in asked:
        values["kinds"] = list(kinds_of(asked["kind"]))
        if not values["kinds"]:
            problems.append(Problem("kind", "is neither a kind, as user.invited, nor a group", tuple(GROUPS)))
    for name in (name for name in _IDS if name in asked):
        values[name] = int(asked[name]) if _is_id(asked[name]) else None
        if values[name] is None:
            problems.append(Problem(name, "must be an integer"))
    for name, whole_day in (("since", timedelta(0)), ("until", timedelta(days=1))):
        if name in asked:
            values[name] = _moment(asked[name], timezone, whole_day)
            if values[name] is None:
                said = "must be a day, as 2026-11-23, or a time with its offset, as 2026-11-23T09:30:00+10:00"
                problems.append(Problem(name, said))
    return values, problems


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LAST_ID  # noqa: PLR2004


def _moment(text: str, timezone: str, whole_day: timedelta) -> datetime | None:
    if not _DAY.fullmatch(text):
        return moment_in(text)
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    if day.year not in _YEARS:
        return None
    return (day + whole_day).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
