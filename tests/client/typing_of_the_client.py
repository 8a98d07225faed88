"""What a type checker knows of the client: read by mypy, which also misses each mistake that is not one any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from forecourt.client import (
    AsyncForecourt,
    Change,
    Forecourt,
    KeyOut,
    Lead,
    LeadClusterDryRun,
    LeadClusterOut,
    LeadDryRun,
    LeadEvent,
    Options,
)


def of_blocking_calls(forecourt: Forecourt) -> None:
    """The blocking client."""
    leads, clusters = forecourt.leads, forecourt.dealership("brisbane-motors").lead_clusters
    lead = leads.create(email="mia@example.com", category="Test Drive Booking", tags=["fleet"])
    assert_type(lead, Lead)
    assert_type(lead.id, int)
    assert_type(leads.update(lead.id, lead_state="converted", if_match=lead.version), Lead)
    assert_type(leads.update(lead.id, name=None, dry_run=True), LeadDryRun)
    assert_type(leads.update(lead.id, dry_run=True).changes["name"], Change)
    assert_type(leads.list(golden=True, sort="-updated_at"), Iterator[Lead])
    assert_type(leads.events(lead.id), Iterator[LeadEvent])
    assert_type(leads.options(), Options)
    assert_type(forecourt.api_key(), KeyOut)
    assert_type(clusters.get(1), LeadClusterOut)
    assert_type(clusters.list(waiting=True), Iterator[LeadClusterOut])
    assert_type(clusters.update(1, contact={"name": "Mia"}, dry_run=True), LeadClusterDryRun)
    assert_type(clusters.merge(1, 2, fields={"name": 2}), LeadClusterOut)


async def of_awaited_calls(forecourt: AsyncForecourt) -> None:
    """The awaited one."""
    leads, clusters = forecourt.leads, forecourt.dealership(1).lead_clusters
    assert_type(await leads.create(email="mia@example.com"), Lead)
    assert_type(await leads.update(1, golden=True, dry_run=True), LeadDryRun)
    assert_type(leads.list(source="Website"), AsyncIterator[Lead])
    assert_type(leads.events(1), AsyncIterator[LeadEvent])
    assert_type(await clusters.unmerge(1, 2), LeadClusterOut)


def of_mistakes(forecourt: Forecourt) -> None:
    """Each is found before anything is sent."""
    forecourt.leads.update(1, lead_stat="converted")  # type: ignore[call-overload]
    forecourt.leads.update(1, lead_state="convertd")  # type: ignore[call-overload]
    forecourt.leads.update(1, email=None)  # type: ignore[call-overload]
    forecourt.leads.update("1", name="Mia")  # type: ignore[call-overload]
    forecourt.leads.create(address_attributes={"town": "Darwin"})  # type: ignore[call-overload]
    forecourt.leads.list(state="new")  # type: ignore[call-arg]
    forecourt.dealership("x").lead_clusters.merge(1)  # type: ignore[call-overload]
