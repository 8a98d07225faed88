"""What can have happened, by what it was about. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Group -> the kinds of its events, as the log has them.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "settings": (
        "dealership.updated",
        "location.added",
        "location.updated",
        "response_settings.updated",
        "lead_cluster_settings.updated",
        "retention_settings.updated",
        "mail_settings.updated",
        "lead_status_option.created",
        "lead_status_option.updated",
        "stop_list.added",
        "stop_list.removed",
        "assignment_rule.created",
        "assignment_rule.updated",
        "assignment_rule.deleted",
        "staff_member.updated",
        "notification_rule.created",
        "notification_rule.updated",
        "notification_rule.deleted",
        "message_template.created",
        "message_template.updated",
        "message_template.deleted",
        "message_template.tested",
        "adf_vendor.added",
        "adf_vendor.removed",
    ),
    "users": (
        "user.invited",
        "user.created",
        "user.role_changed",
        "user.group_role_changed",
        "user.link_made",
        "user.signed_out",
        "user.disabled",
        "user.enabled",
        "user.password_reset",
    ),
    "people": (
        "contact.erased",
        "contact.exported",
        "contact.unsubscribed",
        "lead.erased",
        "test_data.cleared",
    ),
    "webhooks": (
        "webhook.created",
        "webhook.updated",
        "webhook.deleted",
        "webhook.secret_rotated",
        "webhook.tested",
        "webhook.failing",
        "webhook.disabled",
    ),
    "customers": (
        "lead_cluster.created",
        "lead_cluster.updated",
        "lead_cluster.assigned",
        "lead_cluster.unassigned",
        "lead_cluster.snoozed",
        "lead_cluster.merged",
        "lead_cluster.unmerged",
        "lead_cluster.split",
        "lead_cluster.not_a_duplicate",
        "lead_cluster.possible_duplicate",
    ),
    "activities": (
        "call.logged",
        "sms.logged",
        "email.logged",
        "walk_in.logged",
        "note.logged",
        "activity.undone",
        "message.queued",
        "message.called_back",
        "appointment.created",
        "appointment.rescheduled",
        "appointment.updated",
        "appointment.cancelled",
        "appointment.completed",
        "appointment.no_show",
    ),
    "enquiries": ("lead.created", "lead.updated", "source.silent"),
}
KNOWN = frozenset(kind for kinds in GROUPS.values() for kind in kinds)


def kinds_of(word: str) -> tuple[str, ...]:
    """The kinds that *word* stands for: a group's, or itself; none where it is neither."""
    if word in GROUPS:
        return GROUPS[word]
    thing, dot, done = word.partition(".")
    # A kind that this version does not list may stand in the log all the same.
    is_kind = dot and all(part.replace("_", "").isalpha() and part.isascii() for part in (thing, done))
    return (word,) if is_kind else ()
