"""What an endpoint can hear of, and what it hears of when something happens. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every event once, under its own name.
ALL = "*"
# What somebody asks for to see whether it arrives; nobody subscribes to it.
TEST = "test"

LEAD_CREATED = "lead.created"
CLUSTER_CREATED = "lead_cluster.created"
CLUSTER_UPDATED = "lead_cluster.updated"

# Topic -> what has happened then. An event of each but the second and the third also tells lead_cluster.updated, or
# lead_cluster.created where it began the cluster (plan_queries.py).
CATALOGUE: Mapping[str, str] = {
    LEAD_CREATED: "an enquiry came in",
    CLUSTER_CREATED: "a customer's first enquiry came in, or enquiries were split off",
    CLUSTER_UPDATED: "anything changed about a customer: an enquiry, the state, who answers, a call, an appointment",
    "lead.updated": "an enquiry changed",
    "lead.erased": "what named a person was erased from an enquiry",
    "lead_cluster.assigned": "a rule gave the customer to a user",
    "lead_cluster.unassigned": "nobody answers for the customer any more",
    "lead_cluster.snoozed": "somebody put the customer off, or took that back",
    "lead_cluster.merged": "two clusters became one; both tell it, each with the other's id",
    "lead_cluster.unmerged": "a merge was taken back; both tell it",
    "lead_cluster.split": "enquiries left for a cluster of their own",
    "lead_cluster.not_a_duplicate": "somebody said that two clusters are two customers",
    "lead_cluster.possible_duplicate": "that was taken back",
    "call.logged": "a call was logged",
    "sms.logged": "a text message was logged",
    "email.logged": "an e-mail was logged",
    "walk_in.logged": "a visit was logged",
    "note.logged": "a note was written",
    "activity.undone": "what had been logged was taken back",
    "appointment.created": "an appointment was booked",
    "appointment.rescheduled": "it was moved to another time",
    "appointment.updated": "something else about it changed",
    "appointment.cancelled": "it was called off",
    "appointment.completed": "it took place",
    "appointment.no_show": "the customer did not come",
    "contact.erased": "a person was erased: whoever was sent their data should erase it too",
    "contact.exported": "a person's data was handed out",
}

# What may stand in an endpoint's list.
KNOWN = (ALL, *CATALOGUE)


def topics_of(kind: str, *, began_cluster: bool) -> tuple[str, ...]:
    """What an event tells: its own kind, and what that means for the cluster. The rule that PLAN applies to many.

    Args:
        kind: of the event, as ``call.logged``.
        began_cluster: of a lead that was created: whether its cluster began with it.
    """
    if kind in {CLUSTER_CREATED, CLUSTER_UPDATED}:
        return (kind,)
    return kind, CLUSTER_CREATED if kind == LEAD_CREATED and began_cluster else CLUSTER_UPDATED
