"""The OpenAPI 3.1 document, made from the same routes and structs that serve."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt import __version__
from forecourt.infra.problems import ProblemDocument
from forecourt.leads.answers import LeadFileOut, LeadOut, PaymentOut
from forecourt.leads.schema import LeadBody
from forecourt.reference import webhook_bodies
from forecourt.reference.examples import EXAMPLE_BODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.routes import Route

_REF = "#/components/schemas/{name}"

_PROBLEMS = {
    400: "The lead is older than 3 days, or the request cannot be understood.",
    401: "No valid key, or a permission is missing (`Unauthorised`).",
    404: "No such lead, or one of a dealership that the key does not hold (`Lead NOT found`).",
    408: "The body took too long to arrive.",
    409: "The first request with this Idempotency-Key is still being worked on.",
    410: "The person whom this was about was erased.",
    412: "The lead has changed since the version in If-Match.",
    413: "The body, or something in it, is too large.",
    415: "The Content-Type is not read.",
    422: "The body does not fit: `errors` lists every problem.",
    503: "The database cannot be asked at the moment, or it is unknown whether this took effect (`/problems/outcome-unknown`): retry with the same Idempotency-Key.",
}
_OF_READING = (400, 401, 404, 503)
_OF_WRITING = tuple(_PROBLEMS)

# What is JSON text in the database is free, or has a schema of its own, in the answer.
_RAW = {
    "lead_files_attributes": {"type": "array", "items": {"$ref": _REF.format(name="LeadFileOut")}},
    "payments": {"type": "array", "items": {"$ref": _REF.format(name="PaymentOut")}},
    "payment_attributes": {"anyOf": [{"$ref": _REF.format(name="PaymentOut")}, {"type": "null"}]},
    "address_attributes": {"type": ["object", "null"]},
    "fields": {"type": ["object", "null"]},
    "charge_breakdown": {"type": ["object", "null"]},
    "extra": {"type": ["object", "null"]},
}

_ABOUT = """
Forecourt receives, keeps and hands on the sales leads of car dealerships. This is the lead API of the Dealer
Studio platform, field for field.

Send your key as `Authorization: Bearer fc_live_…`. A body is JSON, or a form in the bracket notation of Rails
(`lead[email]=…`), urlencoded or multipart. Errors are problem documents (RFC 9457) whose `errors` list every
problem at once. A retry with the same `Idempotency-Key` is safe.
"""


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document that tells *routes*."""
    schemas = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Forecourt",
            "version": __version__,
            "description": _ABOUT.strip(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "webhooks": webhook_bodies.webhooks(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "fc_live_…"}},
        },
    }


def _schemas(routes: Sequence[Route]) -> dict[str, Any]:
    structs: list[Any] = [ProblemDocument, LeadFileOut, PaymentOut, *webhook_bodies.STRUCTS.values()]
    for route in routes:
        structs += [route.body] if route.body else []
        structs += [struct for answer in route.answers.values() for struct in answer]
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    components["LeadOut"]["properties"] |= _RAW
    components["EventOut"]["properties"]["changes"] = {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["from", "to"],
            "properties": {"from": {}, "to": {}},
        },
    }
    _require_in_bodies(components)
    _tell_decimals_as_numbers(components)
    return components


def _require_in_bodies(components: dict[str, Any]) -> None:
    """What a body must have; the structs leave it out so that all that is missing can be told at once."""
    lead = components["LeadIn"]
    lead["required"] = ["email", "phone", "category", "source"]
    lead["anyOf"] = [{"required": ["dealership_id"]}, {"required": ["dealership_slug"]}]
    components["LeadBody"]["examples"] = [EXAMPLE_BODY]


def _tell_decimals_as_numbers(schema: Any) -> None:  # noqa: ANN401
    """Amounts travel as numbers, to the digit; a decimal would be told as a text."""
    if isinstance(schema, list):
        for each in schema:
            _tell_decimals_as_numbers(each)
    elif isinstance(schema, dict):
        if schema.get("format") == "decimal":
            schema["type"] = "number"
            del schema["format"]
        for each in schema.values():
            _tell_decimals_as_numbers(each)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [_tag(route.path)],
        "responses": _responses(route),
    }
    if route.description:
        operation["description"] = route.description.strip()
    if route.permission:
        operation["description"] = (
            f"{operation.get('description', '')}\n\nPermission: `{route.permission}`.".strip()
        )
    if route.permission == "":
        operation["security"] = []
    if route.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in route.parameters]
    if route.body is not None:
        operation["requestBody"] = _body(route.body, optional=route.body_is_optional)
    if route.body_media:
        content = {media: {"schema": {"type": "string"}} for media in route.body_media}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(parameter: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"name": parameter.name, "in": parameter.place, "schema": parameter.schema}
    if parameter.description:
        told["description"] = parameter.description
    if parameter.place == "path":
        told["required"] = True
    return told


def _body(struct: type, *, optional: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REF.format(name=struct.__name__)}}
    if struct is LeadBody:
        content["example"] = EXAMPLE_BODY
    return {"required": not optional, "content": {"application/json": content}}


def _responses(route: Route) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for status, answer in route.answers.items():
        told[str(status)] = {"description": "The answer."} | _content(answer, route.media)
        if LeadOut in answer:
            told[str(status)]["headers"] = {
                "ETag": {"description": "The lead's version.", "schema": {"type": "string"}}
            }
    if any(parameter.name == "If-None-Match" for parameter in route.parameters):
        told["304"] = {"description": "The lead still has this ETag."}
    statuses = _OF_READING if route.method == "GET" else _OF_WRITING
    if route.permission == "":
        statuses = (503,)
    for status in statuses:
        told[str(status)] = {
            "description": _PROBLEMS[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": _REF.format(name="ProblemDocument")}}
            },
        }
    return told


def _content(structs: tuple[type, ...], media: str) -> dict[str, Any]:
    if not structs:
        return {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}
    schemas = [{"$ref": _REF.format(name=struct.__name__)} for struct in structs]
    return {
        "content": {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    }


def _tag(path: str) -> str:
    found = re.match(r"/api/v1/(?:dealerships/\{dealership\}/)?([a-z]+)", path)
    return _TAGS.get(found[1], "Dealerships") if found else "Server"


# The first word of an address below the dealership's -> where the reference tells it.
_TAGS = {
    "leads": "Leads",
    "adf": "ADF",
    "apikeys": "API keys",
    "lead": "Lead clusters",
    "webhooks": "Webhooks",
} | dict.fromkeys(("mail", "message", "messages", "notification"), "Mail and text messages")
