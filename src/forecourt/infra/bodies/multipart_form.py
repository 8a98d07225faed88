"""``multipart/form-data`` (RFC 7578), fed chunk by chunk: fields in memory, files straight to disk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    StrictParserError,
    content_disposition_unquote,
)

from forecourt.infra.bodies import limits
from forecourt.infra.bodies.form_text import clean_text
from forecourt.infra.bodies.media_type import refuse_other_charsets
from forecourt.infra.bodies.upload import Spooled, Upload
from forecourt.infra.refusals import BadBody, BodyTooLarge

if TYPE_CHECKING:
    from pathlib import Path

# RFC 2046, 5.1.1; a space is never the last.
_BOUNDARY_CHARACTERS = r"0-9A-Za-z'()+_,./:=?\-"
_BOUNDARY = re.compile(
    rf"[{_BOUNDARY_CHARACTERS} ]{{0,{limits.BOUNDARY_CHARACTERS - 1}}}[{_BOUNDARY_CHARACTERS}]", re.ASCII
)
_NAME = r"[\w!#$&+.^`|~*-]++"
_VALUE = r'(?:"[^"\\]*+(?:\\.[^"\\]*+)*"|[^\s;"]++)'
_PARAMETER = re.compile(rf";[ \t]*+({_NAME})=({_VALUE})[ \t]*+", re.ASCII)
_PARAMETERS = rf"(?:;[ \t]*+{_NAME}={_VALUE}[ \t]*+)*"
_DISPOSITION = re.compile(rf"form-data[ \t]*+({_PARAMETERS});?[ \t]*+", re.ASCII | re.IGNORECASE)
_PLAIN_ENCODINGS = frozenset({"7bit", "8bit", "binary"})


class BadMultipart(BadBody):
    """The multipart body is against its grammar."""

    code = "bad-multipart"
    title = "The multipart body cannot be read"


class TruncatedBody(BadBody):
    """The multipart body is cut short: its closing boundary has not come."""

    code = "truncated-body"
    title = "The body is cut short"

    def __init__(self) -> None:
        super().__init__("the closing boundary is missing")


class MultipartForm:
    """One multipart body on its way in.

    Attributes:
        uploads: the files that are whole.
    """

    def __init__(self, boundary: str, spool: Path) -> None:
        """Begin.

        Raises:
            BadMultipart: the boundary is none.
        """
        if not _BOUNDARY.fullmatch(boundary):
            raise BadMultipart(
                f"the Content-Type must name a boundary of 1 to {limits.BOUNDARY_CHARACTERS} characters (RFC 2046)"
            )
        self._opening = f"--{boundary}".encode()
        # The number and the size of parts are checked here: the parser says no to everything in one voice.
        self._parser = PushMultipartParser(
            boundary,
            max_header_size=limits.PART_HEADER_BYTES,
            max_header_count=limits.PART_HEADERS,
            strict=True,
        )
        self._spool = spool
        self._received = 0
        self._held: bytes | None = b""
        self._complete = False
        self._parts = 0
        self._part: _Part | None = None
        self._field_bytes = 0
        self._pairs: list[tuple[str, str | Upload]] = []
        self.uploads: list[Upload] = []

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            BadBody, BodyTooLarge, UnsupportedBody: as soon as it is certain.
            StorageFull: the disk has no room for a file.
        """
        self._received += len(chunk)
        if self._received > limits.MULTIPART_BYTES:
            raise BodyTooLarge(
                f"at most {limits.FILES} files of {limits.FILE_BYTES // limits.MIB} MiB, "
                f"and {limits.BODY_BYTES // limits.MIB} MiB beside them"
            )
        chunk = self._from_the_first_boundary(chunk)
        # What follows the closing boundary says nothing (RFC 2046, 5.1.1): a line break, most of the time.
        if not chunk or self._complete:
            return
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event:
                    self._take(bytes(event))
                else:
                    self._end()
        except ParserLimitReached:
            raise limits.PartHeadersTooLarge from None
        except StrictParserError as error:
            if not self._at_the_end():
                raise BadMultipart(str(error.args[0])) from None
            self._complete = True
        except MultipartError as error:
            raise BadMultipart(str(error.args[0])) from None

    def finish(self) -> list[tuple[str, str | Upload]]:
        """The pairs of name and value; a file that nobody chose is left out.

        Raises:
            EmptyBody: nothing has come.
            TruncatedBody: the closing boundary has not come.
        """
        if self._received == 0:
            raise limits.EmptyBody
        if not self._at_the_end():
            raise TruncatedBody
        return self._pairs

    def discard(self) -> None:
        """Remove everything that was spooled."""
        if self._part is not None and self._part.file is not None:
            self._part.file.discard()
        for upload in self.uploads:
            upload.path.unlink(missing_ok=True)

    def _from_the_first_boundary(self, chunk: bytes) -> bytes:
        """*chunk*, held back until it is certain that nothing but a line break stands before the first boundary.

        The parser would skip more, or refuse it, depending on how the network cut the body into chunks.
        """
        if self._held is None:
            return chunk
        held = self._held + chunk
        if len(held) < len(self._opening) + 2:
            self._held = held
            return b""
        if not held.removeprefix(b"\r\n").startswith(self._opening):
            raise BadMultipart("the body does not begin with the boundary that the Content-Type names")
        self._held = None
        return held

    def _at_the_end(self) -> bool:
        """Whether the closing boundary has come; nothing can be parsed afterwards."""
        try:
            self._parser.close()
        except MultipartError:
            return False
        return True

    def _begin(self, segment: MultipartSegment) -> None:
        self._parts += 1
        if self._parts > limits.PARTS:
            raise limits.TooManyParts
        part = _read_headers(segment)
        if part.filename:
            if len(self.uploads) >= limits.FILES:
                raise limits.TooManyFiles
            part.file = Spooled(self._spool)
        self._part = part

    def _take(self, chunk: bytes) -> None:
        part = self._part
        if part is None:
            return
        if part.file is not None:
            part.file.write(chunk)
            return
        if part.filename is not None:
            raise BadMultipart("a file has content and no filename")
        self._field_bytes += len(chunk)
        if self._field_bytes > limits.BODY_BYTES:
            raise limits.WithoutFilesTooLarge
        part.text += chunk
        if len(part.text) > limits.STRING_BYTES:
            raise limits.StringTooLong

    def _end(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        if part.file is not None:
            upload = Upload(
                filename=part.filename or "",
                content_type=part.content_type,
                size=part.file.size,
                sha256=part.file.close(),
                path=part.file.path,
            )
            self.uploads.append(upload)
            self._pairs.append((part.name, upload))
        elif part.filename is None:
            self._pairs.append((part.name, clean_text(part.text)))


class _Part(msgspec.Struct, kw_only=True):
    """The part that is arriving."""

    name: str
    filename: str | None
    content_type: str | None
    text: bytearray = msgspec.field(default_factory=bytearray)
    file: Spooled | None = None


def _read_headers(segment: MultipartSegment) -> _Part:
    """What a part's headers say.

    Raises:
        BadMultipart: they leave it open.
        UnsupportedBody: it is a text in another charset than UTF-8.
    """
    headers: dict[str, str] = {}
    for header, value in segment.headerlist:
        if header in headers:
            raise BadMultipart("a part has the same header twice")
        headers[header] = value
    if headers.get("Content-Transfer-Encoding", "binary").strip().lower() not in _PLAIN_ENCODINGS:
        raise BadMultipart("a part has a Content-Transfer-Encoding; send it as it is (RFC 7578, 4.7)")
    parameters = _disposition(headers.get("Content-Disposition", ""))
    name = parameters.get("name", "")
    if not name:
        raise BadMultipart("a part has no name")
    if "filename" not in parameters and "Content-Type" in headers:
        refuse_other_charsets(headers["Content-Type"])
    return _Part(name=name, filename=parameters.get("filename"), content_type=segment.content_type or None)


def _disposition(header: str) -> dict[str, str]:
    """The parameters of a Content-Disposition, decoded."""
    found = _DISPOSITION.fullmatch(header)
    if found is None:
        raise BadMultipart("a part's Content-Disposition is malformed")
    parameters: dict[str, str] = {}
    for written, value in _PARAMETER.findall(found[1]):
        name = written.lower()
        if name in parameters:
            raise BadMultipart("a part's Content-Disposition has the same parameter twice")
        if name.endswith("*"):
            raise BadMultipart("a form has no filename*; send the name in filename, as UTF-8 (RFC 7578, 4.2)")
        decoded = content_disposition_unquote(value, filename=name == "filename")
        parameters[name] = clean_text(decoded.encode())
    return parameters
