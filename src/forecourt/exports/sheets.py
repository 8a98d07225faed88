"""What there is to export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.exports import cluster_fields, lead_fields
from forecourt.exports.cells import Field

if TYPE_CHECKING:
    from forecourt.exports.table import Column


class Sheet(msgspec.Struct, frozen=True):
    """What is handed out, and what is told of each.

    Attributes:
        name: ``leads`` or ``lead_clusters``.
    """

    name: str
    fields: tuple[Field, ...]

    @property
    def columns(self) -> list[Column]:
        """Of the table."""
        return [field.column for field in self.fields]


LEADS = Sheet("leads", lead_fields.FIELDS)
LEAD_CLUSTERS = Sheet("lead_clusters", cluster_fields.FIELDS)
