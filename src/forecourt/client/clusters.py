"""The calls about the lead clusters of one dealership."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack, overload

from forecourt.client.answers import LeadClusterDryRun, LeadClusterPage
from forecourt.client.calls import Api, Pages, Steps
from forecourt.clusters.answers import LeadClusterOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.client.fields import LeadClusterFields, LeadClusterFilters


def get(api: Api, lead_cluster_id: int) -> Steps[LeadClusterOut]:
    """A lead cluster, whole; of a merged one, the survivor."""
    return api.read(f"/{lead_cluster_id:d}", LeadClusterOut)


def each(
    api: Api, *, page_size: int | None = None, **filters: Unpack[LeadClusterFilters]
) -> Pages[LeadClusterOut]:
    """The dealership's lead clusters, the latest enquiry first; read page by page, as far as you go.

    Args:
        page_size: how many are read at once, 1 to 200.
        filters: which clusters, and in which order.
    """
    return Pages(api, "", LeadClusterPage, filters, page_size)


@overload
def update(
    api: Api,
    lead_cluster_id: int,
    *,
    if_match: int | str | None = None,
    dry_run: Literal[False] = False,
    idempotency_key: str | None = None,
    **fields: Unpack[LeadClusterFields],
) -> Steps[LeadClusterOut]: ...
@overload
def update(
    api: Api,
    lead_cluster_id: int,
    *,
    if_match: int | str | None = None,
    dry_run: Literal[True],
    idempotency_key: str | None = None,
    **fields: Unpack[LeadClusterFields],
) -> Steps[LeadClusterDryRun]: ...
def update(
    api: Api,
    lead_cluster_id: int,
    *,
    if_match: int | str | None = None,
    dry_run: bool = False,
    idempotency_key: str | None = None,
    **fields: Unpack[LeadClusterFields],
) -> Steps[LeadClusterOut | LeadClusterDryRun]:
    """Update a lead cluster by hand: a field left out keeps its value.

    Args:
        lead_cluster_id: of the cluster; a merged one's updates go to its survivor.
        if_match: the version, or entity tag, that you have seen; another one is refused.
        dry_run: write nothing, and tell what would change.
        idempotency_key: one that you keep, where the call may be repeated after a restart.
        fields: what to set.
    """
    answer: type[LeadClusterOut | LeadClusterDryRun] = LeadClusterDryRun if dry_run else LeadClusterOut
    return api.write(
        "PUT",
        f"/{lead_cluster_id:d}",
        {"lead_cluster": fields},
        answer,
        dry_run=dry_run,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )


@overload
def merge(
    api: Api,
    survivor_id: int,
    other_id: int,
    *,
    fields: Mapping[str, int] | None = None,
    dry_run: Literal[False] = False,
    idempotency_key: str | None = None,
) -> Steps[LeadClusterOut]: ...
@overload
def merge(
    api: Api,
    survivor_id: int,
    other_id: int,
    *,
    fields: Mapping[str, int] | None = None,
    dry_run: Literal[True],
    idempotency_key: str | None = None,
) -> Steps[LeadClusterDryRun]: ...
def merge(
    api: Api,
    survivor_id: int,
    other_id: int,
    *,
    fields: Mapping[str, int] | None = None,
    dry_run: bool = False,
    idempotency_key: str | None = None,
) -> Steps[LeadClusterOut | LeadClusterDryRun]:
    """Merge another cluster into this one, which survives and is answered.

    Args:
        survivor_id: of the cluster that takes the other's leads.
        other_id: of the other; it keeps answering.
        fields: field -> id of the cluster whose value is taken; of the rest, the newest that is not empty.
        dry_run: write nothing, and tell what would change.
        idempotency_key: one that you keep, where the call may be repeated after a restart.
    """
    answer: type[LeadClusterOut | LeadClusterDryRun] = LeadClusterDryRun if dry_run else LeadClusterOut
    return api.write(
        "POST",
        f"/{survivor_id:d}/merge",
        {"lead_cluster_id": other_id, "fields": dict(fields or {})},
        answer,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )


def unmerge(
    api: Api, survivor_id: int, other_id: int, *, idempotency_key: str | None = None
) -> Steps[LeadClusterOut]:
    """Take a merge back, for 30 days: everything as it was; the survivor is answered.

    Args:
        survivor_id: of the cluster that had taken the other's leads.
        other_id: of the other.
        idempotency_key: one that you keep, where the call may be repeated after a restart.
    """
    return api.write(
        "POST",
        f"/{survivor_id:d}/unmerge",
        {"lead_cluster_id": other_id},
        LeadClusterOut,
        idempotency_key=idempotency_key,
    )
