"""``multipart/form-data`` (RFC 7578), fed chunk by chunk: fields in memory, files straight to disk."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from forecourt.infra.bodies import limits
from forecourt.infra.bodies.brackets import clean_text
from forecourt.infra.bodies.upload import Upload
from forecourt.infra.refusals import BadBody, BodyTooLarge

if TYPE_CHECKING:
    from pathlib import Path


class BadMultipart(BadBody):
    """The multipart body is cut short or against its grammar."""

    code = "bad-multipart"
    title = "The multipart body cannot be read"


class MultipartForm:
    """One multipart body on its way in.

    Attributes:
        uploads: the files read so far.
    """

    def __init__(self, boundary: str, spool: Path) -> None:
        """Begin; raises BadMultipart where the boundary is none."""
        if not boundary or len(boundary) > limits.BOUNDARY:
            raise BadMultipart(f"its boundary must have 1 to {limits.BOUNDARY} characters")
        try:
            self._parser = PushMultipartParser(
                boundary.encode("ascii"),
                max_header_size=limits.HEADER_BYTES,
                max_header_count=limits.PART_HEADERS,
                max_segment_size=limits.FILE_BYTES,
                max_segment_count=limits.PARTS,
                strict=True,
            )
        except (MultipartError, UnicodeEncodeError):
            raise BadMultipart("its boundary holds characters that no boundary has") from None
        self._spool = spool
        self._pairs: list[tuple[str, str | Upload]] = []
        self._field_bytes = 0
        self._part: MultipartSegment | None = None
        self._text = bytearray()
        self._file: _Spooled | None = None
        self.uploads: list[Upload] = []

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            BadMultipart, BodyTooLarge, NotUtf8: as soon as it is certain.
        """
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event:
                    self._take(bytes(event))
                else:
                    self._end()
        except ParserLimitReached:
            raise BodyTooLarge(
                f"at most {limits.PARTS} parts, {limits.FILES} files of {limits.FILE_BYTES // limits.MIB} MiB, "
                f"{limits.PART_HEADERS} headers a part"
            ) from None
        except (MultipartError, UnicodeError, LookupError):
            raise BadMultipart("it is not well-formed") from None

    def finish(self) -> list[tuple[str, str | Upload]]:
        """The pairs of name and value; a file that nobody chose is left out.

        Raises:
            BadMultipart: the closing boundary has not come.
        """
        try:
            self._parser.close()
        except MultipartError:
            raise BadMultipart("it is cut short: the closing boundary is missing") from None
        return self._pairs

    def discard(self) -> None:
        """Remove everything that was spooled."""
        if self._file is not None:
            self._file.close()
            self._file.path.unlink(missing_ok=True)
        for upload in self.uploads:
            upload.path.unlink(missing_ok=True)

    def _begin(self, part: MultipartSegment) -> None:
        if not part.name:
            raise BadMultipart("a part has no name")
        disposition = [value for name, value in part.headerlist if name.lower() == "content-disposition"]
        if len(disposition) != 1:
            raise BadMultipart("a part has several Content-Dispositions")
        if part.charset and part.charset.lower() not in {"utf-8", "utf8"}:
            raise BadMultipart("a part is not in UTF-8")
        self._part = part
        self._text = bytearray()
        self._file = None
        if part.filename:
            if len(self.uploads) >= limits.FILES:
                raise BodyTooLarge(f"at most {limits.FILES} files")
            self._file = _Spooled(self._spool)

    def _take(self, chunk: bytes) -> None:
        if self._file is not None:
            self._file.write(chunk)
            return
        self._field_bytes += len(chunk)
        if self._field_bytes > limits.BODY_BYTES:
            raise BodyTooLarge(f"at most {limits.BODY_BYTES // limits.MIB} MiB without files")
        self._text += chunk

    def _end(self) -> None:
        part, file = self._part, self._file
        self._part, self._file = None, None
        if part is None:
            return
        name = clean_text(part.name.encode())
        if file is not None:
            upload = Upload(
                filename=clean_text((part.filename or "").encode()),
                content_type=part.content_type,
                size=file.size,
                sha256=file.close(),
                path=file.path,
            )
            self.uploads.append(upload)
            self._pairs.append((name, upload))
        elif part.filename is None:
            self._pairs.append((name, clean_text(bytes(self._text))))


class _Spooled:
    """A file on its way to disk."""

    def __init__(self, spool: Path) -> None:
        self.path = spool / secrets.token_hex(16)
        self._file: BinaryIO = os.fdopen(
            os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb"
        )
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self._file.write(chunk)
        self.size += len(chunk)

    def close(self) -> str:
        """On disk for good; the content's SHA-256 in hexadecimal digits."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        return self._hash.hexdigest()
