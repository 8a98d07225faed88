"""What webhooks are sent, as the document's object ``webhooks`` tells it: one entry a schema, with an example."""

from __future__ import annotations

from typing import Any

import msgspec

from forecourt.adf.export import adf_document
from forecourt.leads import json_text
from forecourt.webhooks import samples
from forecourt.webhooks.bodies import SCHEMAS
from forecourt.webhooks.cluster_export import ClusterExport
from forecourt.webhooks.envelope import EventEnvelope
from forecourt.webhooks.lead_export import EXPORTS
from forecourt.webhooks.topics import CATALOGUE

STRUCTS: dict[str, type[msgspec.Struct]] = {**EXPORTS, "cluster": ClusterExport, "event": EventEnvelope}

_HEADERS = {
    "webhook-id": "The same in every attempt: what was seen before may be dropped.",
    "webhook-timestamp": "When this attempt is made, in seconds since 1970.",
    "webhook-signature": "By Standard Webhooks: `v1,` and HMAC-SHA256 of `id.timestamp.body` in base 64, by the webhook's "
    "secret; two of them, with a space between, while a former secret is valid.",
    "Authorization": "`Bearer` and the webhook's token, where it has one; or `X-Authorization` with the token alone.",
}
_ABOUT = {
    "v1": "A lead, under the names of the contract's page.",
    "v2": "A lead, what its ids stand for, and what came with it.",
    "v3": "A lead as in `v2`, and the customer's test drives.",
    "cluster": "A lead cluster, as the platform's own webhook tells it.",
    "event": "What happened, with what changed from what to what.",
    "adf": "A lead as an ADF 1.0 document.",
}


def webhooks() -> dict[str, Any]:
    """The object ``webhooks``."""
    return {schema: {"post": _operation(schema)} for schema in _ABOUT}


def _operation(schema: str) -> dict[str, Any]:
    return {
        "operationId": f"webhook_{schema}",
        "summary": f"Schema {schema}",
        "description": f"{_ABOUT[schema]}\n\nEvents: {', '.join(f'`{topic}`' for topic in CATALOGUE)}.",
        "tags": ["Webhooks"],
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "description": said, "schema": {"type": "string"}}
            for name, said in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                SCHEMAS[schema].media_type: {"schema": _schema(schema), "example": example(schema)},
            },
        },
        "responses": {
            "2XX": {"description": "It has arrived."},
            "410": {"description": "Nothing more is wanted: the webhook is switched off."},
            "default": {"description": "It is tried again, later and later, for three days."},
        },
    }


def _schema(schema: str) -> dict[str, Any]:
    if schema in STRUCTS:
        return {"$ref": f"#/components/schemas/{STRUCTS[schema].__name__}"}
    return {"type": "string"}


def example(schema: str) -> dict[str, Any] | str:
    """A body of *schema*, made up; text where it is no JSON."""
    if schema == "adf":
        return adf_document(samples.adf(1, "test-dealer")).xml.decode()
    made: msgspec.Struct
    if schema == "cluster":
        made = samples.cluster(1, "Forecourt")
    elif schema == "event":
        tested = samples.event(1, "test-dealer", 1_025)
        made = msgspec.structs.replace(tested, type="lead.updated", kind="lead.updated")
    else:
        made = samples.lead(schema, 1, "test-dealer")
    told: dict[str, Any] = msgspec.json.decode(json_text.encode(made))
    return told
