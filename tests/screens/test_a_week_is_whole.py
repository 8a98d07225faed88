"""The diary's rules: every appointment has its place in the week, and a calendar file says what was meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from forecourt.screens.appointments.calendar_file import escaped, folded
from forecourt.screens.appointments.records import Entry
from forecourt.screens.appointments.week import bounds, by_day, by_line, day_of, monday_of
from forecourt.screens.customer.hours import hours_in_words, moment_of_preset, presets
from forecourt.screens.customer.records import Opening

ZONES = st.sampled_from(["Australia/Perth", "Australia/Sydney", "Pacific/Auckland", "Australia/Lord_Howe"])
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zoned below


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    return Entry(
        id=draw(st.integers(1, 9)),
        dealership_id=1,
        dealership_slug="a",
        dealership_name="A",
        timezone=draw(ZONES),
        lead_cluster_id=1,
        version=1,
        purpose="Test Drive",
        starts_at=draw(MOMENTS),
        length_in_minutes=30,
        status="pending",
        note=None,
        user_id=None,
        user=draw(st.sampled_from([None, "Mia", "Jo"])),
        car_id=None,
        car=draw(st.sampled_from([None, "Ranger"])),
        stocknum=draw(st.sampled_from([None, "S1"])),
        location=None,
        name=None,
        last_name=None,
        business_name=None,
        erased_at=None,
    )


@given(st.lists(entries(), max_size=12), DAYS, st.sampled_from(["person", "car"]))
def test_the_list_and_the_grid_show_the_same_appointments_once_each(
    every: list[Entry], day: date, of: str
) -> None:
    monday = monday_of(day)

    listed = [entry for one in by_day(every, monday) for entry in one.entries]
    in_grid = [entry for line in by_line(every, monday, of) for those in line.days for entry in those]

    due = [entry for entry in every if monday <= day_of(entry) < monday + timedelta(days=7)]
    key = lambda entry: (entry.starts_at, entry.id, id(entry))  # noqa: E731
    assert sorted(listed, key=key) == sorted(in_grid, key=key) == sorted(due, key=key)


@given(DAYS, ZONES)
def test_a_week_is_seven_days_of_its_own_clock(day: date, timezone: str) -> None:
    begins, ends = bounds(monday_of(day), timezone)

    first, last = (moment.astimezone(ZoneInfo(timezone)) for moment in (begins, ends))
    assert (first.weekday(), first.hour, last.weekday(), last.hour) == (0, 0, 0, 0)
    assert last.date() - first.date() == timedelta(days=7)
    assert timedelta(days=7) - (ends - begins) in {
        timedelta(minutes=minutes) for minutes in (-60, -30, 0, 30, 60)
    }


@given(st.text(max_size=300))
def test_a_line_of_a_calendar_file_is_folded_and_can_be_unfolded(text: str) -> None:
    line = f"SUMMARY:{escaped(text)}"

    written = folded(line)

    assert all(len(piece) <= 75 for piece in written.split(b"\r\n"))
    assert written.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode() == line
    assert "\n" not in line


@given(MOMENTS, ZONES)
def test_a_preset_lies_ahead_and_means_the_morning_of_the_dealerships_clock(
    now: datetime, timezone: str
) -> None:
    for preset in presets(now, timezone):
        moment = moment_of_preset(preset.until, now, timezone)
        assert moment is not None
        assert now < moment <= now + timedelta(days=8)
        if preset.until != "2h":
            assert (moment.astimezone(ZoneInfo(timezone)).hour, moment.minute) == (9, 0)
    assert moment_of_preset("never", now, timezone) is None


def test_opening_hours_are_told_shortly() -> None:
    def opening(weekday: int, opens: str = "09:00", closes: str = "17:00") -> Opening:
        return Opening(weekday=weekday, opens=opens, closes=closes)

    assert hours_in_words([opening(day) for day in range(1, 6)]) == "Mon to Fri 09:00 to 17:00"
    assert hours_in_words([opening(1), opening(3), opening(6, "10:00")]) == (
        "Mon, Wed 09:00 to 17:00, Sat 10:00 to 17:00"
    )
    assert hours_in_words([opening(2, "09:00", "12:00"), opening(2, "13:00")]) == (
        "Tue 09:00 to 12:00 and 13:00 to 17:00"
    )
    assert hours_in_words([]) == "never"
