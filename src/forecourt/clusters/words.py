"""Whose a contact's values are: what a lead has said leaves with it. Pure.

Leads speak under the names that provenance has for the fields, the newest word last; values are plain JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Said: TypeAlias = "Mapping[str, Sequence[Any]]"

# What leads say about their customer.
FIELDS = (
    "name",
    "last_name",
    "dob",
    "customer_address",
    "address_attributes",
    "sms_verified",
    "opt_in_to_marketing",
)


def told_by(said: Said) -> dict[str, Any]:
    """A contact as leads tell it: the last word about each thing."""
    return {name: _last(said, name) for name in FIELDS}


def after_leaving(
    contact: Mapping[str, Any], by_hand: Mapping[str, Any], gone: Said, staying: Said
) -> dict[str, Any]:
    """What changes about a contact when leads have left: the words that only they had said.

    Args:
        contact: field -> value.
        by_hand: what staff have set stays.
        gone: what those who left have said.
        staying: what the others have said.
    """
    return {
        name: _last(staying, name)
        for name in FIELDS
        if _only(gone, staying, name, contact[name]) and _key(name) not in by_hand
    }


def since_the_merge(
    contact: Mapping[str, Any],
    before: Mapping[str, Any],
    by_hand: Mapping[str, Any],
    gone: Said,
    staying: Said,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changes about the contact that keeps its leads, and about the one to which leads go back.

    Args:
        contact: the surviving one, without what the merge itself changed.
        before: the same as the merge found it.
        by_hand: what staff have set there stays there.
        gone: what the leads that go back have said since the merge.
        staying: what the others have said since.
    """
    kept: dict[str, Any] = {}
    returned: dict[str, Any] = {}
    for name in FIELDS:
        value = contact[name]
        if value == before[name] or not _only(gone, staying, name, value) or _key(name) in by_hand:
            continue
        returned[name] = value
        kept[name] = _last(staying, name) if staying.get(_key(name)) else before[name]
    return kept, returned


def marks_after_leaving(
    by_hand: Mapping[str, Any], gone: Said, staying: Said, *, since: datetime | None = None
) -> dict[str, Any]:
    """What staff set by hand, without the words that only those who left had said.

    Args:
        by_hand: field -> mark.
        gone: what those who left have said.
        staying: what the others have said.
        since: marks from before that are left alone.
    """
    return {
        field: mark
        if since is not None and msgspec.convert(mark["at"], datetime) < since
        else mark
        | {
            "pushed": [
                word
                for word in mark["pushed"]
                if word not in gone.get(field, ()) or word in staying.get(field, ())
            ]
        }
        for field, mark in by_hand.items()
    }


def _key(name: str) -> str:
    return f"contact.{name}"


def _last(said: Said, name: str) -> Any:  # noqa: ANN401 - of any field
    words = said.get(_key(name), ())
    return words[-1] if words else False if name == "sms_verified" else None


def _only(gone: Said, staying: Said, name: str, value: object) -> bool:
    """Whether only those who left have said *value*."""
    return value in gone.get(_key(name), ()) and value not in staying.get(_key(name), ())
