"""What every step of an import needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecourt.adf.sender import Sender
    from forecourt.files.store import FileStore
    from forecourt.infra.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """An import under way.

    Attributes:
        sender: whose key asks, and where it may send.
        request_id: of the request.
        dry_run: whether only to tell what would become of it.
    """

    database: Database
    store: FileStore
    sender: Sender
    request_id: str
    dry_run: bool = False
