"""A file is kept whole, private, under a name that tells nothing; a full disk is told and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forecourt.files.store import FileLost, FileStore, NoRoom

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "data" / "files")
    store.open()
    return store


def spooled(store: FileStore, content: bytes) -> Path:
    path = store.spool / "upload"
    path.write_bytes(content)
    return path


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())


@contextmanager
def disk_with_room_for(size: int) -> Generator[None]:
    """No file can grow beyond *size* bytes: the kernel refuses, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def anybody_may_read() -> Generator[None]:
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


async def test_a_file_comes_back_as_it_was_put(store: FileStore) -> None:
    content = os.urandom(300_000)

    name = await store.put(content)
    kept = await store.keep(spooled(store, content))

    assert name != kept
    assert await store.read(name) == await store.read(kept) == content
    assert files_in(store.spool) == []


async def test_a_name_is_random_and_tells_nothing(store: FileStore) -> None:
    names = [await store.put(b"the same") for _ in range(20)]

    assert len(set(names)) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
    assert sorted(path.name for path in files_in(store.spool.parent)) == sorted(names)


async def test_nobody_else_may_read_files_or_list_folders(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "data" / "files")
    with anybody_may_read():
        store.open()
        await store.put(b"hello")
        upload = spooled(store, b"hello")
        upload.chmod(0o666)
        await store.keep(upload)

    paths = [store.spool.parent, *store.spool.parent.rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
    assert modes == {(True, 0o700), (False, 0o600)}


async def test_folders_that_are_there_are_left_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    store = FileStore(tmp_path)

    store.open()
    store.open()

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "spool/upload",
        "0" * 31,
        "0" * 33,
        "0" * 32 + "\n",
        "0" * 32 + "\x00",
        "0" * 31 + "G",
        "A" * 32,
        "\uff10" * 32,
        "..".ljust(32, "0"),
        "../" + "0" * 29,
    ],
)
async def test_a_name_that_the_store_did_not_give_opens_nothing(name: str, store: FileStore) -> None:
    spooled(store, b"hello")

    for use in (store.read, store.remove):
        with pytest.raises(ValueError, match="not the name of a stored file"):
            await use(name)

    assert len(files_in(store.spool.parent)) == 1


async def test_a_link_in_a_files_place_is_not_followed(store: FileStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    name = await store.put(b"hello")
    [path] = files_in(store.spool.parent)
    path.unlink()
    path.symlink_to(secret)
    link = store.spool / "link"
    link.symlink_to(secret)

    with pytest.raises(FileLost):
        await store.read(name)
    with pytest.raises(OSError, match="symbolic links"):
        await store.keep(link)
    await store.remove(name)

    assert secret.read_bytes() == b"secret"


async def test_a_file_that_is_gone_is_told_as_lost_and_removed_without_a_word(store: FileStore) -> None:
    name = await store.put(b"hello")

    await store.remove(name)
    await store.remove(name)

    for gone in (name, "0" * 32):
        with pytest.raises(FileLost):
            await store.read(gone)


async def test_a_full_disk_is_told_and_leaves_nothing_behind(store: FileStore) -> None:
    kept = await store.put(b"hello")

    with disk_with_room_for(100_000), pytest.raises(NoRoom):
        await store.put(bytes(300_000))

    assert [path.name for path in files_in(store.spool.parent)] == [kept]
    assert await store.read(await store.put(bytes(300_000))) == bytes(300_000)


async def test_many_files_are_kept_at_once(store: FileStore) -> None:
    contents = [os.urandom(1_000 + number) for number in range(60)]

    names = await asyncio.gather(*map(store.put, contents))

    assert await asyncio.gather(*map(store.read, names)) == contents


@pytest.mark.timeout(10)
async def test_the_disk_is_waited_for_in_another_thread(store: FileStore) -> None:
    """A pipe without a writer keeps its reader waiting: meanwhile the loop goes on, and here it brings the writer."""
    name = await store.put(b"hello")
    [path] = files_in(store.spool.parent)
    path.unlink()
    os.mkfifo(path)

    content, written = await asyncio.gather(store.read(name), asyncio.to_thread(path.write_bytes, b"late"))

    assert (content, written) == (b"late", 4)


async def test_a_file_and_its_folder_are_synced_before_its_name_is_told(store: FileStore) -> None:
    """The order of a file's way to the disk, as the kernel saw it: content, then name, then folder."""
    seen: list[tuple[str, str]] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        seen.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        real_fsync(descriptor)

    def rename(source: Path, target: Path) -> None:
        seen.append(("rename", str(target)))
        real_rename(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        patch.setattr(os, "rename", rename)
        name = await store.put(b"hello")

    folder = store.spool.parent
    steps = [(what, path) for what, path in seen if path != str(folder)]
    assert [what for what, _ in steps] == ["fsync", "rename", "fsync"]
    assert steps[0][1].startswith(f"{store.spool}/")
    assert steps[1:] == [("rename", f"{folder}/{name[:2]}/{name}"), ("fsync", f"{folder}/{name[:2]}")]
