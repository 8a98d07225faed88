"""Why we say no about a lead."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class LeadNotFound(Refusal):
    """There is no such lead, or it belongs to a dealership that the key does not hold: nobody can tell which."""

    code = "lead-not-found"
    title = "Lead NOT found"
    error = "Lead NOT found"


class LeadTooOld(Refusal):
    """The lead was created more than 72 hours ago, by the database's clock."""

    code = "lead-too-old"
    title = "Cannot update lead older than 3 days"
    error = "Cannot update lead older than 3 days"


class FileNotFound(Refusal):
    """The lead has no such file."""

    code = "file-not-found"
    title = "File NOT found"
