"""The files that come with a lead, checked and ready to be kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from forecourt import vocabulary
from forecourt.files.accept import FileRefused, clean_filename, decide
from forecourt.files.data_uri import NotADataUri, read_data_uri
from forecourt.infra.bodies import Upload
from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.leads.schema import LeadFileIn


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is taken, with its bytes or the place where they were spooled.

    Attributes:
        content_type: decided by the content, whatever was said.
        sha256: of the content, in hexadecimal digits.
    """

    file_type: str
    filename: str
    content_type: str
    size: int
    sha256: str
    content: bytes | None = None
    path: Path | None = None


def attachments_of(sent: Sequence[LeadFileIn]) -> tuple[tuple[Attachment, ...], list[Problem]]:
    """The files in *sent* that are taken, and a problem for each that is not."""
    taken: list[Attachment] = []
    problems: list[Problem] = []
    for index, file in enumerate(sent):
        path = f"lead.lead_files_attributes[{index}]"
        file_type = "other" if file.file_type is UNSET else vocabulary.FILE_TYPE.canonical(file.file_type)
        if file_type is None:
            near = vocabulary.FILE_TYPE.nearest(str(file.file_type))
            message = f"is not an allowed value; the nearest is {near}"
            problems.append(Problem(f"{path}.file_type", message, vocabulary.FILE_TYPES))
            continue
        try:
            taken.append(_taken(file, file_type))
        except (FileRefused, NotADataUri) as problem:
            problems.append(Problem(f"{path}.file", str(problem)))
    return tuple(taken), problems


def _taken(sent: LeadFileIn, file_type: str) -> Attachment:
    name = sent.filename if isinstance(sent.filename, str) else None
    if isinstance(sent.file, Upload):
        filename = clean_filename(name or sent.file.filename)
        accepted = decide(sent.file.path, filename)
        return Attachment(
            file_type=file_type,
            filename=filename,
            content_type=accepted.content_type,
            size=sent.file.size,
            sha256=sent.file.sha256,
            path=sent.file.path,
        )
    if not isinstance(sent.file, str):
        raise NotADataUri("must be a file part of a multipart body, or a base64 data URI")
    uri = read_data_uri(sent.file)
    filename = clean_filename(name or uri.filename or file_type)
    accepted = decide(uri.content, filename)
    return Attachment(
        file_type=file_type,
        filename=filename,
        content_type=accepted.content_type,
        size=len(uri.content),
        sha256=hashlib.sha256(uri.content).hexdigest(),
        content=uri.content,
    )
