"""The checker of histories is itself checked: of a history that is right it says nothing, of each wrong it says so."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.faults.journal import (
    OK,
    REFUSED,
    UNKNOWN,
    Op,
    Step,
    history_wrongs,
    mail_wrongs,
    webhook_wrongs,
)
from tests.messages.sink import Received
from tests.webhooks.receiving import Got


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Op], list[Step], dict[int, int]]:
    """Writes of some clients at once, each with an outcome that fits what became of it."""
    journal, history = [], []
    versions: dict[int, int] = {}
    now = 0.0
    for number in range(draw(st.integers(2, 25))):
        lead_id = draw(st.integers(1, 3))
        effective = draw(st.booleans())
        outcome = draw(st.sampled_from([OK, UNKNOWN] if effective else [REFUSED, UNKNOWN]))
        # It takes effect at one moment between its beginning and its end.
        now += draw(st.floats(0.01, 1))
        began, ended = now - draw(st.floats(0, 3)), now + draw(st.floats(0, 3))
        version = None
        if effective:
            version = versions[lead_id] = versions.get(lead_id, 0) + 1
            history.append(Step(lead_id, version, f"m{number}"))
        told = version if outcome == OK else None
        journal.append(Op(f"m{number}", lead_id, began, ended, outcome, told))
    return journal, history, versions


@given(histories())
def test_a_right_history_is_right(made: tuple[list[Op], list[Step], dict[int, int]]) -> None:
    assert history_wrongs(*made) == []


@given(histories(), st.data())
def test_an_acknowledged_write_that_is_missing_is_found(made: Any, data: st.DataObject) -> None:
    journal, history, versions = made
    kept = [op for op in journal if op.outcome == OK]
    assume(kept)
    lost = data.draw(st.sampled_from(kept))

    left = [step for step in history if step.mark != lost.mark]

    assert f"{lost.mark} was acknowledged and is lost" in history_wrongs(journal, left, versions)


@given(histories(), st.data())
def test_a_write_that_took_effect_twice_is_found(made: Any, data: st.DataObject) -> None:
    journal, history, versions = made
    assume(history)
    twice = data.draw(st.sampled_from(history))
    again = replace(twice, version=versions[twice.lead_id] + 1)
    grown = versions | {twice.lead_id: again.version}

    assert f"{twice.mark} took effect 2 times" in history_wrongs(journal, [*history, again], grown)


@pytest.mark.parametrize(
    ("journal", "history", "versions", "wrong"),
    [
        ([Op("a", 1, 0, 1, REFUSED)], [Step(1, 1, "a")], {1: 1}, "a was refused and took effect"),
        ([Op("a", 1, 0, 1, OK, 2)], [Step(1, 1, "a")], {1: 1}, "a was told version 2 and is 1"),
        ([Op("a", 1, 0, 1, OK, 1)], [Step(2, 1, "a")], {2: 1}, "a took effect on lead 2"),
        ([], [Step(1, 1, "a"), Step(1, 3, "b")], {1: 3}, "lead 1 has version 3 and the steps [1, 3]"),
        ([], [Step(1, 1, "a")], {}, "lead 1 is in the log alone"),
        (
            [Op("a", 1, 0, 1, OK, 2), Op("b", 1, 2, 3, OK, 1)],
            [Step(1, 1, "b"), Step(1, 2, "a")],
            {1: 2},
            "a ended before one began whose version is earlier",
        ),
    ],
)
def test_each_other_wrong_is_found(
    journal: list[Op], history: list[Step], versions: dict[int, int], wrong: str
) -> None:
    assert history_wrongs(journal, history, versions) == [wrong]


def mail(reference: str, to: str = "mia@example.com") -> Received:
    message = EmailMessage()
    message["Message-ID"] = reference
    message.set_content("Hi")
    return Received([to], message.as_bytes())


def row(state: str, channel: str = "customer_email") -> dict[str, Any]:
    return {"reference": "<1@x>", "channel": channel, "state": state, "recipient": "mia@example.com"}


@pytest.mark.parametrize(
    ("journal", "rows", "wrongs"),
    [
        ([mail("<1@x>")], [row("sent")], []),
        ([], [row("unknown")], []),
        ([mail("<1@x>")], [row("unknown")], []),
        ([mail("<1@x>"), mail("<1@x>")], [row("sent", "notification")], []),
        ([mail("<1@x>"), mail("<1@x>")], [row("sent")], ["<1@x> came 2 times"]),
        ([], [row("sent")], ["<1@x> is sent and never came"]),
        ([mail("<1@x>")], [row("failed")], ["<1@x> is failed and came"]),
        ([mail("<2@x>")], [], ["nobody knows of <2@x>"]),
        ([mail("<1@x>", "eve@example.com")], [row("sent")], ["<1@x> went to somebody else"]),
    ],
)
def test_mail_that_does_not_match_is_found(
    journal: list[Received], rows: list[dict[str, Any]], wrongs: list[str]
) -> None:
    assert mail_wrongs(journal, rows) == wrongs


def told(message_id: str, event_id: int = 7, path: str = "/a") -> Got:
    return Got(path, {"webhook-id": message_id}, f'{{"id": {event_id}}}'.encode())


@pytest.mark.parametrize(
    ("journal", "states", "wrongs"),
    [
        ([told("msg_1"), told("msg_1")], {1: "sent"}, []),
        ([], {1: "sent"}, ["msg_1 is sent and never came"]),
        ([told("msg_9")], {}, ["nobody knows of msg_9"]),
        ([told("msg_1", path="/b")], {1: "sent"}, ["msg_1 told /b of something else"]),
        (
            [told("msg_1"), told("msg_2")],
            {1: "sent", 2: "sent"},
            ["('/a', 7, 'lead.created') came under the ids ['msg_1', 'msg_2']"],
        ),
    ],
)
def test_webhooks_that_do_not_match_are_found(
    journal: list[Got], states: dict[int, str], wrongs: list[str]
) -> None:
    rows = [
        {"id": ident, "event_id": 7, "topic": "lead.created", "path": "/a", "state": state}
        for ident, state in states.items()
    ]
    assert webhook_wrongs(journal, rows) == wrongs
