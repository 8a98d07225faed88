from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from forecourt.loading import TABLES, Counts, load, read_csv, read_json

if TYPE_CHECKING:
    from forecourt.infra.database import Database

DOCUMENT = (Path(__file__).parents[2] / "docs" / "loading.md").read_text("utf-8")


def _example(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_files_of_the_reference_load_as_they_stand(empty: Database, tmp_path: Path) -> None:
    world, cars = tmp_path / "world.json", tmp_path / "cars.csv"
    world.write_text(_example("json"), "utf-8")
    cars.write_text(_example("csv"), "utf-8")

    first = await load(empty, read_json(world))
    second = await load(empty, read_csv(cars, "cars"))
    again = await load(empty, read_json(world))

    assert (first.errors, second.errors, again.errors) == ([], [], [])
    assert (first.ignored, second.ignored) == ({}, {})
    given = json.loads(_example("json"))
    assert first.loaded == {name: Counts(created=len(rows)) for name, rows in given.items()}
    assert second.loaded == {"cars": Counts(created=2)}
    assert again.loaded == {name: Counts(unchanged=len(rows)) for name, rows in given.items()}


def test_the_reference_names_every_table_and_every_column() -> None:
    columns = DOCUMENT.partition("## Columns")[2].partition("## Whose")[0]
    for table in TABLES.values():
        line = next(line for line in columns.splitlines() if line.startswith(f"| `{table.name}`"))
        for column in table.columns:
            assert f"`{column.name}`" in line
