"""The dry run: the last leads played through once more, with other rules if one likes. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from forecourt.assignment.rules import OPEN_STATES, Enquiry, Rule, fitting_rule
from forecourt.assignment.schema import TriedLead, TriedOut, TriedUser

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from forecourt.assignment.turns import Rotation

# How many leads are played through.
LAST_LEADS_TRIED = 100


class PastLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that came.

    Attributes:
        named_user_id: the user whom the lead itself names.
        cluster_user_id: who answers for the cluster now.
        began_before: whether the cluster is older than all the leads that are played through.
    """

    lead_id: int
    lead_cluster_id: int
    location_id: int | None
    category: str
    source: str
    named_user_id: int | None
    lead_state: str | None
    cluster_user_id: int | None
    began_before: bool


class TriedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is tried.

    Attributes:
        rule_id: None where it is not stored.
    """

    rule: Rule
    rule_id: int | None
    user_ids: list[int]


def replayed(leads: Iterable[PastLead]) -> list[int]:
    """The clusters that began with one of *leads*: as the play begins, nobody answers for them yet."""
    return list(dict.fromkeys(lead.lead_cluster_id for lead in leads if not lead.began_before))


def replay(leads: Sequence[PastLead], rules: Sequence[TriedRule], rotation: Rotation) -> TriedOut:
    """What would happen if *leads* came now, one after the other.

    Args:
        leads: in the order in which they came.
        rules: the rule's own id decides between equals.
        rotation: the staff without the clusters of ``replayed``.
    """
    by_id = {tried.rule.id: tried for tried in rules}
    holders = {lead.lead_cluster_id: lead.cluster_user_id for lead in leads if lead.began_before}
    tried = [_tried(lead, by_id, rotation, holders) for lead in leads]
    counts = Counter(lead.user_id for lead in tried if lead.outcome == "assigned")
    return TriedOut(
        leads=tried,
        users=[
            TriedUser(user_id=user_id, assigned=count)
            for user_id, count in sorted(counts.items(), key=lambda item: item[0] or 0)
            if user_id is not None
        ],
        unassigned=sum(lead.user_id is None for lead in tried),
    )


def _tried(
    lead: PastLead, rules: Mapping[int, TriedRule], rotation: Rotation, holders: dict[int, int | None]
) -> TriedLead:
    told = TriedLead(lead_id=lead.lead_id, lead_cluster_id=lead.lead_cluster_id, outcome="has_somebody")
    closed = lead.lead_state is not None and lead.lead_state not in OPEN_STATES
    holder = holders.get(lead.lead_cluster_id)
    if holder is not None:
        told.user_id = holder
    elif lead.named_user_id is not None:
        told.outcome, told.user_id = "named", lead.named_user_id
        if not closed:
            rotation.hold(lead.named_user_id)
    elif closed:
        told.outcome = "closed"
    else:
        _given(lead, rules, rotation, told)
    holders[lead.lead_cluster_id] = told.user_id
    return told


def _given(lead: PastLead, rules: Mapping[int, TriedRule], rotation: Rotation, told: TriedLead) -> None:
    enquiry = Enquiry(location_id=lead.location_id, category=lead.category, source=lead.source)
    rule = fitting_rule((tried.rule for tried in rules.values()), enquiry)
    if rule is None:
        told.outcome = "no_rule"
        return
    turn = rotation.take(rules[rule.id].user_ids)
    told.outcome = "nobody_free" if turn.user_id is None else "assigned"
    told.user_id, told.absent, told.full = turn.user_id, turn.absent, turn.full
    told.assignment_rule_id, told.assignment_rule_name = rules[rule.id].rule_id, rule.name
