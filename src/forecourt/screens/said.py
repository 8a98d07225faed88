"""What is said after something was done, on the page that a browser is led back to: a known sentence, never one from the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Word in the address -> the sentence; {n} is how many, {customers} and {deliveries} say it in words.
SENTENCES = {
    "assigned": "{customers} assigned to you",
    "contacted": "{customers} marked contacted",
    "golden": "{customers} marked golden",
    "snoozed": "{customers} snoozed for two hours",
    "invalid": "{customers} marked invalid",
    "undone": "Undone",
    "nothing": "Nothing was changed",
    "view_saved": "View saved",
    "view_removed": "View removed",
    "saved": "Saved",
    "word_added": "The word can be chosen now",
    "location_added": "The location is there",
    "rule_added": "The rule holds from now on",
    "rule_removed": "The rule is gone; what it gave stays given",
    "notice_removed": "The rule is gone; nobody is told by it any more",
    "template_added": "The template is there",
    "template_removed": "The template is gone; what is built in counts again",
    "stop_added": "Nobody is recognised by it any more",
    "stop_removed": "Customers are recognised by it again",
    "password_changed": "Your password is changed. Every other browser is signed out",
    "second_factor_off": "Signing in asks for no code any more",
    "browser_signed_out": "That browser is signed out",
    "others_signed_out": "Every other browser is signed out",
    "user_invited": "They have a role here now, and sign in as they do already",
    "link_mailed": "They have a mail with a link, which works once",
    "role_changed": "The role is changed",
    "group_role_changed": "The role in the group is changed",
    "user_disabled": "They are signed out everywhere, and cannot sign in any more",
    "user_enabled": "They can sign in again",
    "user_signed_out": "They are signed out everywhere",
    "contact": "Changed",
    "state": "State changed",
    "mark": "Golden mark changed",
    "approval": "Approval changed",
    "location": "Location changed",
    "assignment": "Assigned",
    "tags": "Tags changed",
    "put_off": "Put off",
    "called": "Call logged",
    "visited": "Visit logged",
    "noted": "Note saved",
    "queued": "The message goes in ten seconds",
    "called_back": "The message was called back",
    "again": "The message is where it was written",
    "kept_draft": "Draft saved",
    "booked": "Booked",
    "rebooked": "Appointment changed",
    "merged": "Merged",
    "unmerged": "The merge was taken back",
    "not_a_duplicate": "Remembered as somebody else",
    "parted": "Parted",
    "test_key_made": "Your test key is made",
    "test_key_ended": "That test key works no more",
    "key_revoked": "The key is revoked",
    "webhook_changed": "The webhook is changed",
    "webhook_on": "The webhook is switched on",
    "webhook_off": "The webhook is switched off",
    "webhook_is_off": "The webhook is switched off: nothing is sent to it",
    "webhook_removed": "The webhook is removed",
    "test_sent": "A test is on its way",
    "redelivered": "{deliveries} sent once more",
    "adf_accepted": "It is a lead now",
    "adf_dismissed": "Dismissed",
}
_MOST_MARKS = 200


class Done(msgspec.Struct, frozen=True):
    """What was done: a sentence, and how it is taken back.

    Attributes:
        undo: the events, each as ``dealership/event``.
    """

    text: str
    undo: list[str]


def sentence(word: str, count: int = 1) -> str:
    """The sentence of *word*."""
    customers = "1 customer" if count == 1 else f"{count} customers"
    deliveries = "1 delivery is" if count == 1 else f"{count} deliveries are"
    return SENTENCES[word].format(n=count, customers=customers, deliveries=deliveries)


def done_in(parameters: Mapping[str, str]) -> Done | None:
    """What the address says was done; None where it says nothing that is known."""
    word = parameters.get("said", "")
    if word not in SENTENCES:
        return None
    count = parameters.get("n", "1")
    marks = [mark for mark in parameters.get("done", "").split(",") if _is_mark(mark)]
    return Done(sentence(word, int(count) if count.isdigit() and len(count) < 4 else 1), marks[:_MOST_MARKS])  # noqa: PLR2004


def marks_of(dealership: str, event_ids: Sequence[int]) -> list[str]:
    """The events as an undo names them."""
    return [f"{dealership}/{event_id}" for event_id in event_ids]


def read_marks(text: str) -> list[tuple[str, int]]:
    """The events that an undo names."""
    marks = [mark for mark in text.split(",") if _is_mark(mark)][:_MOST_MARKS]
    return [(slug, int(event_id)) for slug, _, event_id in (mark.rpartition("/") for mark in marks)]


def _is_mark(text: str) -> bool:
    slug, _, event_id = text.rpartition("/")
    return bool(slug) and event_id.isascii() and event_id.isdigit() and len(event_id) < 19  # noqa: PLR2004
