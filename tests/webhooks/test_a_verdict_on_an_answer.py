"""What follows from an answer: a rule, whatever is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from forecourt.deliveries.schedule import WEBHOOK
from forecourt.webhooks.sign import new_secret, signature
from forecourt.webhooks.verdict import retry_after, verdict

NOW = datetime(2027, 1, 31, 8, tzinfo=UTC)


@given(
    st.one_of(st.none(), st.integers(100, 599)),
    st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text(max_size=40)),
    st.integers(1, 20),
    st.floats(0, 1),
)
def test_each_answer_is_taken_tried_again_in_good_time_or_given_up(
    status: int | None, headers: dict[str, str], attempts: int, chance: float
) -> None:
    told = verdict("answered" if status else "timed_out", status, headers, attempts, chance=chance, now=NOW)

    assert (told.state == "sent") == (status is not None and 200 <= status < 300)
    assert (told.again_in is not None) == (told.state == "waiting")
    assert (told.reason is None) == (told.state == "sent")
    if status == 410 or (told.state != "sent" and attempts > len(WEBHOOK)):
        assert told.state == "failed"
    if told.again_in is not None:
        step = WEBHOOK[attempts - 1]
        assert step * 0.8 <= told.again_in <= max(step * 1.2, timedelta(hours=24))
        if status not in {429, 502, 503, 504}:
            assert told.again_in <= step * 1.2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("99999999999", 999_999_999),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
        ("Sun, 31 Jan 2027 08:00:30", 30),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("٣", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(header, NOW) == expected


@given(st.text(st.characters(blacklist_categories=["Cs"])), st.integers(0, 2**40))
def test_a_signature_is_that_of_the_library(body: str, number: int) -> None:
    secret = new_secret()
    moment = datetime.now(UTC)

    ours = signature(secret, f"msg_{number}", int(moment.timestamp()), body.encode())

    assert ours == Webhook(secret).sign(f"msg_{number}", moment, body)
