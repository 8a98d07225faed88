"""Which schema is made by whom: the one table of the forms in which things are told.

A new form is a line in SCHEMAS. It reads what it needs for all occasions of a batch at once, and it is read anew at each
attempt: what goes out is what is so then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from forecourt.adf.export import MEDIA, adf_document, leads_told
from forecourt.infra.database import record
from forecourt.leads import json_text
from forecourt.webhooks import cluster_export, envelope, lead_export, samples
from forecourt.webhooks.cluster_queries import CLUSTERS
from forecourt.webhooks.envelope_queries import EVENTS
from forecourt.webhooks.lead_queries import LEADS
from forecourt.webhooks.topics import TEST

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from forecourt.infra.database import Connection
    from forecourt.webhooks.records import Occasion


class Form(Protocol):
    """A way of telling what has happened, of one schema or of several that read the same.

    Attributes:
        media_type: of the bodies.
    """

    media_type: str

    async def bodies(self, connection: Connection, occasions: Sequence[Occasion]) -> list[bytes | None]:
        """A body for each of *occasions*, in as few round trips as there can be; None where there is nothing to tell."""
        ...

    def sample(self, occasion: Occasion) -> bytes:
        """A made-up body, for a test."""
        ...


class _LeadExport:
    """``v1``, ``v2`` and ``v3``. Of an event about a cluster as a whole, its latest lead is told."""

    media_type = "application/json"

    async def bodies(self, connection: Connection, occasions: Sequence[Occasion]) -> list[bytes | None]:
        keys = [(one.dealership_id, one.lead_id, one.lead_cluster_id) for one in occasions]
        asked = list(dict.fromkeys(keys))
        schemas = {one.schema for one in occasions}
        rows = await connection.every(
            record,
            LEADS,
            dealership_ids=[key[0] for key in asked],
            lead_ids=[key[1] for key in asked],
            lead_cluster_ids=[key[2] for key in asked],
            whole=schemas != {"v1"},
            with_drives="v3" in schemas,
        )
        found = _by_key(asked, rows)
        told: dict[tuple[Hashable, str], bytes] = {}
        for key, one in zip(keys, occasions, strict=True):
            if key in found and (key, one.schema) not in told:
                told[key, one.schema] = json_text.encode(lead_export.export_of(found[key], one.schema))
        return [told.get((key, one.schema)) for key, one in zip(keys, occasions, strict=True)]

    def sample(self, occasion: Occasion) -> bytes:
        return json_text.encode(
            samples.lead(occasion.schema, occasion.dealership_id, occasion.dealership_slug)
        )


class _ClusterExport:
    """``cluster``."""

    media_type = "application/json"

    async def bodies(self, connection: Connection, occasions: Sequence[Occasion]) -> list[bytes | None]:
        keys = [(one.dealership_id, one.lead_cluster_id) for one in occasions]
        asked = list(dict.fromkeys(keys))
        rows = await connection.every(
            record,
            CLUSTERS,
            dealership_ids=[key[0] for key in asked],
            lead_cluster_ids=[key[1] for key in asked],
            most_leads=cluster_export.MOST_LEADS,
            most_events=cluster_export.MOST_EVENTS,
        )
        found = _by_key(asked, rows)
        return [
            json_text.encode(cluster_export.export_of(found[key], one.provider)) if key in found else None
            for key, one in zip(keys, occasions, strict=True)
        ]

    def sample(self, occasion: Occasion) -> bytes:
        return json_text.encode(samples.cluster(occasion.dealership_id, occasion.provider))


class _Envelope:
    """``event``."""

    media_type = "application/json"

    async def bodies(self, connection: Connection, occasions: Sequence[Occasion]) -> list[bytes | None]:
        keys = [(one.dealership_id, one.event_id) for one in occasions]
        asked = list(dict.fromkeys(keys))
        rows = await connection.every(
            record,
            EVENTS,
            dealership_ids=[key[0] for key in asked],
            event_ids=[key[1] for key in asked],
        )
        found = _by_key(asked, rows)
        return [
            json_text.encode(envelope.envelope_of(found[key], one.topic)) if key in found else None
            for key, one in zip(keys, occasions, strict=True)
        ]

    def sample(self, occasion: Occasion) -> bytes:
        return json_text.encode(
            samples.event(occasion.dealership_id, occasion.dealership_slug, occasion.event_id)
        )


class _Adf:
    """``adf``. Of an event about a cluster as a whole, its latest lead is told."""

    media_type = MEDIA

    async def bodies(self, connection: Connection, occasions: Sequence[Occasion]) -> list[bytes | None]:
        keys = [(one.dealership_id, one.lead_id, one.lead_cluster_id) for one in occasions]
        asked = list(dict.fromkeys(keys))
        told = {
            key: adf_document(lead).xml
            for key, lead in zip(asked, await leads_told(connection, asked), strict=True)
            if lead is not None
        }
        return [told.get(key) for key in keys]

    def sample(self, occasion: Occasion) -> bytes:
        return adf_document(samples.adf(occasion.dealership_id, occasion.dealership_slug)).xml


_LEAD_EXPORT = _LeadExport()

SCHEMAS: Mapping[str, Form] = {
    "v1": _LEAD_EXPORT,
    "v2": _LEAD_EXPORT,
    "v3": _LEAD_EXPORT,
    "cluster": _ClusterExport(),
    "event": _Envelope(),
    "adf": _Adf(),
}


async def rendered(connection: Connection, occasions: Sequence[Occasion]) -> list[bytes | None]:
    """A body for each of *occasions*: one statement for each form that there is among them."""
    found: list[bytes | None] = [None] * len(occasions)
    places: dict[Form, list[int]] = {}
    for place, occasion in enumerate(occasions):
        form = SCHEMAS[occasion.schema]
        if occasion.topic == TEST:
            found[place] = form.sample(occasion)
        else:
            places.setdefault(form, []).append(place)
    for form, own in places.items():
        bodies = await form.bodies(connection, [occasions[place] for place in own])
        for place, body in zip(own, bodies, strict=True):
            found[place] = body
    return found


def _by_key(asked: Sequence[Any], rows: Sequence[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {asked[row["place"] - 1]: row for row in rows}
