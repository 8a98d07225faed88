"""What an update makes of a lead: what was sent is there, what was not sent is as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from forecourt.ids import ApiKeyId, DealershipId, LeadClusterId, LeadId
from forecourt.leads import json_text
from forecourt.leads.changes import apply, difference
from forecourt.leads.records import LEAD_COLUMNS, Lead
from forecourt.leads.validation import ValidLead

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
KEY = ApiKeyId(7)

NULL = st.none()
# What a body may hold: no NUL, which is refused before anything else.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
IDS = st.integers(1, 5)
NUMBERS = st.integers(-9, 9) | st.decimals(-9, 9, places=2).map(lambda number: number + Decimal("0.00"))
JSON = st.recursive(
    NULL | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
ADDRESSES = st.dictionaries(st.sampled_from(["street", "city", "state", "postcode"]), NULL | TEXTS | IDS)

# Column -> what an update may set it to; columns that are kept otherwise are below.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": NULL | TEXTS,
    "message": NULL | TEXTS,
    "email": TEXTS,
    "email_normalised": NULL | TEXTS,
    "dob": NULL | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    "category": st.sampled_from(["Survey", "Phone Call"]),
    "car_id": NULL | IDS,
    "user_id": NULL | IDS,
    "certified": NULL | st.booleans(),
    "golden": st.booleans(),
    "tags": st.lists(TEXTS, max_size=3, unique=True),
    "opt_in_to_marketing": NULL | st.booleans(),
    "time_on_site_seconds": NULL | IDS,
    "fields": NULL | OBJECTS,
    "charge_breakdown": NULL | OBJECTS,
}
JSON_COLUMNS = ("fields", "charge_breakdown")
STAMPS = {"opt_in_to_marketing_at", "opt_in_to_marketing_api_key_id"}
UPDATED = st.fixed_dictionaries({}, optional=VALUES)

_NOTHING: dict[str, Any] = dict.fromkeys(LEAD_COLUMNS)
BLANK = Lead(
    **_NOTHING
    | {
        "dealership_id": DealershipId(1),
        "id": LeadId(1),
        "lead_cluster_id": LeadClusterId(1),
        "version": 1,
        "created_at": BEFORE,
        "updated_at": BEFORE,
        "category": "Survey",
        "source": "Website",
        "golden": False,
        "tags": [],
    }
)


@st.composite
def updates(draw: st.DrawFn) -> ValidLead:
    return ValidLead(draw(UPDATED), draw(st.just(UNSET) | st.none() | ADDRESSES), draw(OBJECTS), (), None, ())


def applied(update: ValidLead, before: Lead) -> Lead:
    return apply(update, before, by=KEY, now=NOW)


LEADS = updates().map(lambda update: applied(update, BLANK))


def holds(lead: Lead, column: str) -> Any:
    value = getattr(lead, column)
    return json_text.value_of(value) if column in (*JSON_COLUMNS, "address_attributes", "extra") else value


@given(before=LEADS, update=updates())
def test_what_was_sent_is_there(before: Lead, update: ValidLead) -> None:
    after = applied(update, before)

    for column, value in update.values.items():
        assert holds(after, column) == ((value or {}) if column in JSON_COLUMNS else value)


@given(before=LEADS, update=updates())
def test_what_was_not_sent_is_as_it_was(before: Lead, update: ValidLead) -> None:
    after = applied(update, before)

    for column in set(LEAD_COLUMNS) - update.values.keys() - STAMPS - {"address_attributes", "extra"}:
        assert getattr(after, column) == getattr(before, column)
    if update.address is UNSET:
        assert after.address_attributes == before.address_attributes
    if not update.extra:
        assert after.extra == before.extra


@given(before=LEADS, update=updates())
def test_an_address_and_the_extra_are_merged_by_name(before: Lead, update: ValidLead) -> None:
    after = applied(update, before)

    assert holds(after, "extra") == holds(before, "extra") | update.extra
    if isinstance(update.address, dict):
        merged = holds(before, "address_attributes") | update.address
        assert holds(after, "address_attributes") == {
            name: value for name, value in merged.items() if value is not None
        }
    if update.address is None:
        assert after.address_attributes is None


@given(before=LEADS, update=updates())
def test_the_same_update_twice_is_the_update_once(before: Lead, update: ValidLead) -> None:
    once = applied(update, before)

    assert applied(update, once) == once
    assert difference(once, applied(update, once)) == {}


@given(before=LEADS, first=updates(), second=updates())
def test_the_last_update_wins_field_by_field(before: Lead, first: ValidLead, second: ValidLead) -> None:
    after = applied(second, applied(first, before))

    for column, value in (first.values | second.values).items():
        assert holds(after, column) == ((value or {}) if column in JSON_COLUMNS else value)


@given(before=LEADS, first=updates(), second=updates())
def test_updates_of_different_fields_may_come_in_any_order(
    before: Lead, first: ValidLead, second: ValidLead
) -> None:
    values = {column: value for column, value in second.values.items() if column not in first.values}
    apart = msgspec.structs.replace(second, values=values, address=UNSET, extra={})

    assert applied(apart, applied(first, before)) == applied(first, applied(apart, before))


@given(before=LEADS, update=updates())
def test_the_opt_in_is_stamped_when_it_changes_and_only_then(before: Lead, update: ValidLead) -> None:
    after = applied(update, before)

    if after.opt_in_to_marketing == before.opt_in_to_marketing:
        assert [getattr(after, stamp) for stamp in sorted(STAMPS)] == [
            getattr(before, stamp) for stamp in sorted(STAMPS)
        ]
    elif after.opt_in_to_marketing is None:
        assert (after.opt_in_to_marketing_at, after.opt_in_to_marketing_api_key_id) == (None, None)
    else:
        assert (after.opt_in_to_marketing_at, after.opt_in_to_marketing_api_key_id) == (NOW, KEY)


@given(lead=LEADS)
def test_a_lead_does_not_differ_from_itself(lead: Lead) -> None:
    assert difference(lead, lead) == {}


@given(before=LEADS, after=LEADS)
def test_a_difference_tells_both_sides_and_nothing_that_is_equal(before: Lead, after: Lead) -> None:
    forth, back = difference(before, after), difference(after, before)

    assert forth.keys() == back.keys()
    for field, change in forth.items():
        assert change["from"] != change["to"]
        assert back[field] == {"from": change["to"], "to": change["from"]}


@given(before=LEADS, after=LEADS)
def test_a_difference_misses_no_field(before: Lead, after: Lead) -> None:
    told = difference(before, after)

    for column in VALUES.keys() - {"email_normalised", "user_id"}:
        assert (column in told) == (holds(before, column) != holds(after, column))


@given(before=LEADS, after=LEADS)
def test_a_difference_can_be_written_down(before: Lead, after: Lead) -> None:
    written = json_text.encode(difference(before, after))

    assert msgspec.json.decode(written).keys() == difference(before, after).keys()


def test_a_difference_tells_a_birthday_as_the_contract_writes_it() -> None:
    born = msgspec.structs.replace(BLANK, dob=date(1980, 2, 1))

    assert difference(BLANK, born) == {"dob": {"from": None, "to": "01/02/1980"}}
