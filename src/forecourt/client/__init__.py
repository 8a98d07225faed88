"""The client of a Forecourt server: ``Forecourt`` blocks, ``AsyncForecourt`` is awaited; docs/client.md has examples.

It is made of the server's own structs, and imports nothing else of the server.
"""

from __future__ import annotations

from forecourt.access.answers import KeyOut
from forecourt.client import webhooks
from forecourt.client.answers import Change, Lead, LeadClusterDryRun, LeadDryRun, LeadEvent, LeadPreview
from forecourt.client.attachments import attachment
from forecourt.client.awaited import AsyncForecourt
from forecourt.client.blocking import Forecourt
from forecourt.client.errors import (
    BadRequest,
    Conflict,
    Erased,
    ForecourtError,
    IdempotencyKeyReused,
    InFlight,
    Invalid,
    LeadTooOld,
    NotFound,
    PermissionMissing,
    RateLimited,
    Refused,
    TooLarge,
    TooSlow,
    Unauthorised,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
    VersionMismatch,
)
from forecourt.client.fields import (
    Address,
    Car,
    Contact,
    LeadClusterFields,
    LeadClusterFilters,
    LeadFields,
    LeadFilters,
    Payment,
)
from forecourt.clusters.answers import LeadClusterOut
from forecourt.infra.problems import ProblemDocument
from forecourt.infra.refusals import Problem
from forecourt.leads.answers import LeadFileOut, Options, PaymentOut, Warned
from forecourt.leads.schema import AddressIn, LeadFileIn, LeadIn, PaymentIn

__all__ = [
    "Address",
    "AddressIn",
    "AsyncForecourt",
    "BadRequest",
    "Car",
    "Change",
    "Conflict",
    "Contact",
    "Erased",
    "Forecourt",
    "ForecourtError",
    "IdempotencyKeyReused",
    "InFlight",
    "Invalid",
    "KeyOut",
    "Lead",
    "LeadClusterDryRun",
    "LeadClusterFields",
    "LeadClusterFilters",
    "LeadClusterOut",
    "LeadDryRun",
    "LeadEvent",
    "LeadFields",
    "LeadFileIn",
    "LeadFileOut",
    "LeadFilters",
    "LeadIn",
    "LeadPreview",
    "LeadTooOld",
    "NotFound",
    "Options",
    "Payment",
    "PaymentIn",
    "PaymentOut",
    "PermissionMissing",
    "Problem",
    "ProblemDocument",
    "RateLimited",
    "Refused",
    "TooLarge",
    "TooSlow",
    "Unauthorised",
    "Unavailable",
    "UnexpectedAnswer",
    "Unreachable",
    "VersionMismatch",
    "Warned",
    "attachment",
    "webhooks",
]
