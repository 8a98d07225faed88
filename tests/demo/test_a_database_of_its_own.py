from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forecourt.demo import WorldRefused, seed
from forecourt.files.store import FileStore
from forecourt.infra.database import Database
from forecourt.loading import load

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_database_that_holds_something_else_under_its_ids_is_refused(
    database_url: str, tmp_path: Path
) -> None:
    database = Database(connections=2)
    await database.open(database_url)
    await load(database, {"dealerships": [{"slug": "other"}], "locations": [{"id": 12345, "name": "Yard"}]})

    with pytest.raises(WorldRefused, match="locations, row 1"):
        await seed(database, FileStore(tmp_path))

    await database.close()
