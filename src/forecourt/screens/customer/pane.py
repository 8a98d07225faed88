"""The pane: a customer as the templates show them, read in one go."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import msgspec

from forecourt.appointments.schema import AppointmentOut
from forecourt.clusters.answers import PointOut
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.contacts.phone import takes_texts
from forecourt.dealerships.desk import id_in
from forecourt.screens.customer import timeline
from forecourt.screens.customer.booking import Booking, blank
from forecourt.screens.customer.compose import MEDIA, Template
from forecourt.screens.customer.facts import Charge, Fact, charges, facts, free
from forecourt.screens.customer.fields import FIELDS
from forecourt.screens.customer.hours import Preset, clock_in_words, presets
from forecourt.screens.customer.provenance import Disputed, Saying, disputes, sayings
from forecourt.screens.customer.records import Enquiry, Sheet
from forecourt.screens.customer.sheet import LATEST, read_whole
from forecourt.screens.customer.timeline import Day

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.messages.sender import Sender
    from forecourt.screens.customer.sheet import Whole
    from forecourt.screens.customer.timeline import Entry
    from forecourt.screens.visit import Visit

READ = "read:lead_cluster"
WRITE = "update:lead_cluster"
_OF_CONTACT = ("name", "last_name", "business_name", "dob", "customer_address", "address")


class EnquiryShown(msgspec.Struct, frozen=True, kw_only=True):
    """An enquiry with everything that it says."""

    enquiry: Enquiry
    facts: list[Fact]
    fields: list[Fact]
    extra: list[Fact]
    charges: list[Charge]


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the customer that can be changed in place.

    Attributes:
        field: its name in the address.
        value: as a form holds it.
        sayings: who said what, the latest in front.
    """

    field: str
    label: str
    value: str
    sayings: list[Saying]


class Pane(msgspec.Struct, frozen=True, kw_only=True):
    """What the pane shows.

    Attributes:
        asked: the latest enquiry that says something; None where none does.
        kind: of what the timeline shows alone; None for everything.
        whole: whether the timeline goes back to the beginning.
        may_write: whether the visitor may do more than look.
        was: field -> what it is, for the forms that change it.
        query: of the page's address: which list it stands beside, what the timeline shows.
        step: which bar is open: ``follow_up``, ``visit``, ``book`` or none.
        writing: which of the three is being written, ``email``, ``sms`` or ``note``.
        reply_by: how the customer was last reached, or can be.
        mobiles: the customer's numbers that take text messages.
        is_long: whether the timeline has more than it shows.
    """

    sheet: Sheet
    enquiries: list[EnquiryShown]
    appointments: list[AppointmentOut]
    asked: Enquiry | None
    days: list[Day]
    counts: dict[str, int]
    kind: str | None
    whole: bool
    disputes: list[Disputed]
    contact: list[FieldShown]
    was: dict[str, str]
    clock_words: str
    presets: list[Preset]
    may_write: bool
    now: datetime
    query: str
    step: str
    writing: str
    reply_by: str
    templates: list[Template]
    sms_sender: str
    mobiles: list[PointOut]
    booking: Booking
    is_long: bool

    @property
    def id(self) -> int:
        """Of the cluster."""
        return self.sheet.id

    @property
    def address(self) -> str:
        """Of the page."""
        return self.sheet.address

    def shown_as(self, name: str, value: str | None) -> str:
        """The query of the page's address with a parameter changed, its question mark included."""
        asked = {
            key: said
            for key, said in parse_qsl(self.query)
            if key not in {name, "write", "said", "n", "done"}
        }
        query = urlencode(asked | ({name: value} if value else {}))
        return f"?{query}" if query else ""

    @property
    def kinds(self) -> dict[str, str]:
        """What the timeline can show alone, with its name."""
        return {kind: name for kind, name in timeline.KINDS.items() if self.counts[kind]}


def cluster_in(visit: Visit) -> int:
    """The cluster that the address names.

    Raises:
        LeadClusterNotFound: it is no id.
    """
    return id_in(visit.call.path, "id", LeadClusterNotFound)


def place_in(visit: Visit, permission: str) -> Membership:
    """The dealership that the address names.

    Raises:
        DealershipNotFound: there is none, or the visitor is nobody there.
        PermissionMissing: their role does not give *permission* there.
    """
    return visit.place(visit.call.path["dealership"], permission)


async def read_pane(visit: Visit, place: Membership, lead_cluster_id: int, query: str) -> Pane:
    """The customer as the visitor sees them.

    Args:
        visit: who looks.
        place: where.
        lead_cluster_id: who; of a merged one the survivor.
        query: of the page's address: what the timeline shows.

    Raises:
        LeadClusterNotFound: there is none.
    """
    everything = dict(parse_qsl(query)).get("all") == "yes"
    async with visit.database.connection() as connection:
        whole = await read_whole(
            connection, place.dealership_id, lead_cluster_id, visit.who.user_id, everything=everything
        )
    sender: Sender = visit.building.sender
    return pane_of(whole, query, may_write=place.may(WRITE), sms_sender=sender.sms_sender)


def pane_of(whole: Whole, query: str, *, may_write: bool, sms_sender: str) -> Pane:
    """What the pane shows of all that was read, as the page's address asks."""
    asked = dict(parse_qsl(query))
    sheet, found = whole.sheet, timeline.entries(whole)
    kind = asked.get("show") if asked.get("show") in timeline.KINDS else None
    reply_by = _reply_by(found, sheet)
    return Pane(
        sheet=sheet,
        enquiries=[_shown(one, sheet.timezone) for one in whole.enquiries],
        appointments=whole.appointments,
        asked=next((one for one in whole.enquiries if one.lead["message"]), None),
        days=timeline.days(found, sheet.timezone, kind),
        counts=timeline.counted(found),
        kind=kind,
        whole=asked.get("all") == "yes",
        disputes=disputes(whole),
        contact=[_field(name, whole) for name in _OF_CONTACT],
        was={name: field.value(sheet.cluster) for name, field in FIELDS.items()},
        clock_words=clock_in_words(sheet),
        presets=presets(sheet.now, sheet.timezone),
        may_write=may_write,
        now=sheet.now,
        query=query,
        step=asked.get("step", ""),
        writing=asked["write"] if asked.get("write") in MEDIA else reply_by,
        reply_by=reply_by,
        templates=whole.templates,
        sms_sender=sms_sender,
        mobiles=_mobiles(sheet),
        booking=blank(sheet),
        is_long=len(whole.happened) >= LATEST or len(whole.told) >= LATEST,
    )


def _reply_by(found: list[Entry], sheet: Sheet) -> str:
    """What somebody has begun; or the way by which customer and staff last wrote; or the one that there is."""
    for medium in MEDIA:
        if sheet.draft(medium) is not None:
            return medium
    last = next((entry for entry in found if entry.kind == "messages"), None)
    by_text = last is not None and last.icon == "message-square-text"
    if _mobiles(sheet) and (by_text or not sheet.cluster.contact.emails):
        return "sms"
    return "email" if sheet.cluster.contact.emails else "note"


def _mobiles(sheet: Sheet) -> list[PointOut]:
    return [point for point in sheet.cluster.contact.phones if takes_texts(point.value)]


def _shown(one: Enquiry, timezone: str) -> EnquiryShown:
    return EnquiryShown(
        enquiry=one,
        facts=facts(one, timezone),
        fields=free(one, "fields"),
        extra=free(one, "extra"),
        charges=charges(one),
    )


def _field(name: str, whole: Whole) -> FieldShown:
    field = FIELDS[name]
    return FieldShown(
        field=name,
        label=field.label,
        value=field.value(whole.sheet.cluster),
        sayings=sayings(whole, field.logged[0]),
    )


def query_of(address: str) -> str:
    """The query of an address."""
    return address.partition("?")[2]
