"""The list of leads, a page at a time, as it is exported: read as the list is read, told with names."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from forecourt.exports.expected import rows_expected
from forecourt.exports.queries import NAMES
from forecourt.exports.walk import Page, Place, Whose
from forecourt.infra.database import record
from forecourt.leads import filters, find
from forecourt.leads.listing import page_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecourt.access.caller import Caller
    from forecourt.infra.database import Connection
    from forecourt.leads.filters import HeldDealership

PERMISSION = find.PERMISSION
PARAMETERS = tuple(name for name in filters.PARAMETERS if name not in {"limit", "cursor"})
REPEATED = filters.REPEATED

_PAGE = filters.MOST
_SEVERAL = ZoneInfo("UTC")
# What a name is looked up for.
_NAMED = ("location", "car", "team_member", "user", "model", "model_variant", "colour")


async def page(
    connection: Connection,
    caller: Caller,
    held: Sequence[HeldDealership],
    query: Mapping[str, list[str]],
    after: Place | None,
) -> Page:
    """The page behind *after* of the leads that *query* asks for, at the dealerships that are *held*.

    Raises:
        BadQuery: a filter or the order does not fit.
    """
    asked = _asked(caller, held, query, after)
    rows, more = await find.page(connection, asked)
    names = await _names(connection, rows)
    zones = {one.id: ZoneInfo(one.timezone) for one in held}
    for row in rows:
        _complete(row, names, zones[row["dealership_id"]])
    chosen = [one for one in held if one.id in asked.dealership_ids]
    return Page(
        whose=Whose(
            dealerships=tuple(one.slug for one in chosen),
            zone=zones[chosen[0].id] if len(chosen) == 1 else _SEVERAL,
            api_key_id=caller.api_key_id,
        ),
        rows=rows,
        more=more,
        moves=asked.sort.endswith("updated_at"),
        newest_first=asked.sort.startswith("-"),
    )


async def expected(
    connection: Connection, caller: Caller, held: Sequence[HeldDealership], query: Mapping[str, list[str]]
) -> int | None:
    """How many leads *query* asks for; None for a great many.

    Raises:
        BadQuery: a filter or the order does not fit.
    """
    asked = _asked(caller, held, query, None)
    statement = page_query(
        asked.conditions, asked.sort, after=False, one_dealership=len(asked.dealership_ids) == 1
    )
    return await rows_expected(connection, statement, asked.parameters())


def _asked(
    caller: Caller, held: Sequence[HeldDealership], query: Mapping[str, list[str]], after: Place | None
) -> filters.Asked:
    asked = filters.read(dict(query), held, test=caller.test)
    return msgspec.structs.replace(asked, limit=_PAGE, after=after)


def _complete(row: dict[str, Any], names: Mapping[tuple[str, int], str], zone: ZoneInfo) -> None:
    """What ``lead_fields`` needs beside the row."""
    row["zone"] = zone
    row["timezone"] = zone.key
    for kind in _NAMED:
        row[f"{kind}_name"] = names.get((kind, row[f"{kind}_id"]))
    row["address_attributes"] = _decoded(row["address_attributes"])
    row["lead_files"] = [file["filename"] for file in _decoded(row["lead_files"]) or ()]
    payments = _decoded(row["payments"])
    row["payment_attributes"] = payments[-1] if payments else None


def _decoded(text: str | None) -> Any:  # noqa: ANN401 - JSON
    return None if text is None else _DECODER.decode(text)


# Amounts as they were paid.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


async def _names(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, int], str]:
    if not rows:
        return {}
    asked = {f"{kind}_ids": list({row[f"{kind}_id"] for row in rows} - {None}) for kind in _NAMED}
    found = await connection.every(
        record, NAMES, dealership_ids=list({row["dealership_id"] for row in rows}), **asked
    )
    return {(one["kind"], one["id"]): one["name"] for one in found}
