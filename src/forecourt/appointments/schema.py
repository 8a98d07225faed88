"""What travels: appointments, under the names that the platform's lead export (v3) has for them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta

from forecourt.infra.refusals import Refusal
from forecourt.infra.sent import Id, Line, Sent, Text

PURPOSES = ("Test Drive", "Appointment")
STATUSES = ("pending", "completed", "cancelled", "no-show", "interest_registered")

Purpose: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(PURPOSES)})]
Status: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(STATUSES)})]
Minutes: TypeAlias = Annotated[int, Meta(ge=5, le=1440)]


class AppointmentNotFound(Refusal):
    """There is no such appointment in the dealership, or the key does not hold it: nobody can tell which."""

    code = "appointment-not-found"
    title = "Appointment NOT found"


class CarNotFree(Refusal):
    """Somebody else drives the car then; ``allowed`` of the problem is when it is free next."""

    code = "car-not-free"
    title = "The car is not free then"


class AppointmentIn(msgspec.Struct, kw_only=True, frozen=True):
    """An appointment, as it is booked or changed. A field left out keeps its value.

    Attributes:
        purpose: ``Test Drive`` or ``Appointment``.
        starts_at: ``YYYY-MM-DD HH:MM:SS`` by the dealership's clock, or a time with its offset; may be missing where
            the customer has only registered interest.
        length_in_minutes: 30 where it was never said.
        status: ``pending``, ``completed``, ``cancelled``, ``no-show`` or ``interest_registered``.
        outcome: what came of it, in words.
        by_user_id: the user of the staff who did this.
    """

    purpose: Sent[Purpose] = UNSET
    starts_at: Sent[Line] = UNSET
    length_in_minutes: Sent[Minutes] = UNSET
    location_id: Sent[Id] = UNSET
    user_id: Sent[Id] = UNSET
    car_id: Sent[Id] = UNSET
    status: Sent[Status] = UNSET
    outcome: Sent[Line] = UNSET
    note: Sent[Text] = UNSET
    ai_generated: Sent[bool] = UNSET
    by_user_id: Sent[Id] = UNSET


class AppointmentBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body that books or changes an appointment."""

    appointment: AppointmentIn


class AppointmentOut(msgspec.Struct, kw_only=True):
    """An appointment.

    Attributes:
        starts_at: ``YYYY-MM-DD HH:MM:SS`` by the dealership's clock.
        starts_at_instant: the same moment, RFC 3339.
        car_for_test_drive: the car's display name.
        warnings: what was taken in this request, but not as the sender may think.
    """

    id: int
    lead_cluster_id: int
    version: int
    purpose: str
    starts_at: str | None
    starts_at_instant: datetime | None
    length_in_minutes: int
    location_id: int | None
    user_id: int | None
    car_id: int | None
    car_for_test_drive: str | None
    status: str
    outcome: str | None
    note: str | None
    ai_generated: bool
    created_at: datetime
    updated_at: datetime
    warnings: list[str] = []


class AppointmentsOut(msgspec.Struct, frozen=True):
    """All appointments of a cluster, the earliest in front."""

    appointments: list[AppointmentOut]


class AppointmentPage(msgspec.Struct, frozen=True):
    """A page of the diary, the earliest in front."""

    appointments: list[AppointmentOut]
    next_cursor: str | None
