"""ADF's routes as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.adf import held, vendor_desk
from forecourt.adf.api import SENT_AS
from forecourt.adf.export import MEDIA
from forecourt.adf.report import AdfReportOut
from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import CURSOR, DEALERSHIP, LIMIT, WRITING
from forecourt.infra.routes import Parameter, Route
from forecourt.leads.create import PERMISSION as CREATE
from forecourt.leads.find import PERMISSION as READ

if TYPE_CHECKING:
    from forecourt.adf.api import Adf

_HELD = "/api/v1/adf/held"
_VENDORS = "/api/v1/dealerships/{dealership}/adf_vendors"
_LEAD_ID = Parameter("id", "The lead.", {"type": "integer", "minimum": 1}, "path")
_HELD_ID = Parameter("held_id", "What is held.", {"type": "integer", "minimum": 1}, "path")
_VENDOR_ID = Parameter("vendor_id", "The vendor.", {"type": "integer", "minimum": 1}, "path")
_DRY_RUN = Parameter("dry_run", "Only the report: nothing is written.", {"type": "boolean"})
_EXTENDED = Parameter(
    "extended",
    "Also elements that came with the lead and that ADF 1.0 does not know: the DTD does not hold them valid.",
    {"type": "boolean"},
)
_STATE = Parameter("state", "", {"type": "string", "enum": list(held.STATES), "default": "open"})
_IMPORT = """
An ADF 1.0 document, or a whole e-mail that holds one. Whatever can be read is read: repairs are named in `repairs`, breaches of
the DTD in `warnings`, and each prospect becomes a lead, updates the one that it is already, or waits in the holding inbox.
The same sent again is no second lead. An update needs the permission `update:lead` too.
"""
_ACCEPT = """
What is held becomes a lead of this dealership. With `remember`, which needs `manage:dealership`, its vendor is known from now on.
"""


def routes(adf: Adf) -> list[Route]:
    """This room's routes; they stand before the leads', whose `{id}` would take an `.adf` too."""
    return [*_documents(adf), *_holding(adf), *_vendors(adf)]


def _documents(adf: Adf) -> list[Route]:
    return [
        Route(
            "POST", "/api/v1/adf", adf.post_adf, "import_adf", "Import ADF", _IMPORT, permission=CREATE,
            parameters=(_DRY_RUN,), body_media=SENT_AS, answers={200: (AdfReportOut,)},
        ),
        Route(
            "GET", "/api/v1/leads/{id}.adf", adf.get_adf, "get_lead_as_adf", "Get a Lead as ADF",
            "As an ADF 1.0 document that its DTD holds valid.", permission=READ, parameters=(_LEAD_ID, _EXTENDED),
            answers={200: ()}, media=MEDIA,
        ),
    ]  # fmt: skip


def _holding(adf: Adf) -> list[Route]:
    return [
        Route(
            "GET", _HELD, adf.get_held_page, "list_held_adf", "List what is Held",
            "The holding inbox: prospects that fit no dealership of the key that sent them, and documents in which none was "
            "found. A key sees what it sent, and what was sent by keys with a dealership in common.",
            permission=READ, parameters=(_STATE, LIMIT, CURSOR), answers={200: (held.HeldPage,)},
        ),
        Route(
            "GET", f"{_HELD}/{{held_id}}", adf.get_held, "get_held_adf", "Get what is Held",
            "With the document itself.", permission=READ, parameters=(_HELD_ID,),
            answers={200: (held.HeldDocumentOut,)},
        ),
        Route(
            "POST", f"{_HELD}/{{held_id}}/accept", adf.post_accept, "accept_held_adf", "Accept what is Held", _ACCEPT,
            permission=CREATE, parameters=(_HELD_ID,), body=held.AcceptIn, answers={200: (held.AcceptedOut,)},
        ),
        Route(
            "DELETE", f"{_HELD}/{{held_id}}", adf.delete_held, "dismiss_held_adf", "Dismiss what is Held",
            "It is no lead; its content goes.", permission=CREATE, parameters=(_HELD_ID,),
            answers={200: (held.HeldOut,)},
        ),
    ]  # fmt: skip


def _vendors(adf: Adf) -> list[Route]:
    return [
        Route(
            "GET", _VENDORS, adf.get_vendors, "list_adf_vendors", "List the ADF Vendors",
            "What senders call the dealership, besides its name and slug.", permission=vendor_desk.READ,
            parameters=(DEALERSHIP,), answers={200: (vendor_desk.VendorsOut,)},
        ),
        Route(
            "POST", _VENDORS, adf.post_vendor, "add_adf_vendor", "Add an ADF Vendor",
            "A name, or an id with its source, by which prospects find this dealership.", permission=vendor_desk.MANAGE,
            parameters=(DEALERSHIP, *WRITING), body=vendor_desk.VendorBody,
            answers={200: (DryRunOut,), 201: (vendor_desk.VendorOut,)},
        ),
        Route(
            "DELETE", f"{_VENDORS}/{{vendor_id}}", adf.delete_vendor, "remove_adf_vendor", "Take an ADF Vendor off",
            permission=vendor_desk.MANAGE, parameters=(DEALERSHIP, _VENDOR_ID, *WRITING),
            answers={200: (vendor_desk.VendorsOut, DryRunOut)},
        ),
    ]  # fmt: skip
