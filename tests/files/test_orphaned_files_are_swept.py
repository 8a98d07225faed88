"""What a crash left behind goes after an hour; what the database knows, or may yet come to know, stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from forecourt.files.store import FileStore
from forecourt.files.sweep import sweep

if TYPE_CHECKING:
    from pathlib import Path

HOUR = timedelta(hours=1)


class Database:
    """Knows some names, and notes what it was asked for."""

    def __init__(self, *names: str) -> None:
        self.names = set(names)
        self.asked: list[list[str]] = []

    async def known(self, names: list[str]) -> set[str]:
        self.asked.append(names)
        return self.names & set(names)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "files")
    store.open()
    return store


def files_in(store: FileStore) -> dict[str, Path]:
    return {path.name: path for path in store.spool.parent.rglob("*") if not path.is_dir()}


def age(path: Path, by: timedelta) -> None:
    changed = time.time() - by.total_seconds()
    os.utime(path, (changed, changed), follow_symlinks=False)


async def test_only_old_files_that_the_database_does_not_know_go(store: FileStore) -> None:
    known, orphan, young = [await store.put(name) for name in (b"known", b"orphan", b"young")]
    for name in (known, orphan):
        age(files_in(store)[name], by=2 * HOUR)
    database = Database(known)

    removed = await sweep(store, database.known)

    assert removed == 1
    assert set(files_in(store)) == {known, young}
    assert [sorted(names) for names in database.asked] == [sorted([known, orphan])]


@pytest.mark.parametrize(("minutes", "left"), [(50, 1), (70, 0)])
async def test_an_hour_is_the_rule_and_another_age_can_be_asked_for(
    minutes: int, left: int, store: FileStore
) -> None:
    await store.put(b"orphan")
    [path] = files_in(store).values()
    age(path, by=timedelta(minutes=minutes))

    await sweep(store, Database().known)
    assert len(files_in(store)) == left

    await sweep(store, Database().known, older_than=timedelta(minutes=40))
    assert files_in(store) == {}


async def test_uploads_that_nobody_came_for_go(store: FileStore) -> None:
    for name in ("abandoned", "arriving"):
        (store.spool / name).write_bytes(b"hello")
    age(store.spool / "abandoned", by=2 * HOUR)

    assert await sweep(store, Database().known) == 1
    assert set(files_in(store)) == {"arriving"}


async def test_folders_that_nobody_works_in_any_more_go(store: FileStore) -> None:
    for name in ("abandoned", "busy"):
        (store.spool / name).mkdir()
        for file in ("begun", "going on"):
            (store.spool / name / file).write_bytes(b"hello")
            age(store.spool / name / file, by=2 * HOUR)
        age(store.spool / name, by=2 * HOUR)
    age(store.spool / "busy" / "going on", by=HOUR / 2)

    assert await sweep(store, Database().known) == 1
    assert [path.name for path in store.spool.iterdir()] == ["busy"]
    assert len(files_in(store)) == 2


async def test_what_the_store_did_not_put_there_stays(store: FileStore) -> None:
    folder = store.spool.parent / "ab"
    folder.mkdir()
    for path in (folder / "README", folder / ("g" * 32), store.spool.parent / "notes"):
        path.write_bytes(b"hello")
        age(path, by=2 * HOUR)

    assert await sweep(store, Database().known) == 0
    assert len(files_in(store)) == 3


async def test_a_link_is_removed_and_not_what_it_points_to(store: FileStore, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"hello")
    age(target, by=2 * HOUR)
    for link in (store.spool / "link", store.spool / "nowhere"):
        link.symlink_to(target if link.name == "link" else tmp_path / "nothing")
        age(link, by=2 * HOUR)

    assert await sweep(store, Database().known) == 2
    assert target.read_bytes() == b"hello"


async def test_the_database_is_asked_for_a_thousand_names_at_a_time(store: FileStore) -> None:
    names = [f"{number:032x}" for number in range(0, 2_500 << 116, 1 << 116)]
    for name in names:
        path = store.spool.parent / name[:2] / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        age(path, by=2 * HOUR)
    database = Database(*names[::2])

    assert await sweep(store, database.known) == 1_250
    assert [len(batch) for batch in database.asked] == [1_000, 1_000, 500]
    assert sorted(chain.from_iterable(database.asked)) == names
    assert sorted(files_in(store)) == names[::2]


async def test_nothing_goes_while_the_database_cannot_be_asked(store: FileStore) -> None:
    await store.put(b"hello")
    [path] = files_in(store).values()
    age(path, by=2 * HOUR)

    async def known(_names: list[str]) -> set[str]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await sweep(store, known)

    assert list(files_in(store).values()) == [path]


async def test_two_sweeps_at_once_do_not_disturb_each_other(store: FileStore) -> None:
    for _ in range(5):
        await store.put(b"orphan")
    for path in files_in(store).values():
        age(path, by=2 * HOUR)

    async def known_after_another_sweep(_names: list[str]) -> set[str]:
        await sweep(store, Database().known)
        return set()

    await sweep(store, known_after_another_sweep)

    assert files_in(store) == {}
