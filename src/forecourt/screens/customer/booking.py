"""The form in which an appointment is booked or moved, as it is filled in. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from forecourt.infra.refusals import Problem
from forecourt.screens.customer.records import Named, Sheet
from forecourt.screens.shown import clock, day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.appointments.schema import AppointmentOut

_FIRST_HOUR, _LAST_HOUR = 9, 16


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form, as text."""

    purpose: str = "Test Drive"
    day: str = ""
    at: str = ""
    length: str = "30"
    car: str = ""
    stocknum: str = ""
    user: str = ""
    location: str = ""
    note: str = ""


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """The form.

    Attributes:
        id: of the appointment that is moved; None for a new one.
        version: likewise.
        problems: why it did not fit.
        next_free: when the car is free next, as it is sent.
    """

    values: Filled
    cars: list[Named]
    id: int | None = None
    version: int | None = None
    problems: tuple[Problem, ...] = ()
    next_free: str | None = None
    next_free_told: str | None = None


def blank(sheet: Sheet) -> Booking:
    """A new one: the next full hour, with the customer's car, whoever answers for them and where they are."""
    start = _next_hour(sheet.now, sheet.timezone)
    first = sheet.cars[0].id if sheet.cars else ""
    values = Filled(
        purpose="Test Drive" if sheet.cars else "Appointment",
        day=f"{start:%Y-%m-%d}",
        at=f"{start:%H:%M}",
        car=str(first),
        user=str(sheet.cluster.user_id or ""),
        location=str(sheet.cluster.location_id or ""),
    )
    return Booking(values=values, cars=_cars(sheet))


def of_appointment(sheet: Sheet, one: AppointmentOut) -> Booking:
    """One that is there, to be moved."""
    day_at = (one.starts_at or " ").split(" ")
    values = Filled(
        purpose=one.purpose,
        day=day_at[0],
        at=day_at[1][:5],
        length=str(one.length_in_minutes),
        car=str(one.car_id or ""),
        user=str(one.user_id or ""),
        location=str(one.location_id or ""),
        note=one.note or "",
    )
    return Booking(values=values, cars=_cars(sheet, one), id=one.id, version=one.version)


def refilled(
    booking: Booking, form: Mapping[str, Any], problems: tuple[Problem, ...], timezone: str
) -> Booking:
    """*booking* with what was sent and did not fit; where the car is not free, the next time at which it is."""
    sent = {name: str(form.get(name, "")) for name in Filled.__struct_fields__}
    next_free = next(
        (
            problem.allowed[0]
            for problem in problems
            if problem.field.endswith("starts_at") and problem.allowed
        ),
        None,
    )
    told = None
    if next_free is not None:
        moment = datetime.fromisoformat(next_free).replace(tzinfo=ZoneInfo(timezone))
        told = f"{day(moment, timezone)}, {clock(moment, timezone)}"
        problems = ()
    return msgspec.structs.replace(
        booking, values=Filled(**sent), problems=problems, next_free=next_free, next_free_told=told
    )


def _next_hour(now: datetime, timezone: str) -> datetime:
    local = now.astimezone(ZoneInfo(timezone)).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if local.hour < _FIRST_HOUR:
        return local.replace(hour=_FIRST_HOUR)
    return local if local.hour <= _LAST_HOUR else (local + timedelta(days=1)).replace(hour=_FIRST_HOUR)


def _cars(sheet: Sheet, one: AppointmentOut | None = None) -> list[Named]:
    cars = [
        Named(id=car.id, name=f"{car.shown_name} ({car.stocknum})" if car.stocknum else car.shown_name)
        for car in sheet.cars
    ]
    if one is not None and one.car_id is not None and one.car_id not in {car.id for car in cars}:
        cars.append(Named(id=one.car_id, name=one.car_for_test_drive or f"no. {one.car_id}"))
    return cars
