"""Which values the log may show: those of fields named here, as long as they look as such values do. Pure.

Everything else is masked, whatever it is called and wherever it stands. A new field of the API is masked until somebody
decides about it (a test asks).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from forecourt import vocabulary
from forecourt.activities.log import DIRECTIONS, KINDS, OUTCOMES
from forecourt.appointments.schema import PURPOSES, STATUSES
from forecourt.clusters.vocabulary import RULES, STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WORDS = frozenset(
    " ".join(word.casefold().split())
    for words in (
        vocabulary.CATEGORIES,
        vocabulary.SOURCES,
        vocabulary.MARKETING_SOURCES,
        vocabulary.LEAD_STATES,
        vocabulary.FILE_TYPES,
        vocabulary.DOCUMENT_TYPES,
        STATES,
        RULES,
        KINDS,
        DIRECTIONS,
        OUTCOMES,
        PURPOSES,
        STATUSES,
        ("phone", "ok", "business_hours", "wall_clock", "live", "test"),
        ("html", "adf", "v1", "v2", "v3", "cluster", "event", "outbox", "smtp", "http"),
    )
    for word in words
)
_LONGEST_WORD = max(map(len, _WORDS))
# As they are mostly written.
EXACT_WORDS = frozenset(
    {*vocabulary.CATEGORIES, *vocabulary.SOURCES, *vocabulary.MARKETING_SOURCES, *STATES, *KINDS}
)
_TRUTHS = frozenset({"true", "false", "1", "0"})
_EVENT = re.compile(
    r"(?:lead|lead_cluster|contact|appointment|call|sms|email|walk_in|note)\.[a-z]{2,20}(?:_[a-z]{1,20}){0,4}"
)
_INTEGER = re.compile(r"[1-9][0-9]{0,17}|0", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+ -][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)
_HOUR = re.compile(r"[0-2][0-9]:[0-5][0-9]", re.ASCII)
# What people call a thing of the trade, not a person: a supplier, a tag, a stock number, a slug. Nothing with an @, and
# nothing that could be dialled.
_CODE = re.compile(
    r"(?!(?:[ ./:-]*[0-9]){6,20}[ ./:-]*\Z)[A-Za-z0-9][A-Za-z0-9 ._:/&+-]{0,63}",
    re.ASCII,
)
_SORT = re.compile(r"-?[a-z]+(?:_[a-z]+){1,4}")
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_word(value: object) -> bool:
    """Whether *value* is a word of the contract or of ours, in any case."""
    if not isinstance(value, str):
        return False
    if value in EXACT_WORDS:
        return True
    if len(value) <= 2 * _LONGEST_WORD and " ".join(value.casefold().split()) in _WORDS:
        return True
    return "." in value and _EVENT.fullmatch(value) is not None


def is_integer(value: object) -> bool:
    """Whether it is an integer, or the text of one without a zero in front."""
    if isinstance(value, str):
        return _INTEGER.fullmatch(value) is not None
    return isinstance(value, int)


def is_number(value: object) -> bool:
    """Whether it is a number, or the text of one."""
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, (int, float, Decimal))


def is_truth(value: object) -> bool:
    """Whether it is true or false, or says so."""
    return isinstance(value, bool) or (isinstance(value, str) and value.lower() in _TRUTHS)


def is_moment(value: object) -> bool:
    """Whether it is a moment, or a day."""
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def is_hour(value: object) -> bool:
    """Whether it is an hour of the day."""
    return isinstance(value, str) and _HOUR.fullmatch(value) is not None


def is_code(value: object) -> bool:
    """Whether it looks like the name of a thing, and like nothing that reaches a person."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def is_code_or_integer(value: object) -> bool:
    """Whether it is the slug or the id of a dealership."""
    return is_integer(value) or is_code(value)


def is_status(value: object) -> bool:
    """Whether it is the status of an appointment or of an answer, a class of those included."""
    return is_word(value) or is_integer(value) or (isinstance(value, str) and value in _CLASSES)


def is_sort(value: object) -> bool:
    """Whether it is an order of a list."""
    return isinstance(value, str) and len(value) < _LONGEST_SORT and _SORT.fullmatch(value) is not None


def is_hash(value: object) -> bool:
    """Whether it is a SHA-256."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


_CLASSES = frozenset({"1xx", "2xx", "3xx", "4xx", "5xx"})
_LONGEST_SORT = 40

_KINDS: Mapping[Callable[[object], bool], str] = {
    is_integer: """
        id dealership_id lead_id lead_ids lead_cluster_id lead_cluster_ids merged_lead_cluster_ids contact_id
        other_lead_cluster_id earlier_lead_cluster_id website_id page_id location_id location_ids car_id car_ids model_id
        model_variant_id colour_id team_member_id user_id user_ids secondary_user_id by_user_id api_key_id
        opt_in_to_marketing_api_key_id lead_status_option_id payment_processor_id family_id manufacturer_id
        assignment_rule_id dealership_ids year activity_id changed_by_event_id delivery_id event_id event_ids held_id held_ids
        mentioned_user_ids message_id notification_rule_id template_id undoes_event_id webhook_id
    """,
    is_number: """
        version lead_version lead_cluster_version amount size weekday position lead_count leads files score
        delay_customer_email_minutes delay_dealership_notification_minutes time_on_site_seconds time_to_submit_seconds
        length_in_minutes target_minutes overdue_minutes closed_cluster_days first_response_seconds
        first_response_business_seconds possible_duplicates open_clusters most_open_clusters full
        bytes_in bytes_out duration_ms limit attempts number milliseconds request_bytes response_bytes segments hold_seconds
        overlap_hours redelivered untold answered chance converted customers due enquiries erase_closed_after_days expected
        in_target in_target_share invalid lost median_business_seconds median_seconds merged no_shows out_of_target
        p90_business_seconds p90_seconds today usual_today usual_week
    """,
    is_truth: """
        golden certified sms_verified opt_in_to_marketing send_customer_email disable_strict_validation dry_run approved
        enabled ai_generated human overdue absent unassigned more uses_appointment_state _destroy waiting test
        accepted extended has_token marketing open remember
    """,
    is_moment: """
        at created_at updated_at occurred_at opt_in_to_marketing_at erased_at closed_at approved_at answered_at due_at
        overdue_at found_at given_at first_seen_at last_assigned_at first_lead_created_at last_lead_created_at
        waiting_since since absent_from absent_until starts_at starts_at_instant day created_from created_to updated_from
        updated_to waiting_since_before assigned_at decided_at disabled_at ended_at failed_since failing_since
        former_secret_valid_until handed_over_at last_at received_at started_at until
    """,
    is_hour: "opens closes quiet_from quiet_to",
    is_word: """
        category categories source sources marketing_source marketing_sources lead_state lead_states file_type file_types
        document_types state kind direction outcome purpose rule location_type channel format medium mode schema topic transport
    """,
    is_code: "dealership_slug website_slug slug stocknum provider provider_id tag tags timezone method report",
    is_code_or_integer: "dealership",
    is_status: "status",
    is_sort: "sort",
    is_hash: "sha256",
}

# Field -> whether a value of it may be shown.
SHOWN: Mapping[str, Callable[[object], bool]] = {
    name: shows for shows, names in _KINDS.items() for name in names.split()
}

# What holds other fields of the API: each of those is looked up by its own name.
OPEN = frozenset(
    """
    lead lead_cluster lead_clusters contact emails phones address_attributes payment_attributes payments
    lead_files_attributes car_lead_clusters car_lead_clusters_attributes activity activities appointment appointments
    assignment_rule assignment_rules staff staff_member users user secondary_user approver locations api_key
    response_settings response_clock response_targets opening_hours closed_days public_holidays lead_cluster_settings
    lead_status_option lead_status_options stop_list stop_list_entry consents membership matched reasons conflicts by_hand
    dealerships events assigned answer requests adf_vendor adf_vendors all_attempts assignment built_in changed_by customer
    deliveries delivery held ids last_attempt memberships message_templates messages notification_rules prospects repairs summary
    told variables vendor webhooks before days days_before now period rows total total_before
    """.split()  # noqa: SIM905 - so many words are read better so
)

# Where people write words.
PROSE = frozenset(
    """
    name last_name message customer_address business_name street city state_long country note body subject html text
    """.split()  # noqa: SIM905
)

# Known to the API, and the value or what is inside is always masked.
PERSONAL = (
    frozenset(
        """
        email phone phone_e164 dob user_email external_transaction_id postcode fields extra charge_breakdown file filename
        content_type url value kept pushed q cursor next_cursor region badge colour car_for_test_drive
        assignment_rule_name answered_by decision permissions warnings changes request_id field from to query path
        request_body response_body request_headers key_hint request_type response_type route problem address addresses
        correlation_id detail disabled_because document does_not_fit filters headers mail_from meaning missing reason recipient
        reference reply_to response response_headers secret sender sender_name sequence sms_sender target tells token token_header
        vehicle vendor_id by group key
        """.split()  # noqa: SIM905
    )
    | PROSE
)
