"""Update Lead Cluster: read it locked, decide, write, tell."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.clusters import find
from forecourt.clusters.cars import CarChanges, car_changes, write_cars
from forecourt.clusters.contact_values import CONTACT, contact_values
from forecourt.clusters.hand import said_of
from forecourt.clusters.provenance import by_hand_of, conflicts_of, set_by_hand, text_of
from forecourt.clusters.records import as_logged
from forecourt.clusters.schema import LeadClusterIn
from forecourt.clusters.update_queries import CLUSTER_TO_UPDATE, NAMED, UPDATE
from forecourt.clusters.vocabulary import MARKED_BY_A_HUMAN, STATE, STATES
from forecourt.dealerships.operation import Change, Operation, Outcome
from forecourt.events.record import record_event
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Erased, Invalid, Problem
from forecourt.infra.sent import MAX_ID
from forecourt.response.waiting import keep_waiting

if TYPE_CHECKING:
    from forecourt.infra.database import Connection

PERMISSION = "update:lead_cluster"
# What staff set by hand stands against later pushes of the older value.
_BY_HAND = ("state", "golden")


class ClusterToUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster and its contact as they are, locked until the transaction ends.

    Attributes:
        address_attributes: JSON text, as are ``by_hand`` and ``conflicts``.
        erased: whether the customer was erased.
    """

    lead_cluster_id: LeadClusterId
    version: int
    golden: bool
    state: str
    user_id: int | None
    secondary_user_id: int | None
    location_id: int | None
    lead_status_option_id: int | None
    approved: bool
    tags: list[str]
    by_hand: str
    conflicts: str
    name: str | None
    last_name: str | None
    business_name: str | None
    dob: date | None
    customer_address: str | None
    address_attributes: str | None
    sms_verified: bool
    erased: bool
    uses_appointment_state: bool
    car_ids: list[int]
    car_lead_cluster_ids: list[int]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids of an update mean in the dealership.

    Attributes:
        option_state: the state that the status option stands under; None where there is no such option.
    """

    user_ids: list[int]
    location_id: int | None
    option_state: str | None
    car_ids: list[int]
    has_lost_reasons: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What an update comes to."""

    after: ClusterToUpdate
    cars: CarChanges
    by_user_id: int | None
    warnings: list[str]


async def to_update(change: Change) -> ClusterToUpdate:
    """The cluster that the path names, locked; of a merged one the survivor.

    Raises:
        LeadClusterNotFound: there is none.
    """
    lead_cluster_id = await find.locked_in_path(change)
    return await change.connection.one(
        ClusterToUpdate,
        CLUSTER_TO_UPDATE,
        dealership_id=change.dealership_id,
        lead_cluster_id=lead_cluster_id,
    )


async def update(change: Change, before: ClusterToUpdate, sent: LeadClusterIn) -> Outcome:
    """Update *before* as *sent* says; an update that changes nothing writes nothing.

    Raises:
        Erased: it says something about a customer who was erased.
        Invalid: what was sent does not fit; every problem is named.
    """
    if before.erased and sent.contact is not UNSET:
        raise Erased
    named = await _named(change.connection, change, sent)
    said = await said_of(change, before.lead_cluster_id) if _is_by_hand(sent) else {}
    decision = _decided(before, sent, named, change, said)
    changes = _changes(before, decision)
    if changes:
        await _write(change, before, decision, changes)
    told = await find.one(change.connection, change.dealership_id, before.lead_cluster_id)
    told.warnings = decision.warnings
    return Outcome(body=told, version=told.version, changes=changes, lead_cluster_id=before.lead_cluster_id)


_TAKEN = {
    "car_lead_cluster_car_key": Problem(
        "lead_cluster.car_lead_clusters_attributes", "name a car twice, or one that is there already"
    )
}
OPERATION = Operation(
    PERMISSION, to_update, LeadClusterIn, update, wrapper="lead_cluster", constraints=_TAKEN
)


async def _named(connection: Connection, change: Change, sent: LeadClusterIn) -> Named:
    cars = sent.car_lead_clusters_attributes
    car_ids = [car.car_id for car in cars if car.car_id] if isinstance(cars, list) else []
    return await connection.one(
        Named,
        NAMED,
        dealership_id=change.dealership_id,
        user_ids=[
            user_id
            for user_id in map(_id, (sent.user_id, sent.secondary_user_id, sent.by_user_id))
            if user_id
        ],
        location_id=_id(sent.location_id),
        lead_status_option_id=_id(sent.lead_status_option_id),
        car_ids=car_ids + (sent.car_ids if isinstance(sent.car_ids, list) else []),
    )


def _id(sent: object) -> int | None:
    """An id that may have been sent as a form's text; None where it is blank, null, left out or no id."""
    if isinstance(sent, str):
        text = sent.strip()
        return int(text) if text.isascii() and text.isdigit() and int(text) <= MAX_ID else None
    return sent if isinstance(sent, int) else None


def _is_by_hand(sent: LeadClusterIn) -> bool:
    """Whether something is sent that stands against later pushes."""
    fields = (sent.lead_state, sent.lead_status_option_id, sent.golden, sent.contact)
    return any(field is not UNSET for field in fields)


def _decided(
    before: ClusterToUpdate, sent: LeadClusterIn, named: Named, change: Change, said: dict[str, list[Any]]
) -> Decision:
    decider = _Decider(before, sent, named)
    values = decider.values()
    cars = car_changes(sent, before.car_ids, before.car_lead_cluster_ids, named.car_ids)
    problems = (*decider.problems, *cars.problems)
    if problems:
        raise Invalid(problems=problems)
    by_user_id = sent.by_user_id if isinstance(sent.by_user_id, int) else change.user_id
    values |= contact_values(before.address_attributes, sent.contact)
    after = msgspec.structs.replace(before, **values)
    after = _with_provenance(before, after, change, by_user_id, said, frozenset(values))
    return Decision(after=after, cars=cars, by_user_id=by_user_id, warnings=decider.warnings)


class _Decider:
    """Holds what was sent against the dealership's rules."""

    def __init__(self, before: ClusterToUpdate, sent: LeadClusterIn, named: Named) -> None:
        self.before = before
        self.sent = sent
        self.named = named
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    def values(self) -> dict[str, Any]:
        """The cluster's columns that were sent."""
        sent = self.sent
        values: dict[str, Any] = self.state()
        user_id = self.user("user_id")
        if user_id is not None:
            values["user_id"] = user_id
        if sent.secondary_user_id is not UNSET:
            values["secondary_user_id"] = self.user("secondary_user_id")
        self.user("by_user_id")
        if sent.location_id is not UNSET:
            values["location_id"] = self.location()
        if sent.approved is not UNSET:
            values["approved"] = sent.approved is True
        if sent.tags is not UNSET:
            values["tags"] = list(dict.fromkeys(sent.tags or []))
        if sent.golden is not UNSET:
            values["golden"] = sent.golden
        return values

    def refuse(self, field: str, message: str, allowed: tuple[str, ...] | None = None) -> None:
        self.problems.append(Problem(f"lead_cluster.{field}", message, allowed))

    def ident(self, field: str) -> int | None:
        """The id that was sent; None where it is blank."""
        sent = getattr(self.sent, field)
        ident = _id(sent)
        if isinstance(sent, str) and sent.strip() and ident is None:
            self.refuse(field, "must be an integer")
        return ident

    def user(self, field: str) -> int | None:
        """A user of the dealership; None where it is blank."""
        user_id = self.ident(field)
        if user_id is not None and user_id not in self.named.user_ids:
            self.refuse(field, "is not a user of this dealership")
        return user_id

    def location(self) -> int | None:
        sent = self.ident("location_id")
        if sent is not None and self.named.location_id is None:
            self.refuse("location_id", "is not a location of this dealership")
        return sent

    def state(self) -> dict[str, Any]:
        """State and status option, which stands under the state."""
        sent = self.sent.lead_state
        state = STATE.canonical(sent) if isinstance(sent, str) else None
        allowed = tuple(one for one in STATES if one != "appointment" or self.before.uses_appointment_state)
        if isinstance(sent, str) and state not in allowed:
            self.refuse("lead_state", "is not a state of this dealership", allowed)
            return {}
        values: dict[str, Any] = {}
        option = self.ident("lead_status_option_id")
        if option is not None:
            if self.named.option_state is None:
                self.refuse("lead_status_option_id", "is not a status option of this dealership")
            elif state is not None and self.named.option_state != state:
                self.refuse(
                    "lead_status_option_id",
                    f"stands under the state {self.named.option_state}, not under {state}",
                )
            else:
                state = self.named.option_state
                values["lead_status_option_id"] = option
        elif self.sent.lead_status_option_id is not UNSET or (
            state is not None and state != self.before.state
        ):
            values["lead_status_option_id"] = None
        if state is not None:
            values["state"] = state
        self.want_a_reason(values)
        return values

    def want_a_reason(self, values: dict[str, Any]) -> None:
        after = values.get("state", self.before.state)
        option = values.get("lead_status_option_id", self.before.lead_status_option_id)
        changed = after != self.before.state or "lead_status_option_id" in values
        if after == "lost" and option is None and changed and self.named.has_lost_reasons:
            self.warnings.append(
                "lead_cluster.lead_status_option_id: why the lead was lost was not said; "
                "the dealership has a list of reasons"
            )


def _with_provenance(
    before: ClusterToUpdate,
    after: ClusterToUpdate,
    change: Change,
    by_user_id: int | None,
    said: dict[str, list[Any]],
    named: frozenset[str],
) -> ClusterToUpdate:
    """*after*, with what was set by hand now, and without the conflicts that this settles.

    A field of *named* that stays as it is although something else was said has been set again: the conflict is settled.
    """
    by_hand, conflicts = by_hand_of(before.by_hand), conflicts_of(before.conflicts)
    fields = [(name, name) for name in _BY_HAND] + [(f"contact.{name}", name) for name in CONTACT]
    for field, name in fields:
        old, new = getattr(before, name), getattr(after, name)
        if old == new and not (name in named and field in conflicts):
            continue
        if name == "address_attributes":
            old, new = msgspec.json.decode(old or "null"), msgspec.json.decode(new or "null")
        by_hand = set_by_hand(
            by_hand,
            field,
            old,
            new,
            said=said.get(field, ()),
            at=change.now,
            api_key_id=change.api_key_id,
            user_id=by_user_id,
        )
        conflicts = {name: conflict for name, conflict in conflicts.items() if name != field}
    return msgspec.structs.replace(after, by_hand=text_of(by_hand), conflicts=text_of(conflicts))


_OF_CLUSTER = (
    "golden",
    "state",
    "user_id",
    "secondary_user_id",
    "location_id",
    "lead_status_option_id",
    "approved",
    "tags",
    "car_ids",
)


def told_now(cluster: ClusterToUpdate) -> dict[str, Any]:
    """Every field that an update can change, as it is, under the names of the log."""
    told = {f"lead_cluster.{name}": getattr(cluster, name) for name in _OF_CLUSTER}
    return told | {f"contact.{name}": as_logged(name, getattr(cluster, name)) for name in CONTACT}


def _changes(before: ClusterToUpdate, decision: Decision) -> dict[str, Any]:
    """Field -> {"from": old, "to": new}, under the names of the log."""
    old, new = told_now(before), told_now(decision.after)
    if decision.cars.is_any:
        new["lead_cluster.car_ids"] = decision.cars.car_ids
    changed = {name: {"from": old[name], "to": new[name]} for name in old if old[name] != new[name]}
    # Of a conflict that was settled by keeping what was there, that somebody looked.
    for field in conflicts_of(before.conflicts).keys() - conflicts_of(decision.after.conflicts).keys():
        name = field if field.startswith("contact.") else f"lead_cluster.{field}"
        changed.setdefault(name, {"from": old[name], "to": new[name]})
    if decision.cars.is_any:
        # What is known about a car may change while the cars stay the same.
        changed["lead_cluster.car_ids"] = {"from": before.car_ids, "to": decision.cars.car_ids}
    return changed


async def _write(
    change: Change, before: ClusterToUpdate, decision: Decision, changes: dict[str, Any]
) -> None:
    after = decision.after
    written = await change.connection.one(
        record,
        UPDATE,
        **msgspec.structs.asdict(after),
        dealership_id=change.dealership_id,
        now=change.now,
        api_key_id=change.api_key_id,
        by_user_id=decision.by_user_id,
        request_id=change.request_id,
        touches_contact=any(name.startswith("contact.") for name in changes),
    )
    await write_cars(change, before.lead_cluster_id, decision.cars)
    marked = after.state != before.state and after.state in MARKED_BY_A_HUMAN
    await record_event(
        change,
        "lead_cluster.updated",
        before.lead_cluster_id,
        changes,
        lead_cluster_version=written["version"],
        user_id=decision.by_user_id,
        human=marked,
    )
    if after.state != before.state:
        await keep_waiting(change.connection, change.dealership_id, [before.lead_cluster_id])
