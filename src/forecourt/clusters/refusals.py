"""Why we say no about a lead cluster."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class LeadClusterNotFound(Refusal):
    """There is no such cluster in the dealership, or the key does not hold it: nobody can tell which."""

    code = "lead-cluster-not-found"
    title = "Lead cluster NOT found"


class ClusterWasMerged(Refusal):
    """The cluster is part of another one already."""

    code = "cluster-was-merged"
    title = "The lead cluster was merged already"


class MergeNotFound(Refusal):
    """There is no merge of these two that could be taken back."""

    code = "merge-not-found"
    title = "There is no such merge"


class MergeTooOld(Refusal):
    """A merge can be taken back for 30 days."""

    code = "merge-too-old"
    title = "The merge is more than 30 days old"
