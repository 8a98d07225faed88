"""A file that came in a multipart body, on disk before anybody has decided about it."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageFull(Refusal):
    """The disk that files wait on has no room left."""

    code = "storage-full"
    title = "There is no room for the file"


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file part, spooled.

    Attributes:
        filename: as the client called it; data, never a path.
        content_type: as the client claims.
        size: bytes.
        sha256: of the content, in hexadecimal digits.
        path: where it lies in the spool folder until somebody keeps or discards it.
    """

    filename: str
    content_type: str | None
    size: int
    sha256: str
    path: Path


class Spooled:
    """A file on its way into the spool folder, under a random name that only the server's user may open.

    Attributes:
        path: where it lies.
        size: bytes so far.
    """

    def __init__(self, spool: Path) -> None:
        """Create the file; raises StorageFull."""
        self.path = spool / secrets.token_hex(16)
        self.size = 0
        self._hash = hashlib.sha256()
        with _room():
            self._descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)

    def write(self, chunk: bytes) -> None:
        """Append *chunk*.

        Raises:
            FileTooLarge: the file would pass 10 MiB.
            StorageFull: the disk has no room.
        """
        self.size += len(chunk)
        if self.size > limits.FILE_BYTES:
            raise limits.FileTooLarge
        self._hash.update(chunk)
        left = memoryview(chunk)
        with _room():
            while left:
                left = left[os.write(self._descriptor, left) :]

    def close(self) -> str:
        """The file is whole: the content's SHA-256 in hexadecimal digits."""
        os.close(self._descriptor)
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Give up half-way."""
        os.close(self._descriptor)
        self.path.unlink(missing_ok=True)


def sync(uploads: Iterable[Upload]) -> None:
    """Bring the files to the disk itself: a crash afterwards loses none of them.

    Raises:
        StorageFull: the disk has no room after all.
    """
    for upload in uploads:
        descriptor = os.open(upload.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with _room():
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from None
        raise
