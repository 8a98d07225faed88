"""What is sent and answered about assignment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from forecourt.infra.sent import Id

_Ids = Annotated[list[Id], Meta(max_length=200)]
_Words = Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=100)]
_Moment = Annotated[datetime, Meta(tz=True)]


class AssignmentRuleIn(msgspec.Struct, kw_only=True):
    """A rule as it is sent. In a change, what is left out stays.

    Attributes:
        name: unlike that of any other rule of the dealership.
        location_ids: of the dealership; empty for any location.
        categories: words of the leads; empty for any.
        sources: words of the leads; empty for any.
        user_ids: who is given what fits: users of the dealership, at least one.
        enabled: true unless it is said otherwise.
    """

    name: Annotated[str, Meta(max_length=200)] | UnsetType | None = UNSET
    location_ids: _Ids | UnsetType | None = UNSET
    categories: _Words | UnsetType | None = UNSET
    sources: _Words | UnsetType | None = UNSET
    user_ids: _Ids | UnsetType | None = UNSET
    enabled: bool | UnsetType | None = UNSET


class AssignmentRuleBody(msgspec.Struct):
    """The body of a request that writes a rule."""

    assignment_rule: AssignmentRuleIn


class AssignmentRuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A rule.

    Attributes:
        version: counted up with every change; the ETag.
    """

    id: int
    name: str
    location_ids: list[int]
    categories: list[str]
    sources: list[str]
    user_ids: list[int]
    enabled: bool
    version: int
    created_at: datetime


class AssignmentRuleList(msgspec.Struct):
    """The rules of a dealership, in the order of their ids."""

    assignment_rules: list[AssignmentRuleOut]


class StaffMemberIn(msgspec.Struct, kw_only=True):
    """When a user is away, and how many open clusters are enough. What is left out stays, null clears.

    Attributes:
        absent_from: null, with an ``absent_until``, for "already".
        absent_until: that moment not included; null, with an ``absent_from``, for "until further notice".
        most_open_clusters: null for any number.
    """

    absent_from: _Moment | UnsetType | None = UNSET
    absent_until: _Moment | UnsetType | None = UNSET
    most_open_clusters: Annotated[int, Meta(ge=1, le=1_000_000)] | UnsetType | None = UNSET


class StaffMemberBody(msgspec.Struct):
    """The body of a request that changes a user of the staff."""

    staff_member: StaffMemberIn


class StaffMemberOut(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the staff.

    Attributes:
        absent: whether the user is away now.
        open_clusters: how many clusters in the states new, contacted and appointment the user answers for now.
        full: whether these are as many as they should be.
        last_assigned_at: the last turn that a rule gave the user.
    """

    user_id: int
    name: str
    email: str
    absent_from: datetime | None
    absent_until: datetime | None
    absent: bool
    most_open_clusters: int | None
    open_clusters: int
    full: bool
    last_assigned_at: datetime | None


class StaffList(msgspec.Struct):
    """The staff of a dealership, in the order of their ids."""

    staff: list[StaffMemberOut]


class AssignedOut(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster that was given to a user."""

    lead_cluster_id: int
    user_id: int


class DrainOut(msgspec.Struct, kw_only=True):
    """What was given out, in the order in which the customers had waited.

    Attributes:
        more: whether the request stopped at its bound before it had gone through all that wait.
    """

    assigned: list[AssignedOut]
    more: bool


class TryIn(msgspec.Struct, kw_only=True):
    """Rules to try instead of those in force; they count in the order in which they are listed.

    Attributes:
        assignment_rules: left out or null: those in force.
    """

    assignment_rules: Annotated[list[AssignmentRuleIn], Meta(max_length=200)] | UnsetType | None = UNSET


class TriedLead(msgspec.Struct, kw_only=True):
    """What would happen to a lead.

    Attributes:
        assignment_rule_id: of the rule that fits; null where none does or needs to, and for one that was only sent.
        assignment_rule_name: likewise.
        user_id: who would answer for the customer; null for nobody.
        outcome: ``assigned`` by the rule; ``named`` by the one who sent the lead; ``has_somebody`` already;
            ``no_rule`` fits; ``nobody_free``; ``closed`` by the lead itself.
        absent: how many of the rule's users are away.
        full: how many of the others have enough open clusters.
    """

    lead_id: int
    lead_cluster_id: int
    assignment_rule_id: int | None = None
    assignment_rule_name: str | None = None
    user_id: int | None = None
    outcome: str
    absent: int = 0
    full: int = 0


class TriedUser(msgspec.Struct, kw_only=True):
    """How many of the leads a rule would give to a user."""

    user_id: int
    assigned: int


class TriedOut(msgspec.Struct, kw_only=True):
    """The last leads played through, in the order in which they came.

    Attributes:
        unassigned: how many of the leads nobody would answer for.
    """

    leads: list[TriedLead]
    users: list[TriedUser]
    unassigned: int
