"""What travels: a lead cluster as it is updated.

Source: the platform's page *Update Lead Cluster* for everything up to ``car_lead_clusters_attributes``; the rest is ours.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from forecourt.clusters.vocabulary import STATES
from forecourt.infra.sent import Blank, Id, Line, Sent, Text

MAX_TAGS = 100
MAX_CARS = 100

Tag: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128)]
Day: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$", title="a day, as DD/MM/YYYY", examples=["01/01/1980"]),
]
State: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(STATES)})]


class CarLeadClusterIn(msgspec.Struct, kw_only=True, frozen=True, rename={"destroy": "_destroy"}):
    """A car that the customer looks at: new without an ``id``, changed with one, taken off with ``_destroy``."""

    id: Sent[Id] = UNSET
    car_id: Sent[Id] = UNSET
    family_id: Sent[Id] = UNSET
    manufacturer_id: Sent[Id] = UNSET
    year: Sent[Annotated[int, Meta(ge=1886, le=2200)]] = UNSET
    badge: Sent[Line] = UNSET
    colour: Sent[Line] = UNSET
    destroy: Sent[bool] = UNSET


class ContactIn(msgspec.Struct, kw_only=True, frozen=True):
    """What staff know about the customer. A field left out keeps its value; null clears it."""

    name: Sent[Line] = UNSET
    last_name: Sent[Line] = UNSET
    business_name: Sent[Line] = UNSET
    dob: Sent[Day] = UNSET
    customer_address: Sent[Text] = UNSET
    address_attributes: Sent[dict[str, Any]] = UNSET
    sms_verified: bool | UnsetType = UNSET


class LeadClusterIn(msgspec.Struct, kw_only=True, frozen=True):
    """A lead cluster, as staff or their systems update it.

    Attributes:
        user_id: the assigned user; blank or null changes nothing.
        secondary_user_id: null takes the second user off.
        approved: with the approver: ``by_user_id`` where it is sent, the key in any case.
        lead_status_option_id: one of the dealership's own words under the state; sets the state where none is sent.
        tags: all of them; what is not in the list is taken off.
        car_ids: all cars that the customer looks at; what is not in the list is taken off.
        by_user_id: the user of the staff who did this.
    """

    user_id: Sent[Id | Blank] = UNSET
    lead_state: Sent[State] = UNSET
    secondary_user_id: Sent[Id | Blank] = UNSET
    approved: Sent[bool] = UNSET
    location_id: Sent[Id | Blank] = UNSET
    lead_status_option_id: Sent[Id | Blank] = UNSET
    tags: Sent[Annotated[list[Tag], Meta(max_length=MAX_TAGS)]] = UNSET
    car_ids: Sent[Annotated[list[Id], Meta(max_length=MAX_CARS)]] = UNSET
    car_lead_clusters_attributes: Sent[Annotated[list[CarLeadClusterIn], Meta(max_length=MAX_CARS)]] = UNSET
    golden: bool | UnsetType = UNSET
    contact: ContactIn | UnsetType = UNSET
    by_user_id: Sent[Id] = UNSET


class LeadClusterBody(msgspec.Struct, kw_only=True, frozen=True):
    """The body of Update Lead Cluster."""

    lead_cluster: LeadClusterIn
