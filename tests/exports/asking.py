"""How the tests of the exports ask, and what a file says."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import openpyxl

from forecourt.exports.guard import unguarded
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

LEADS = "/api/v1/leads"
CLUSTERS = f"/api/v1/dealerships/{OURS}/lead_clusters"


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV by their columns, as they were before they were guarded."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return [
        {name: unguarded(cell) for name, cell in row.items()} for row in csv.DictReader(text, strict=True)
    ]


def sheet_of(content: bytes) -> Any:
    """The sheet of a workbook."""
    return openpyxl.load_workbook(io.BytesIO(content)).active


def cells_of(content: bytes) -> list[dict[str, Any]]:
    """The rows of a workbook's sheet by their columns."""
    head, *rows = sheet_of(content).iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


async def exported(api: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, str]]:
    """The rows of the list at *path* as its CSV has them."""
    answer = await api.get(f"{path}.csv", params=query)
    assert answer.status_code == 200, answer.text
    return rows_of(answer.content)
