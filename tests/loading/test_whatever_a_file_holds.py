from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecourt.loading import TABLES, Report, UnreadableFile, load, read_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from forecourt.infra.database import Database

FILE: dict[str, list[dict[str, object]]] = {
    "dealerships": [
        {
            "id": 7,
            "slug": "riverbend",
            "name": "R",
            "timezone": "Australia/Perth",
            "country": "AU",
            "group": "G H",
        },
        {"id": 8, "slug": "lakeside", "group": {"id": 1, "slug": "g", "name": "G"}},
    ],
    "locations": [{"id": 70, "dealership_id": 7, "name": "Sales", "location_type": "sales"}],
    "websites": [
        {"id": 30, "dealership": {"slug": "riverbend"}, "slug": "w", "url": "https://w.example.com"}
    ],
    "users": [{"id": 40, "email": "n@example.com", "first_name": "N", "dealerships": [7, {"id": 8}]}],
    "models": [{"id": 50, "name": "3", "make": "Mazda", "group": "g"}],
    "model_variants": [{"id": 60, "name": "SX", "model_id": 50, "model": "3"}],
    "colours": [{"id": 71, "name": "White", "dealership_slugs": ["lakeside"]}],
    "cars": [
        {"id": 80, "dealership_id": 7, "stocknum": "1", "year": 2020, "price": "1.50", "location": "Sales"}
    ],
    "pages": [{"id": 90, "website_slug": "w", "name": "New", "url": "https://w.example.com/new"}],
    "team_members": [{"id": 95, "dealership": "riverbend", "name": "N", "user": "n@example.com"}],
}

# Digits and ids that exist already are likelier to reach far than what is random altogether.
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.sampled_from([0, 1, 7, 8, 30, 50, 2**31, 2**53, 2**63])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["", " ", "7", "riverbend", "w", "n@example.com", "\0", "\ud800", "İ", "1e999999", "𐵐@x"]
    )
)
names = st.text(max_size=8) | st.sampled_from(["id", "slug", "name", "email", "dealership_id", "group"])
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def files_with_something_odd(draw: st.DrawFn) -> object:
    """The file above with up to four values replaced, anywhere in it, or columns added."""
    file: dict[str, object] = dict(copy.deepcopy(FILE))
    for _ in range(draw(st.integers(1, 4))):
        table = draw(st.sampled_from(list(FILE)))
        rows = file[table]
        if not isinstance(rows, list) or draw(st.integers(0, 9)) == 0:
            file[draw(st.sampled_from([table, "cars"]) | names)] = draw(anything)
            continue
        row = draw(st.sampled_from(rows)) if rows else {}
        if not isinstance(row, dict) or draw(st.integers(0, 9)) == 0:
            rows.append(draw(anything))
            continue
        column = draw(st.sampled_from(sorted(row)) | names) if row else draw(names)
        row[column] = draw(anything)
    return draw(st.sampled_from([file, file, file, file, file, draw(anything)]))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(file=files_with_something_odd())
async def test_a_file_is_reported_on_or_refused_whatever_it_holds(
    database: Database, clear: Callable[[], Awaitable[None]], tmp_path: Path, file: object
) -> None:
    path = tmp_path / "world.json"
    path.write_bytes(json.dumps(file).encode())
    try:
        tables = read_json(path)
    except UnreadableFile:
        return

    await clear()
    report = await load(database, tables)

    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    assert _rows_spoken_of(report) == {name: len(rows) for name, rows in tables.items() if name in TABLES}
    again = await load(database, tables)
    assert sum(counts.created + counts.updated for counts in again.loaded.values()) == 0
    assert _places(again) == _places(report)


def _places(report: Report) -> list[tuple[str, int, str | None]]:
    return [(error.table, error.row, error.field) for error in report.errors]


def _rows_spoken_of(report: Report) -> dict[str, int]:
    """By table, the rows that were loaded and those with an error: together all of them."""
    return {
        name: counts.created
        + counts.updated
        + counts.unchanged
        + len({error.row for error in report.errors if error.table == name and error.row > 0})
        for name, counts in report.loaded.items()
    }
