"""An appointment as a calendar file (RFC 5545), for whatever calendar somebody keeps. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecourt.screens.appointments.records import Booked

# In bytes, the line's own end not counted.
_LONGEST_LINE = 75
_STATUS = {"cancelled": "CANCELLED", "interest_registered": "TENTATIVE"}


def calendar_of(booked: Booked, starts_at: datetime, public_url: str) -> bytes:
    """The file.

    Args:
        booked: the appointment.
        starts_at: when it begins.
        public_url: where people reach the server, without a slash at the end.
    """
    host = public_url.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"
    where = ", ".join(part for part in (booked.location or booked.dealership_name, booked.address) if part)
    page = f"{public_url}/dealerships/{booked.dealership_slug}/lead_clusters/{booked.lead_cluster_id}"
    details = "\n".join(
        part for part in (booked.note, f"With {booked.user}" if booked.user else None, page) if part
    )
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Forecourt//Appointments//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:appointment-{booked.id}@{host}",
        f"SEQUENCE:{booked.version}",
        f"DTSTAMP:{_utc(booked.updated_at)}",
        f"DTSTART:{_utc(starts_at)}",
        f"DTEND:{_utc(starts_at + timedelta(minutes=booked.length_in_minutes))}",
        f"SUMMARY:{escaped(_summary(booked))}",
        f"LOCATION:{escaped(where)}",
        f"DESCRIPTION:{escaped(details)}",
        f"STATUS:{_STATUS.get(booked.status, 'CONFIRMED')}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """A text as it stands in a line (RFC 5545, 3.3.11); what cannot be seen is left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(letter for letter in text if letter == "\n" or letter.isprintable())
    for letter, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(letter, written)
    return text


def folded(line: str) -> bytes:
    """A line in pieces that are short enough (RFC 5545, 3.1); no letter is cut in two."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > _LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def _summary(booked: Booked) -> str:
    what = f"{booked.purpose}: {booked.customer}"
    return f"{what}, {booked.car}" if booked.car else what


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
