"""What the schema event says: Forecourt's own envelope, with what changed, from what to what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

Changes: TypeAlias = Annotated[
    msgspec.Raw,
    Meta(
        extra_json_schema={
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["from", "to"],
                "properties": {"from": {}, "to": {}},
            },
        }
    ),
]


class WhoTold(msgspec.Struct, frozen=True):
    """An API key, or a user of the staff."""

    id: int
    name: str


class LeadSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The lead in brief, as it is when the request goes out.

    Attributes:
        version: 1 when created, one more with every change: of two deliveries the higher is the newer.
    """

    id: int
    version: int
    created_at: datetime
    updated_at: datetime
    name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    category: str
    source: str
    lead_state: str | None
    golden: bool
    tags: list[str]
    stocknum: str | None
    car_id: int | None
    location_id: int | None
    provider: str | None
    provider_id: str | None


class ClusterSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The lead cluster in brief, as it is when the request goes out.

    Attributes:
        name: the customer's, as is ``last_name``.
        merged_into_id: the cluster that goes on in its place.
    """

    id: int
    version: int
    lead_state: str
    golden: bool
    tags: list[str]
    user_id: int | None
    location_id: int | None
    contact_id: int
    name: str | None
    last_name: str | None
    emails: list[str]
    phones: list[str]
    waiting_since: datetime | None
    first_lead_created_at: datetime
    last_lead_created_at: datetime
    merged_into_id: int | None


class EventEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: ``event``.

    Attributes:
        id: of the event; the same in every delivery of it.
        type: what the endpoint asked to hear of, as ``lead_cluster.updated``.
        kind: what happened in particular, as ``call.logged``.
        lead_id: null where it was about the cluster as a whole.
        other_lead_cluster_id: the other cluster of a merge or a split.
        request_id: of the request that did it; ``worker`` or ``command:…`` where none did.
        api_key: by which it was done; null for what the server did by itself.
        user: of the staff who did it, where one is known.
        changes: field -> ``{"from": old, "to": new}``.
    """

    id: int
    type: str
    kind: str
    occurred_at: datetime
    dealership_id: int
    dealership_slug: str
    lead_id: int | None
    lead_cluster_id: int | None
    other_lead_cluster_id: int | None
    request_id: str
    api_key: WhoTold | None
    user: WhoTold | None
    changes: Changes
    lead: LeadSnapshot | None
    lead_cluster: ClusterSnapshot | None


_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "api_key": msgspec.json.Decoder(WhoTold),
    "user": msgspec.json.Decoder(WhoTold),
    "lead": msgspec.json.Decoder(LeadSnapshot),
    "lead_cluster": msgspec.json.Decoder(ClusterSnapshot),
}


def envelope_of(row: dict[str, Any], topic: str) -> EventEnvelope:
    """A row of EVENTS, told under *topic*."""
    values = {name: row[name] for name in EventEnvelope.__struct_fields__ if name in row}
    values["changes"] = msgspec.Raw(row["changes"].encode())
    for name, decoder in _DECODERS.items():
        values[name] = None if row[name] is None else decoder.decode(row[name])
    return EventEnvelope(type=topic, **values)
