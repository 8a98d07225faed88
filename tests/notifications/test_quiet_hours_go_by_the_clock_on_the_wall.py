"""Quiet hours end when the clock says so, whatever the clock itself does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.notifications.quiet_hours import end_of_quiet, is_quiet

# The nights on which clocks jump, and one on which none does.
NIGHTS = [
    datetime(2026, 10, 3, 8, tzinfo=UTC),
    datetime(2027, 4, 3, 8, tzinfo=UTC),
    datetime(2026, 9, 26, 8, tzinfo=UTC),
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 11, 1, 0, tzinfo=UTC),
    datetime(2026, 6, 10, 8, tzinfo=UTC),
]
ZONES = [
    "Australia/Sydney",
    "Australia/Brisbane",
    "Australia/Adelaide",
    # Half an hour.
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Europe/Dublin",
    "America/New_York",
]
QUARTERS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
# Around the hours that are skipped or come twice.
AROUND = st.builds(time, st.integers(1, 3), st.sampled_from([0, 15, 30, 45]))


@given(
    st.sampled_from(NIGHTS),
    st.integers(0, 24 * 60),
    st.one_of(QUARTERS, AROUND),
    st.one_of(QUARTERS, AROUND),
    st.sampled_from(ZONES),
)
def test_it_is_the_first_minute_that_is_not_quiet(
    night: datetime, minutes: int, quiet_from: time, quiet_to: time, zone: str
) -> None:
    if quiet_from == quiet_to:
        return
    moment = night + timedelta(minutes=minutes)
    looked_at = moment
    while is_quiet(looked_at, quiet_from, quiet_to, zone):
        looked_at += timedelta(minutes=1)

    assert end_of_quiet(moment, quiet_from, quiet_to, zone) == looked_at


def test_without_quiet_hours_every_moment_is_its_own_end() -> None:
    assert end_of_quiet(NIGHTS[0], None, None, "Australia/Sydney") == NIGHTS[0]


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        # A night of nine hours, in which the clock goes forward; of eleven; of ten.
        ("2026-10-03T21:00:00+10:00", "2026-10-04T07:00:00+11:00"),
        ("2027-04-03T21:00:00+11:00", "2027-04-04T07:00:00+10:00"),
        ("2026-06-10T21:00:00+10:00", "2026-06-11T07:00:00+10:00"),
        ("2026-06-11T06:59:59+10:00", "2026-06-11T07:00:00+10:00"),
        ("2026-06-11T07:00:00+10:00", "2026-06-11T07:00:00+10:00"),
        ("2026-06-10T20:59:59+10:00", "2026-06-10T20:59:59+10:00"),
    ],
)
def test_a_night_in_sydney(moment: str, ends: str) -> None:
    found = end_of_quiet(datetime.fromisoformat(moment), time(21), time(7), "Australia/Sydney")

    assert found == datetime.fromisoformat(ends)
