"""What an export of lead clusters tells of each: the customer, how it stands, who answers and how soon.

Names are those of the answer, with a dot between a thing and what it has. ``timezone``, ``location_name`` and what begins
with ``last_lead_`` and has no date are not in it: a sheet has to say by itself what a program would look up.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from forecourt.exports.cells import Told, field, moment, several


def _dob(row: Told) -> date | None:
    # The answer has the contract's text.
    text: str | None = row["contact"].dob
    return None if text is None else datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone


def _points(kind: str) -> Any:  # noqa: ANN401
    return lambda row: [point.value for point in getattr(row["contact"], kind)]


FIELDS = (
    field("id", 10),
    field("dealership_id", 13),
    field("dealership_slug", 20),
    field("timezone", 20),
    moment("first_lead_created_at"),
    moment("last_lead_created_at"),
    field("lead_count", 11),
    field("last_lead_id", 12),
    field("last_lead_category", 22),
    field("last_lead_source", 16),
    field("lead_state", 12),
    field("lead_status_option.name", 22),
    field("golden", 8),
    field("contact.id", 10),
    field("contact.name", 18),
    field("contact.last_name", 18),
    field("contact.business_name", 18),
    several("contact.emails", 28, of=_points("emails")),
    several("contact.phones", 18, of=_points("phones")),
    field("contact.dob", 12, of=_dob),
    field("contact.customer_address", 30),
    field("contact.address_attributes.street", 24),
    field("contact.address_attributes.city", 16),
    field("contact.address_attributes.state", 10),
    field("contact.address_attributes.state_long", 16),
    field("contact.address_attributes.postcode", 10),
    field("contact.address_attributes.country", 14),
    field("contact.sms_verified", 12),
    field("contact.opt_in_to_marketing", 19),
    moment("contact.erased_at"),
    field("user_id", 10),
    field("user.name", 18),
    field("user.email", 28),
    field("secondary_user_id", 16),
    field("secondary_user.name", 18),
    field("location_id", 12),
    field("location_name", 18),
    several("car_lead_clusters.name", 30, of=lambda row: [car.name or car.stocknum for car in row["car_lead_clusters"]]),
    several("car_ids"),
    several("tags"),
    moment("waiting_since"),
    field("first_response_seconds", 14),
    field("first_response_business_seconds", 14),
    moment("response_clock.answered_at"),
    field("response_clock.answered_by", 14),
    field("response_clock.target_minutes", 14),
    field("response_clock.overdue_minutes", 14),
    moment("response_clock.due_at"),
    moment("response_clock.overdue_at"),
    field("response_clock.overdue", 14),
    field("approved", 10),
    moment("approved_at"),
    field("approver.user.name", 18),
    moment("closed_at"),
    field("earlier_lead_cluster_id", 14),
    several("merged_lead_cluster_ids"),
    field("possible_duplicates", 14),
    moment("created_at"),
    moment("updated_at"),
    field("version", 8),
)  # fmt: skip
