"""Files that go with a lead."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import UNSET

from forecourt.leads.schema import LeadFileIn

if TYPE_CHECKING:
    from forecourt.vocabulary import FileType


def attachment(
    content: bytes | str | Path, *, file_type: FileType = "other", filename: str | None = None
) -> LeadFileIn:
    """A file for ``lead_files_attributes``: the server tells its kind by the content.

    Args:
        content: the bytes, or the path of a file; 10 MiB at most.
        file_type: what it is to the lead.
        filename: what to call it; by default, as the path does.
    """
    if not isinstance(content, bytes):
        path = Path(content)
        content, filename = path.read_bytes(), filename or path.name
    return LeadFileIn(
        file=f"data:application/octet-stream;base64,{b64encode(content).decode()}",
        file_type=file_type,
        filename=filename or UNSET,
    )
