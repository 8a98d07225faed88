"""The leads' routes as data: what is served, what the reference tells, what the access matrix tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt import vocabulary
from forecourt.infra.routes import Parameter, Route
from forecourt.leads import filters
from forecourt.leads.answers import DryRun, EventPage, LeadOut, LeadPage, Options
from forecourt.leads.create import PERMISSION as CREATE
from forecourt.leads.find import PERMISSION as READ
from forecourt.leads.schema import LeadBody
from forecourt.leads.update import PERMISSION as UPDATE

if TYPE_CHECKING:
    from forecourt.leads.api import Leads


_ID = Parameter("id", "The lead.", {"type": "integer", "minimum": 1}, "path")
_FILE_ID = Parameter("file_id", "The file.", {"type": "integer", "minimum": 1}, "path")
_REQUEST_ID = Parameter(
    "X-Request-Id",
    "Your name for the request, up to 128 letters, digits and `._:-`; comes back, and stands in the lead's "
    "history. Any other is replaced by one of ours.",
    {"type": "string"},
    "header",
)
_DRY_RUN = Parameter(
    "dry_run", "Everything but the write: the answer it would give and the changes.", {"type": "boolean"}
)
_KEY = Parameter(
    "Idempotency-Key",
    "Makes a retry safe: the same key and payload get the stored answer, with `Idempotency-Replay: true`. "
    "Scoped to your API key and the address, kept for 72 hours.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
    "header",
)
_IF_MATCH = Parameter(
    "If-Match",
    "Update only this version of the lead, as its ETag names it; otherwise 412.",
    {"type": "string", "pattern": '^("[0-9]+"|\\*)$'},
    "header",
)
_IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "Answer 304 where the lead still has this ETag.",
    {"type": "string", "pattern": '^("[0-9]+"|\\*)$'},
    "header",
)
_CURSOR = Parameter(
    "cursor", "The page after this one: `next_cursor` of the page before.", {"type": "string"}
)
_LIMIT = Parameter(
    "limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": filters.MOST, "default": 50}
)
_TIME = {"type": "string", "format": "date-time"}
FILTERS = (
    Parameter(
        "dealership",
        "Id or slug; may be repeated. All of the key's by default.",
        {"type": "array", "items": {"type": "string"}},
    ),
    Parameter("category", "", {"type": "string", "enum": list(vocabulary.CATEGORIES)}),
    Parameter("source", "", {"type": "string", "enum": list(vocabulary.SOURCES)}),
    Parameter("lead_state", "", {"type": "string", "enum": list(vocabulary.LEAD_STATES)}),
    Parameter("created_from", "Created then or later.", _TIME),
    Parameter("created_to", "Created before.", _TIME),
    Parameter("updated_from", "Changed then or later; in the order of the changes.", _TIME),
    Parameter("updated_to", "Last changed before.", _TIME),
    Parameter("email", "In any spelling of its case.", {"type": "string"}),
    Parameter("phone", "In any notation of the dealership's country.", {"type": "string"}),
    Parameter("tag", "", {"type": "string"}),
    Parameter("provider", "", {"type": "string"}),
    Parameter("provider_id", "", {"type": "string"}),
    Parameter("golden", "Whether its cluster is marked as golden.", {"type": "boolean"}),
    Parameter("sort", "", {"type": "string", "enum": list(filters.SORTS)}),
    _LIMIT,
    _CURSOR,
)

_PARTIAL = """
The update is partial: a field that is left out keeps its value, `null` clears it. Required as on every update
are `email`, `phone`, `category`, `source` and the dealership, by `dealership_id` or `dealership_slug`.
`address_attributes` is updated member by member; every other field is replaced by what was sent; files and
payments are added. Names that the contract does not know are kept under `extra` and told in `warnings`.

A lead can be updated for 72 hours after it was created.
"""


def routes(leads: Leads) -> list[Route]:
    """This room's routes; the fixed before the variable."""
    return [*_of_all(leads), *_of_one(leads)]


def _of_all(leads: Leads) -> list[Route]:
    return [
        Route(
            "GET",
            "/api/v1/leads/options",
            leads.get_options,
            "list_lead_options",
            "List the Allowed Values",
            "Every allowed value of every field that has a list, so that a form can be filled from it.",
            answers={200: (Options,)},
        ),
        Route(
            "POST",
            "/api/v1/leads",
            leads.post_lead,
            "create_lead",
            "Create Lead",
            "The same body as Update Lead, without an id. The lead joins the cluster of its customer.",
            permission=CREATE,
            parameters=(_DRY_RUN, _KEY, _REQUEST_ID),
            body=LeadBody,
            answers={200: (DryRun,), 201: (LeadOut,)},
        ),
        Route(
            "GET",
            "/api/v1/leads",
            leads.get_leads,
            "list_leads",
            "List Leads",
            "The leads of the key's dealerships, newest first, a page at a time.",
            permission=READ,
            parameters=FILTERS,
            answers={200: (LeadPage,)},
        ),
    ]


def _of_one(leads: Leads) -> list[Route]:
    return [
        Route(
            "PUT",
            "/api/v1/leads/{id}",
            leads.put_lead,
            "update_lead",
            "Update Lead",
            _PARTIAL,
            permission=UPDATE,
            parameters=(_ID, _DRY_RUN, _KEY, _IF_MATCH, _REQUEST_ID),
            body=LeadBody,
            answers={200: (LeadOut, DryRun)},
        ),
        Route(
            "GET",
            "/api/v1/leads/{id}",
            leads.get_lead,
            "get_lead",
            "Get Lead",
            permission=READ,
            parameters=(_ID, _IF_NONE_MATCH, _REQUEST_ID),
            answers={200: (LeadOut,)},
        ),
        Route(
            "GET",
            "/api/v1/leads/{id}/events",
            leads.get_events,
            "list_lead_events",
            "List a Lead's Events",
            "Its history, newest first: what changed from what to what, when, by which key and request.",
            permission=READ,
            parameters=(_ID, _LIMIT, _CURSOR),
            answers={200: (EventPage,)},
        ),
        Route(
            "GET",
            "/api/v1/leads/{id}/files/{file_id}",
            leads.get_file,
            "download_lead_file",
            "Download a Lead's File",
            permission=READ,
            parameters=(_ID, _FILE_ID),
            answers={200: ()},
        ),
    ]
