"""What happened, in words: an event of the log as colleagues would tell it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from forecourt.screens.shown import clock, day, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecourt.screens.customer.records import Happening, Sheet

# ``{"from": old, "to": new}``.
Pair: TypeAlias = "Mapping[str, Any]"

# Field of the contact -> what it is called.
CONTACT_FIELDS = {
    "name": "name",
    "last_name": "last name",
    "business_name": "business",
    "dob": "date of birth",
    "customer_address": "address",
    "address_attributes": "address",
    "sms_verified": "SMS verification",
}
OUTCOMES = {
    "spoke": "spoke",
    "no_answer": "no answer",
    "voicemail": "left a voicemail",
    "wrong_number": "wrong number",
}
_APPOINTMENT = {
    "appointment.created": "booked",
    "appointment.rescheduled": "moved",
    "appointment.updated": "changed",
    "appointment.cancelled": "cancelled",
    "appointment.completed": "marked as kept:",
    "appointment.no_show": "marked as a no-show:",
}
# What an enquiry's update changes as a consequence of something else that is told.
_FOLLOWS = frozenset({"golden", "lead_cluster_id", "lead_cluster.golden"})
_LONGEST = 120


def sentence(event: Happening, sheet: Sheet) -> str | None:
    """What whoever did it has done, as "marked it lost: too dear"; None for what something else tells."""
    told = _WHOLE.get(event.kind)
    if told is not None:
        return told(event, sheet)
    if event.kind == "lead.updated":
        return _lead_updated(event)
    if event.kind in _APPOINTMENT:
        return f"{_APPOINTMENT[event.kind]} {appointment_words(event.appointment, sheet.timezone)}"
    if event.kind.endswith(".logged"):
        return _logged(event.activity or {}, event.kind)
    parts = cluster_changes(event, sheet)
    if parts:
        return ", ".join(parts)
    return None if event.kind == "lead_cluster.updated" else words(event.kind).lower()


def details(event: Happening) -> list[str]:
    """What an update of an enquiry changed, from what to what; nothing of other events."""
    if event.kind != "lead.updated":
        return []
    return [
        f"{words(name)}: {_short(pair.get('from'))} → {_short(pair.get('to'))}"
        for name, pair in event.changes.items()
        if name not in _FOLLOWS and "erased" not in pair
    ]


def cluster_changes(event: Happening, sheet: Sheet) -> list[str]:
    """Each thing that was changed about the customer."""
    said: list[str] = []
    for field, pair in event.changes.items():
        if field.startswith("contact."):
            said.append(_contact(field.partition(".")[2], pair))
        elif field == "lead_cluster.lead_status_option_id" and "lead_cluster.state" in event.changes:
            continue
        elif field in _OF_CLUSTER:
            said.append(_OF_CLUSTER[field](event, sheet, pair))
    return [part for part in said if part]


def appointment_words(appointment: Mapping[str, Any] | None, timezone: str) -> str:
    """``a test drive on Tue 24 Nov, 10:00 am, 2021 Ford Ranger``."""
    if appointment is None:
        return "an appointment"
    what = "a test drive" if appointment["purpose"] == "Test Drive" else "an appointment"
    if appointment["starts_at"]:
        at = datetime.fromisoformat(appointment["starts_at"])
        what += f" on {day(at, timezone)}, {clock(at, timezone)}"
    return f"{what}, {appointment['car']}" if appointment["car"] else what


# ------------------------------------------------------------------------------------------------ of a customer's fields


def _state(event: Happening, sheet: Sheet, pair: Pair) -> str:
    if pair["from"] == pair["to"]:
        return f"kept it {pair['to']}"
    option_id = event.changes.get("lead_cluster.lead_status_option_id", {}).get("to")
    reason = next((option.name for option in sheet.options if option.id == option_id), None)
    return f"marked it {pair['to']}" + (f": {reason}" if reason else "")


def _option(_: Happening, sheet: Sheet, pair: Pair) -> str:
    name = next((option.name for option in sheet.options if option.id == pair["to"]), None)
    return f"set the status to “{name}”" if name else "took the status off"


def _golden(_: Happening, __: Sheet, pair: Pair) -> str:
    if pair["from"] == pair["to"]:
        return "kept the golden mark" if pair["to"] else "kept it without the golden mark"
    return "marked it golden" if pair["to"] else "took the golden mark off"


def _user(event: Happening, sheet: Sheet, pair: Pair) -> str:
    if pair["to"] is None:
        return f"took it from {sheet.colleague(pair['from'])}"
    return "took it" if pair["to"] == event.user_id else f"gave it to {sheet.colleague(pair['to'])}"


def _second(_: Happening, sheet: Sheet, pair: Pair) -> str:
    name = sheet.colleague(pair["to"])
    return f"made {name} the second person" if name else "took the second person off"


def _location(_: Happening, sheet: Sheet, pair: Pair) -> str:
    name = next((one.name for one in sheet.locations if one.id == pair["to"]), None)
    return f"moved it to {name}" if name else "took the location off"


def _approved(_: Happening, __: Sheet, pair: Pair) -> str:
    return "approved it" if pair["to"] else "took the approval back"


def _tags(_: Happening, __: Sheet, pair: Pair) -> str:
    old, new = pair["from"] or [], pair["to"] or []
    parts = [f"added the tag “{tag}”" for tag in new if tag not in old]
    parts += [f"took the tag “{tag}” off" for tag in old if tag not in new]
    return ", ".join(parts) or "ordered the tags"


def _cars(_: Happening, __: Sheet, ___: Pair) -> str:
    return "changed the cars"


def _snoozed(_: Happening, sheet: Sheet, pair: Pair) -> str:
    if pair["to"] is None:
        return "brought it back to the list"
    until = datetime.fromisoformat(pair["to"])
    return f"put it off until {day(until, sheet.timezone)}, {clock(until, sheet.timezone)}"


_OF_CLUSTER: dict[str, Callable[[Happening, Sheet, Pair], str]] = {
    "lead_cluster.state": _state,
    "lead_cluster.lead_status_option_id": _option,
    "lead_cluster.golden": _golden,
    "lead_cluster.user_id": _user,
    "lead_cluster.secondary_user_id": _second,
    "lead_cluster.location_id": _location,
    "lead_cluster.approved": _approved,
    "lead_cluster.tags": _tags,
    "lead_cluster.car_ids": _cars,
    "lead_cluster.snoozed_until": _snoozed,
}


def _contact(name: str, pair: Pair) -> str:
    old, new = pair["from"], pair["to"]
    called = CONTACT_FIELDS.get(name, words(name).lower())
    if "erased" in pair or isinstance(old, dict) or isinstance(new, dict):
        return f"changed the {called}"
    if old == new:
        return f"kept the {called} {_short(new)}"
    return f"changed the {called} from {_short(old)} to {_short(new)}"


# ------------------------------------------------------------------------------------------------------- of whole events


def _assigned(event: Happening, sheet: Sheet) -> str:
    reason = event.changes.get("reason", {}).get("to") or {}
    said = f"gave it to {sheet.colleague(event.changes['lead_cluster.user_id']['to'])}"
    if reason.get("assignment_rule_name"):
        said += f" by the rule “{reason['assignment_rule_name']}”"
    passed = [
        f"{reason[name]} {why}"
        for name, why in (("absent", "away"), ("full", "with enough customers"))
        if reason.get(name)
    ]
    return f"{said}; passed over: {', '.join(passed)}" if passed else said


def _other(event: Happening) -> str:
    name = event.other or "a customer without a name"
    return f"{name} (no. {event.other_lead_cluster_id})"


_WHOLE: dict[str, Callable[[Happening, Sheet], str | None]] = {
    "lead_cluster.assigned": _assigned,
    "lead_cluster.merged": lambda event, _: f"merged it with {_other(event)}",
    "lead_cluster.unmerged": lambda event, _: f"took the merge with {_other(event)} back",
    "lead_cluster.split": lambda event, _: f"parted {_other(event)} from it",
    "lead_cluster.created": lambda event, _: f"parted it from {_other(event)}",
    "lead_cluster.not_a_duplicate": lambda event, _: f"said that {_other(event)} is somebody else",
    "contact.erased": lambda _, __: "erased the person",
    "contact.exported": lambda _, __: "exported all that is known about the person",
    "contact.unsubscribed": lambda _, __: "wants no more offers",
    # Told as the message itself, or as the person that was erased.
    "message.queued": lambda _, __: None,
    "message.called_back": lambda _, __: None,
    "lead.erased": lambda _, __: None,
}


def _lead_updated(event: Happening) -> str | None:
    told = [words(name).lower() for name in event.changes if name not in _FOLLOWS]
    return f"changed the enquiry: {', '.join(told)}" if told else None


def _logged(activity: Mapping[str, Any], kind: str) -> str:
    theirs = activity.get("direction") == "in"
    what = kind.partition(".")[0]
    if what == "call":
        outcome = OUTCOMES.get(activity.get("outcome") or "")
        said = "was called" if theirs else "called"
        return f"{said}: {outcome}" if outcome else said
    return {
        "sms": "got a text message" if theirs else "sent a text message",
        "email": "got an e-mail" if theirs else "sent an e-mail",
        "walk_in": "saw the customer in person",
        "note": "wrote a note",
    }.get(what, words(kind).lower())


def _short(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"“{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}”"
