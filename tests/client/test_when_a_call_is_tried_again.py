"""The rules of retrying, without a network or a clock: whatever answers come, in whatever order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx2
from hypothesis import given
from hypothesis import strategies as st

from forecourt.client.calls import Api
from forecourt.client.errors import ForecourtError, error_of
from forecourt.client.retries import LONGEST, SHORTEST, Patience, asked_to_wait, wait_before
from forecourt.leads.answers import Options

if TYPE_CHECKING:
    from forecourt.client.calls import Outcome

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINE = httpx2.Response(
    200,
    json={name: [] for name in Options.__struct_fields__},
    request=httpx2.Request("POST", "http://x", headers={"x-request-id": "req_1"}),
)

refused = st.builds(
    lambda status, wait: httpx2.Response(status, headers={} if wait is None else {"retry-after": str(wait)}),
    st.sampled_from([400, 401, 404, 408, 409, 410, 412, 413, 415, 422, 429, 500, 502, 503, 504, 507, 599]),
    st.none() | st.integers(0, 100),
)
lost = st.sampled_from([httpx2.ConnectError, httpx2.ReadTimeout, httpx2.RemoteProtocolError]).map(
    lambda error: error("gone")
)
outcomes = st.lists(refused | lost, max_size=12)


@dataclass
class Trial:
    """A call by a clock of its own: each attempt with the time it began, and how the call ended."""

    patience: Patience
    dice: float
    now: float = 1000.0
    sent: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    errors: list[ForecourtError] = field(default_factory=list)
    raised: ForecourtError | None = None

    def run(self, outcomes: list[Outcome], took: list[float]) -> None:
        """Make the call; its attempts come to *outcomes*, each after so many seconds."""
        api = Api(
            url="http://x/api/v1",
            key="fc_live_key",
            patience=self.patience,
            clock=lambda: self.now,
            dice=lambda: self.dice,
        )
        steps = api.write("POST", "/leads", {"lead": {}}, Options)
        with suppress(StopIteration):
            try:
                attempt = next(steps)
                for outcome, seconds in zip([*outcomes, FINE], took, strict=False):
                    self.now += attempt.after
                    self.waits.append(attempt.after)
                    self.began.append(self.now)
                    self.sent.append((attempt.request.content, dict(attempt.request.headers)))
                    self.timeouts += attempt.request.extensions["timeout"].values()
                    self.now += seconds
                    error = error_of(outcome, attempt.request)
                    self.errors += [] if error is None else [error]
                    attempt = steps.send(outcome)
            except ForecourtError as error:
                self.raised = error


@given(
    outcomes,
    st.integers(0, 8),
    st.floats(0.1, 200),
    st.floats(0, 1, exclude_max=True),
    st.lists(st.floats(0, 40), min_size=13, max_size=13),
)
def test_a_call_ends_in_time_and_every_attempt_is_the_same(
    outcomes: list[Outcome], retries: int, within: float, dice: float, took: list[float]
) -> None:
    trial = Trial(Patience(timeout=15, retries=retries, within=within), dice)

    trial.run(outcomes, took)

    assert 1 <= len(trial.sent) <= retries + 1
    assert all(each == trial.sent[0] for each in trial.sent)
    assert trial.sent[0][1]["idempotency-key"]
    assert all(moment - 1000 < within + 1e-6 for moment in trial.began)
    assert all(0 < seconds <= min(15, within) for seconds in trial.timeouts)
    for error, wait in zip(trial.errors, trial.waits[1:], strict=False):
        assert error.passing
        assert wait >= (error.retry_after or 0)
    if trial.raised is None:
        assert len(trial.sent) == len(outcomes) + 1
    elif trial.raised.passing:
        wait = wait_before(len(trial.sent) - 1, trial.raised.retry_after, dice)
        assert len(trial.sent) == retries + 1 or trial.now - 1000 + wait >= within


@given(st.integers(0, 10_000), st.none() | st.floats(0, 1e6), st.floats(0, 1, exclude_max=True))
def test_the_wait_is_what_was_asked_and_a_bounded_random_part(
    retry: int, asked: float | None, dice: float
) -> None:
    wait = wait_before(retry, asked, dice)

    assert (asked or 0) <= wait <= (asked or 0) + LONGEST
    assert wait_before(0, None, dice) <= SHORTEST
    assert wait_before(retry, asked, 0.0) == (asked or 0)


@given(st.integers(-100, 10_000))
def test_a_moment_is_counted_from_the_answers_own_date(seconds: int) -> None:
    until = format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)

    waits = asked_to_wait({"retry-after": until, "date": format_datetime(NOON, usegmt=True)})

    assert waits == max(0, seconds)


@given(st.text(max_size=40))
def test_any_header_is_read_or_ignored(text: str) -> None:
    wait = asked_to_wait({"retry-after": text, "date": text})

    assert wait is None or wait >= 0
    assert asked_to_wait({"retry-after": "120"}) == 120
    assert asked_to_wait({}) is None
