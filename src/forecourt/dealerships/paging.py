"""How a list is read page by page: ``limit``, and a ``cursor`` that names the last row of the page before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from forecourt.dealerships.parameters import DEFAULT_LIMIT, MOST
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


def limit_in(query: Mapping[str, list[str]]) -> int:
    """How many rows a page may have.

    Raises:
        BadQuery: it is no number from 1 to ``MOST``.
    """
    text = query.get("limit", [str(DEFAULT_LIMIT)])[0]
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST:  # noqa: PLR2004
        return int(text)
    raise BadQuery(problems=(Problem("limit", f"must be an integer from 1 to {MOST}"),))


def id_in_cursor(query: Mapping[str, list[str]]) -> int | None:
    """The id after which the page begins, of a list by ids; None for the first page.

    Raises:
        BadQuery: the cursor is none of this list.
    """
    if "cursor" not in query:
        return None
    text = query["cursor"][0]
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004
        return int(text)
    raise _no_cursor()


def cursor_at(moment: datetime, ident: int) -> str:
    """What a client sends to go on after a row, in a list by moments."""
    return f"{ident}.{moment.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def place_in_cursor(query: Mapping[str, list[str]]) -> tuple[datetime, int] | None:
    """The moment and id after which the page begins; None for the first page.

    Raises:
        BadQuery: the cursor is none of this list.
    """
    if "cursor" not in query:
        return None
    ident, _, at = query["cursor"][0].partition(".")
    try:
        moment = datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        raise _no_cursor() from None
    if not (ident.isascii() and ident.isdigit() and len(ident) < 19):  # noqa: PLR2004
        raise _no_cursor()
    return moment, int(ident)


def _no_cursor() -> BadQuery:
    return BadQuery(problems=(Problem("cursor", "is not a cursor of this list"),))
