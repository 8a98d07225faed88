"""Why we say no about a lead cluster."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class LeadClusterNotFound(Refusal):
    """There is no such cluster in the dealership, or the key does not hold it: nobody can tell which."""

    code = "lead-cluster-not-found"
    title = "Lead cluster NOT found"
