"""Where files lie: a folder outside the database, under names that tell nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from forecourt.files.accept import HARMLESS_EXTENSIONS, extension_of
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
# A link in a file's place is somebody's trick.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FileLost(Refusal):
    """The database knows the file but the file store does not have it."""

    code = "internal"
    title = "The file is missing from the file store"


class NoRoom(Refusal):
    """The disk of the file store has no room left; what was half written is gone again."""

    code = "storage-full"
    title = "There is no room for the file"


class FileStore:
    """A folder with files, 256 folders in it, each file in the one that its name begins with.

    A file is on disk, whole and synced, before the database is told of it; only the server's user may read it.

    Attributes:
        spool: where request bodies put files that nobody has decided about yet; on the same file system.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.spool = folder / "spool"

    def open(self) -> None:
        """Make the folders where they are missing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.spool.mkdir(mode=0o700, exist_ok=True)

    async def keep(self, spooled: Path) -> str:
        """Move a spooled file to where it stays; the name under which it does.

        Raises:
            NoRoom: the disk is full.
        """
        return await asyncio.to_thread(self._keep, spooled)

    async def put(self, content: bytes) -> str:
        """Write a file; the name under which it stays.

        Raises:
            NoRoom: the disk is full.
        """
        return await asyncio.to_thread(self._put, content)

    async def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            FileLost: there is no such file.
        """
        try:
            return await asyncio.to_thread(self._read, name)
        except OSError as error:
            if error.errno in _NO_FILE:
                raise FileLost from None
            raise

    async def remove(self, name: str) -> None:
        """Remove a file; nothing happens where there is none."""
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    def folders(self) -> list[Path]:
        """The folders with the files that stay."""
        return sorted(self._folder.glob("[0-9a-f][0-9a-f]"))

    def old_names(self, folder: Path, before: float) -> list[str]:
        """The names of the files in one of the folders last changed before *before*, in seconds since 1970."""
        return [path.name for path in _changed_before(folder, before) if _NAME.fullmatch(path.name)]

    def sweep_spool(self, before: float) -> int:
        """Remove spooled files and folders last changed before *before*, in seconds since 1970; how many.

        A folder is as young as the youngest of what lies in it.
        """
        old = _changed_before(self.spool, before)
        for path in old:
            path.unlink(missing_ok=True)
        folders = [path for path in self.spool.iterdir() if _is_left(path, before)]
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        return len(old) + len(folders)

    def _keep(self, spooled: Path) -> str:
        with _room():
            descriptor = os.open(spooled, _READ)
            try:
                os.fchmod(descriptor, 0o600)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            name, path = self._new()
            spooled.rename(path)
            _sync(path.parent)
        return name

    def _put(self, content: bytes) -> str:
        spooled = self.spool / secrets.token_hex(16)
        try:
            with _room(), os.fdopen(os.open(spooled, _WRITE, 0o600), "wb") as file:
                file.write(content)
            return self._keep(spooled)
        except BaseException:
            spooled.unlink(missing_ok=True)
            raise

    def _read(self, name: str) -> bytes:
        with os.fdopen(os.open(self._path(name), _READ), "rb") as file:
            return file.read()

    def _new(self) -> tuple[str, Path]:
        name = secrets.token_hex(16)
        path = self._path(name)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(self._folder)
        return name, path

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a stored file")
        return self._folder / name[:2] / name


def _changed_before(folder: Path, before: float) -> list[Path]:
    found = []
    for path in folder.iterdir():
        try:
            status = path.lstat()
        except FileNotFoundError:
            # Another server's sweep, or the request that the file belongs to, was there first.
            continue
        if status.st_mtime < before and not stat.S_ISDIR(status.st_mode):
            found.append(path)
    return found


def _newest(folder: Path) -> float:
    newest = folder.lstat().st_mtime
    for path in folder.iterdir():
        # Whoever is at work there takes away what is needed no longer.
        with suppress(FileNotFoundError):
            newest = max(newest, path.lstat().st_mtime)
    return newest


def _is_left(folder: Path, before: float) -> bool:
    """Whether it is a folder in which nobody works any more."""
    try:
        return stat.S_ISDIR(folder.lstat().st_mode) and _newest(folder) < before
    except FileNotFoundError:
        return False


def content_disposition(filename: str) -> str:
    """The header that makes a browser save a file and never show it (RFC 6266, RFC 8187).

    A name that a double click could run (``cv.pdf.exe``, whatever is inside) loses its dots.
    """
    name = filename.rstrip(" .")
    extension = extension_of(name)
    if extension and extension not in HARMLESS_EXTENSIONS:
        name = name.replace(".", "_")
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name) or "file"
    encoded = quote(name or "file", safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoom from None
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
