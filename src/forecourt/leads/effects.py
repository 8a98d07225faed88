"""What a lead that was sent does beyond its own row: to its cluster, its contact, its tags. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters.provenance import ByHand, Conflict, by_hand_of, conflicts_of, is_kept, text_of
from forecourt.clusters.vocabulary import CLOSED, REOPENED
from forecourt.leads import json_text
from forecourt.leads.answers import Warned
from forecourt.leads.effect_queries import Part
from forecourt.leads.records import Lead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.clusters.records import LeadCluster
    from forecourt.leads.validation import ValidLead

# What the contact takes from its leads, the latest word first.
_OF_CONTACT = ("name", "last_name", "dob", "customer_address", "address_attributes")


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What a lead that was sent does beyond its own row; None where it leaves a thing as it is.

    Attributes:
        cluster_tags: tags that the cluster lacks.
        cluster_by_hand: the column as it will be, as is ``cluster_conflicts``.
        point_kinds: beside each of ``point_values``, ``email`` or ``phone``.
        reached_kinds: likewise beside ``reached_values``, of those that are not the lead's own.
        consent: the answer that was given about marketing, for the log of consents.
        arrived: whether the lead is new: activity in its cluster, and somebody who waits.
    """

    cluster_golden: bool | None
    cluster_state: str | None
    cluster_user_id: int | None
    cluster_location_id: int | None
    cluster_tags: list[str]
    cluster_by_hand: str | None
    cluster_conflicts: str | None
    contact_name: str | None
    contact_last_name: str | None
    contact_dob: date | None
    contact_customer_address: str | None
    contact_address_attributes: str | None
    contact_sms_verified: bool | None
    consent: bool | None
    consent_source: str
    point_kinds: list[str]
    point_values: list[str]
    reached_kinds: list[str]
    reached_values: list[str]
    tags_change: bool
    arrived: bool

    @property
    def touches_cluster(self) -> bool:
        """Whether the cluster's row changes."""
        return bool(
            self.arrived
            or self.cluster_golden is not None
            or self.cluster_state is not None
            or self.cluster_user_id is not None
            or self.cluster_location_id is not None
            or self.cluster_tags
            or self.cluster_by_hand is not None
            or self.cluster_conflicts is not None
        )

    @property
    def touches_contact(self) -> bool:
        """Whether the contact's row changes."""
        return any(
            value is not None
            for value in (
                self.contact_name,
                self.contact_last_name,
                self.contact_dob,
                self.contact_customer_address,
                self.contact_address_attributes,
                self.contact_sms_verified,
                self.consent,
            )
        )

    def parts(self, *, files: bool, payment: bool, keyed: bool) -> Part:
        """What the statement that writes the lead needs to have.

        Args:
            files: whether there are files to record.
            payment: whether there is a payment to record.
            keyed: whether the answer is kept under an Idempotency-Key.
        """
        needed = {
            Part.CLUSTER: self.touches_cluster,
            Part.GOLDEN: self.cluster_golden is not None,
            Part.CONTACT: self.touches_contact,
            Part.CONSENT: self.consent is not None,
            Part.POINTS: bool(self.point_kinds),
            Part.REACHED: bool(self.reached_kinds),
            # A new lead's other clusters are found where it is placed.
            Part.DUPLICATES: bool(self.point_kinds) and not self.arrived,
            Part.TAGS: self.tags_change,
            Part.FILES: files,
            Part.PAYMENT: payment,
            Part.ANSWER: keyed,
        }
        return Part(sum(part.value for part, is_needed in needed.items() if is_needed))


class Followed(msgspec.Struct, frozen=True):
    """A lead and what it does, once what staff have set by hand has had its say.

    Attributes:
        lead: as it will be; its golden mark is the cluster's.
        warnings: what was not followed.
    """

    lead: Lead
    effects: Effects
    warnings: tuple[Warned, ...]


def follow(
    valid: ValidLead, before: Lead | None, after: Lead, cluster: LeadCluster, *, now: datetime
) -> Followed:
    """What *valid* does to the cluster and its customer.

    Args:
        valid: what was sent.
        before: the lead as it was; None where it is new.
        after: the lead as it will be.
        cluster: the cluster as it is.
        now: when it was sent.
    """
    by_hand = by_hand_of(cluster.by_hand)
    words = _words(valid, before, after)
    kept = {
        field: value
        for field, value in words.items()
        if is_kept(by_hand, field, value, _said_last(before, field))
    }
    news = {field: value for field, value in words.items() if field not in kept}
    if "golden" in kept:
        after = msgspec.structs.replace(after, golden=cluster.golden)
    changed = _changed(before, after)
    if before is None and cluster.state in REOPENED and words.get("state") not in CLOSED:
        # That the customer asks again is news, whatever state the enquiry repeats.
        kept.pop("state", None)
        news.setdefault("state", "new")
    state = news.get("state")
    tags = [] if before is None else before.tags
    points = new_points(before, after, valid.reached)
    consent = after.opt_in_to_marketing if "opt_in_to_marketing" in changed else None
    effects = Effects(
        cluster_golden=after.golden if "golden" in news and after.golden != cluster.golden else None,
        cluster_state=state if state != cluster.state else None,
        cluster_user_id=valid.values.get("user_id") if cluster.user_id is None else None,
        cluster_location_id=after.location_id
        if cluster.location_id is None and "location_id" in changed
        else None,
        # A tag that the lead had and the cluster has no more was taken off by hand.
        cluster_tags=[
            tag for tag in valid.values.get("tags") or () if tag not in cluster.tags and tag not in tags
        ],
        cluster_by_hand=_by_hand(by_hand, news),
        cluster_conflicts=_conflicts(cluster, by_hand, kept, news, after, now),
        contact_sms_verified=_other(news.get("contact.sms_verified"), cluster.sms_verified),
        consent=consent,
        consent_source=after.source,
        point_kinds=[kind for kind, _ in points],
        point_values=[value for _, value in points],
        reached_kinds=[kind for kind, _ in valid.reached],
        reached_values=[value for _, value in valid.reached],
        tags_change=tags != after.tags,
        arrived=before is None,
        **{
            f"contact_{name}": getattr(after, name)
            if name in changed and f"contact.{name}" not in kept
            else None
            for name in _OF_CONTACT
        },
    )
    return Followed(after, effects, tuple(_warning(field) for field in kept))


def new_points(
    before: Lead | None, after: Lead, reached: Sequence[tuple[str, str]] = ()
) -> list[tuple[str, str]]:
    """The ways to reach the customer that *after* has and *before* had not, and those that were told beside it."""
    points = (
        ("email", before and before.email_normalised, after.email_normalised),
        ("phone", before and before.phone_e164, after.phone_e164),
    )
    own = [(kind, new) for kind, old, new in points if new and new != old]
    return own if not reached else list(dict.fromkeys((*own, *reached)))


def cluster_changes(effect: Effects, cluster: LeadCluster) -> dict[str, dict[str, Any]]:
    """What *effect* changes about the cluster and its contact, for the log."""
    told: dict[str, dict[str, Any]] = {}
    if effect.cluster_golden is not None:
        told["lead_cluster.golden"] = {"from": cluster.golden, "to": effect.cluster_golden}
    if effect.cluster_state is not None:
        told["lead_cluster.state"] = {"from": cluster.state, "to": effect.cluster_state}
    if effect.cluster_user_id is not None:
        told["lead_cluster.user_id"] = {"from": None, "to": effect.cluster_user_id}
    if effect.cluster_location_id is not None:
        told["lead_cluster.location_id"] = {"from": None, "to": effect.cluster_location_id}
    if effect.cluster_tags:
        told["lead_cluster.tags"] = {"from": cluster.tags, "to": cluster.tags + effect.cluster_tags}
    if effect.cluster_conflicts is not None:
        told["lead_cluster.conflicts"] = {
            "from": sorted(conflicts_of(cluster.conflicts)),
            "to": sorted(conflicts_of(effect.cluster_conflicts)),
        }
    if effect.contact_sms_verified is not None:
        told["contact.sms_verified"] = {"from": cluster.sms_verified, "to": effect.contact_sms_verified}
    return told


def _words(valid: ValidLead, before: Lead | None, after: Lead) -> dict[str, Any]:
    """What was said about things that staff may have set too, by the names that provenance has for them."""
    sent = valid.values
    words: dict[str, Any] = {}
    if sent.get("lead_state") is not None:
        words["state"] = sent["lead_state"]
    if "golden" in sent:
        words["golden"] = after.golden
    if sent.get("sms_verified") is not None:
        words["contact.sms_verified"] = sent["sms_verified"]
    for name in _OF_CONTACT[:-1]:
        if sent.get(name) is not None:
            words[f"contact.{name}"] = sent[name]
    if after.address_attributes is not None and after.address_attributes != (
        before and before.address_attributes
    ):
        words["contact.address_attributes"] = json_text.value_of(after.address_attributes)
    return words


def _said_last(before: Lead | None, field: str) -> Any:  # noqa: ANN401 - of any field
    """What the lead had said of *field*; of the golden mark, which is the cluster's, nothing."""
    if before is None or field == "golden":
        return None
    return before.lead_state if field == "state" else getattr(before, field.removeprefix("contact."))


def _changed(before: Lead | None, after: Lead) -> frozenset[str]:
    names = (*_OF_CONTACT, "opt_in_to_marketing", "location_id")
    return frozenset(
        name for name in names if before is None or getattr(before, name) != getattr(after, name)
    )


def _other(value: bool | None, current: bool) -> bool | None:  # noqa: FBT001
    return value if value != current else None


def _by_hand(by_hand: ByHand, news: dict[str, Any]) -> str | None:
    """The column without what is news to staff; None where it stays."""
    if by_hand.keys().isdisjoint(news):
        return None
    left = {
        field: held
        for field, held in by_hand.items()
        if field not in news or msgspec.to_builtins(news[field]) == held.value
    }
    return None if len(left) == len(by_hand) else text_of(left)


def _conflicts(
    cluster: LeadCluster,
    by_hand: ByHand,
    kept: dict[str, Any],
    news: dict[str, Any],
    lead: Lead,
    now: datetime,
) -> str | None:
    """The column with what was not followed, and without what is settled by news; None where it stays."""
    if not kept and cluster.conflicts == "{}":
        return None
    before = conflicts_of(cluster.conflicts)
    after = {field: conflict for field, conflict in before.items() if field not in news}
    for field, value in kept.items():
        pushed = msgspec.to_builtins(value)
        known = before.get(field)
        if known is None or known.pushed != pushed or known.lead_id != lead.id:
            after[field] = Conflict(at=now, kept=by_hand[field].value, pushed=pushed, lead_id=lead.id)
    return None if after == before else text_of(after)


def _warning(field: str) -> Warned:
    name = {"state": "lead_state"}.get(field, field.removeprefix("contact."))
    return Warned(
        f"lead.{name}",
        "staff have set another value by hand since this one was first sent; theirs is kept on the cluster",
    )
