"""Where files lie: a folder outside the database, under names that tell nothing."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}")


class FileLost(Refusal):
    """The database knows the file but the file store does not have it."""

    code = "internal"
    title = "The file is missing from the file store"


class FileStore:
    """A folder with files.

    A file is on disk, whole and synced, before the database is told of it.

    Attributes:
        spool: where request bodies put files that nobody has decided about yet; on the same file system.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.spool = folder / "spool"

    def open(self) -> None:
        """Make the folders where they are missing."""
        self.spool.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def keep(self, spooled: Path) -> str:
        """Move a spooled file to where it stays; the name under which it does."""
        return await asyncio.to_thread(self._keep, spooled)

    async def put(self, content: bytes) -> str:
        """Write a file; the name under which it stays."""
        return await asyncio.to_thread(self._put, content)

    async def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            FileLost: there is no such file.
        """
        try:
            return await asyncio.to_thread(self._read, name)
        except FileNotFoundError:
            raise FileLost from None

    async def remove(self, name: str) -> None:
        """Remove a file; nothing happens where there is none."""
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    def names(self) -> list[tuple[str, float]]:
        """Every file that stays, with the time of its last change in seconds since 1970."""
        found = (path for path in self._folder.glob("[0-9a-f][0-9a-f]/*") if _NAME.fullmatch(path.name))
        return [(path.name, path.stat().st_mtime) for path in found]

    def _keep(self, spooled: Path) -> str:
        name, path = self._new()
        spooled.rename(path)
        _sync(path.parent)
        return name

    def _put(self, content: bytes) -> str:
        spooled = self.spool / secrets.token_hex(16)
        descriptor = os.open(spooled, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return self._keep(spooled)

    def _read(self, name: str) -> bytes:
        descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
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


def content_disposition(filename: str) -> str:
    """The header that makes a browser save a file and never show it (RFC 6266, RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
