"""A made-up customer: what a test sends, and what the reference and the docs show."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from forecourt.adf.mapping import Recipient
from forecourt.adf.telling import Car, ToldLead
from forecourt.leads.answers import LeadFileOut, PaymentOut
from forecourt.webhooks.cluster_export import ClusterExport, ContactTold, LeadEventTold, LeadTold
from forecourt.webhooks.envelope import ClusterSnapshot, EventEnvelope, LeadSnapshot, WhoTold
from forecourt.webhooks.lead_export import (
    EXPORTS,
    CarTold,
    LeadExportV1,
    LeadExportV3,
    LocationTold,
    PersonTold,
    TestDriveTold,
    WebsiteTold,
)

_CAME = datetime(2027, 1, 4, 23, 5, tzinfo=UTC)
_CHANGED = datetime(2027, 1, 4, 23, 7, 30, tzinfo=UTC)
_SAM = PersonTold(id=5, name="Sam Taylor", email="sam@example.com")
_ADDRESS = msgspec.Raw(b'{"street":"123 Fake Street","city":"Melbourne","state":"VIC","postcode":3000}')
_NULL = msgspec.Raw(b"null")

_LEAD = LeadExportV3(
    id=196,
    dealership_id=1,
    dealership_slug="test-dealer",
    lead_cluster_id=87,
    name="Test",
    last_name="Lead",
    email="test@example.com",
    phone="0491 570 156",
    message="This is a test.",
    dob="01/01/1980",
    customer_address="123 Fake Street",
    category="Test Drive Booking",
    source="Website",
    marketing_source="Organic",
    website_id=7,
    website_slug="example-website",
    page_id=None,
    location_id=12,
    car_id=9,
    stocknum="3210",
    model_id=None,
    model_variant_id=None,
    colour_id=None,
    team_member_id=None,
    user_email="sam@example.com",
    provider="Provider A",
    provider_id="1234",
    certified=None,
    golden=False,
    lead_state="new",
    sms_verified=None,
    tags=["tag1"],
    opt_in_to_marketing=True,
    send_customer_email=False,
    delay_customer_email_minutes=None,
    delay_dealership_notification_minutes=None,
    time_on_site_seconds=180,
    time_to_submit_seconds=42,
    address_attributes=_ADDRESS,
    fields=msgspec.Raw(b'{"Trade-in":"2015 Corolla"}'),
    created_at=_CAME,
    updated_at=_CHANGED,
    version=2,
    phone_e164="+61491570156",
    opt_in_to_marketing_at=_CAME,
    user_id=5,
    car=CarTold(
        id=9,
        stocknum="3210",
        name="2026 Ford Ranger XLT",
        make="Ford",
        model="Ranger",
        badge="XLT",
        year=2026,
        colour="Red",
        condition="New",
        price=68990.0,
    ),
    model=None,
    model_variant=None,
    colour=None,
    location=LocationTold(id=12, name="Showroom", location_type="sales"),
    website=WebsiteTold(id=7, slug="example-website", name="Example", url="https://www.example.com"),
    page=None,
    team_member=None,
    assigned_user=_SAM,
    secondary_user=None,
    payment_attributes=PaymentOut(3, Decimal("500.00"), 9, 1, "tx_1", _CAME),
    payments=[PaymentOut(3, Decimal("500.00"), 9, 1, "tx_1", _CAME)],
    lead_files_attributes=[
        LeadFileOut(
            4,
            "other",
            "licence.pdf",
            "application/pdf",
            20_480,
            "9f" * 32,
            _CAME,
            "/api/v1/leads/196/files/4",
        )
    ],
    charge_breakdown=msgspec.Raw(b'{"total":{"amount":500}}'),
    extra=_NULL,
    appointments=[
        TestDriveTold(
            id=31,
            ai_generated=False,
            user_id=5,
            starts_at="2027-01-08 10:00:00",
            status="pending",
            length_in_minutes=30,
            note=None,
            location_id=12,
            car_for_test_drive="2026 Ford Ranger XLT",
        )
    ],
    has_test_drives=True,
)

_CHANGES = msgspec.Raw(
    b'{"message":{"from":null,"to":"This is a test."},"lead_state":{"from":null,"to":"new"}}'
)


def adf(dealership_id: int, dealership_slug: str) -> ToldLead:
    """The same lead, as ADF tells it."""
    return ToldLead(
        id=_LEAD.id,
        recipient=Recipient(
            id=dealership_id,
            slug=dealership_slug,
            name="Test Dealer",
            country="AU",
            timezone="Australia/Melbourne",
            phone=None,
            email=None,
        ),
        created_at=_CAME,
        name=_LEAD.name,
        last_name=_LEAD.last_name,
        email=_LEAD.email,
        phone=_LEAD.phone,
        message=_LEAD.message,
        category=_LEAD.category,
        source=_LEAD.source,
        provider=_LEAD.provider,
        provider_id=_LEAD.provider_id,
        stocknum=_LEAD.stocknum,
        address_attributes=msgspec.json.decode(_ADDRESS),
        fields=msgspec.json.decode(_LEAD.fields),
        car=Car(
            year=2026,
            make="Ford",
            model="Ranger",
            badge="XLT",
            stocknum="3210",
            colour="Red",
            condition="new",
            price="68990.00",
        ),
    )


def lead(schema: str, dealership_id: int, dealership_slug: str) -> LeadExportV1:
    """A lead of that dealership in the form of *schema*: ``v1``, ``v2`` or ``v3``."""
    export = EXPORTS[schema]
    values: dict[str, Any] = {name: getattr(_LEAD, name) for name in export.__struct_fields__}
    return export(**values | {"dealership_id": dealership_id, "dealership_slug": dealership_slug})


def cluster(dealership_id: int, provider: str) -> ClusterExport:
    """The lead cluster of that lead."""
    return ClusterExport(
        id=_LEAD.lead_cluster_id,
        dealership_id=dealership_id,
        provider=provider,
        status="new",
        contact=ContactTold(
            id=87,
            business_name=None,
            name=_LEAD.name,
            last_name=_LEAD.last_name,
            email=_LEAD.email,
            phone=_LEAD.phone_e164,
            emails=["test@example.com"],
            phones=["+61491570156"],
            dob=_LEAD.dob,
            customer_address=_LEAD.customer_address,
            address_attributes=_ADDRESS,
            sms_verified=False,
            opt_in_to_marketing=True,
            erased=False,
        ),
        approver=None,
        assigned_salesperson=_SAM,
        created=_CAME,
        modified=_CHANGED,
        first_lead_created_at=_CAME,
        last_lead_created_at=_CAME,
        leads=[LeadTold(**{name: getattr(_LEAD, name) for name in LeadTold.__struct_fields__})],
        lead_events=[
            LeadEventTold(
                id=1024,
                type="lead.updated",
                occurred_at=_CHANGED,
                lead_id=_LEAD.id,
                other_lead_cluster_id=None,
                user_id=None,
                changes=_CHANGES,
            )
        ],
    )


def event(dealership_id: int, dealership_slug: str, event_id: int) -> EventEnvelope:
    """A test, told as an event: about that lead."""
    return EventEnvelope(
        id=event_id,
        type="test",
        kind="webhook.tested",
        occurred_at=_CHANGED,
        dealership_id=dealership_id,
        dealership_slug=dealership_slug,
        lead_id=_LEAD.id,
        lead_cluster_id=_LEAD.lead_cluster_id,
        other_lead_cluster_id=None,
        request_id="req_5b41",
        api_key=WhoTold(2, "website"),
        user=None,
        changes=_CHANGES,
        lead=LeadSnapshot(**{name: getattr(_LEAD, name) for name in LeadSnapshot.__struct_fields__}),
        lead_cluster=ClusterSnapshot(
            id=_LEAD.lead_cluster_id,
            version=3,
            golden=False,
            tags=["tag1"],
            user_id=5,
            location_id=12,
            lead_state="new",
            contact_id=87,
            name=_LEAD.name,
            last_name=_LEAD.last_name,
            emails=["test@example.com"],
            phones=["+61491570156"],
            waiting_since=_CAME,
            first_lead_created_at=_CAME,
            last_lead_created_at=_CAME,
            merged_into_id=None,
        ),
    )
