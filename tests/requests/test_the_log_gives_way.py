"""A busy server keeps its lines, then its time: bodies are left out first, lines last, and how many is told."""

from __future__ import annotations

import json
import weakref
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import structlog

from forecourt.infra.bodies import Body
from forecourt.infra.database import Database
from forecourt.infra.http import Answer, Call, Door
from forecourt.infra.observed import Answered
from forecourt.requests import recording
from forecourt.requests.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World

BODY = Body({"lead": {"name": "Mia"}}, typed=True, family=b"", sent=b"", size=100)
CALL = Answered(
    method="PUT",
    route="/api/v1/leads/{id}",
    path="/api/v1/leads/1",
    parameters={"id": "1"},
    query=b"",
    headers={"content-type": "application/json"},
    request_id="req_1",
    token_hash=None,
    body=BODY,
    status=200,
    answer=b'{"id":1}',
    answer_type=b"application/json",
    bytes_out=8,
    at=1_800_000_000.0,
    duration=0.01,
)


@pytest.fixture
async def database(database_url: str, world: World) -> AsyncGenerator[Database]:
    await world.run("truncate request_log")
    opened = Database(connections=1)
    await opened.open(database_url)
    yield opened
    await opened.close()


async def written(recorder: Recorder, world: World) -> list[dict[str, Any]]:
    await recorder.write_down()
    return await world.rows(
        "select request_id, status, request_body is not null as has_body, bytes_in from request_log order by id"
    )


def noted(recorder: Recorder, count: int, at: float = CALL.at, **changed: Any) -> None:
    """Calls that were answered one shortly after the other."""
    for number in range(count):
        moment = at + number / 100_000
        recorder.note(msgspec.structs.replace(CALL, request_id=f"r{number}", at=moment, **changed))


async def test_so_many_bodies_at_once_and_every_line(database: Database, world: World) -> None:
    recorder = Recorder(database)
    noted(recorder, recording.BODIES_AT_ONCE + 50)

    rows = await written(recorder, world)

    assert len(rows) == recording.BODIES_AT_ONCE + 50
    assert sum(row["has_body"] for row in rows) == recording.BODIES_AT_ONCE
    assert {row["bytes_in"] for row in rows} == {100}


async def test_time_brings_bodies_back(database: Database, world: World) -> None:
    recorder = Recorder(database)
    noted(recorder, recording.BODIES_AT_ONCE)
    noted(recorder, 2 * recording.BODIES_A_SECOND, at=CALL.at + 1)

    rows = await written(recorder, world)

    assert sum(row["has_body"] for row in rows) == recording.BODIES_AT_ONCE + recording.BODIES_A_SECOND


async def test_what_was_refused_has_an_allowance_of_its_own(database: Database, world: World) -> None:
    recorder = Recorder(database)
    noted(recorder, recording.BODIES_AT_ONCE + 50)
    noted(recorder, 50, status=422)

    rows = await written(recorder, world)

    assert {row["has_body"] for row in rows if row["status"] == 422} == {True}


async def test_long_bodies_give_way_to_lines_and_lines_to_the_memory(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_BYTES", 1_000)
    monkeypatch.setattr(recording, "MOST_LINES", 20)
    recorder = Recorder(database)
    with structlog.testing.capture_logs() as told:
        noted(recorder, 25)
        rows = await written(recorder, world)

    assert [row["request_id"] for row in rows] == [f"r{number}" for number in range(20)]
    assert [row["has_body"] for row in rows] == [True] * 9 + [False] * 11
    assert [(one["event"], one["bodies"], one["lines"]) for one in told] == [("requests.left_out", 11, 5)]
    # What was written makes room.
    noted(recorder, 5)
    assert len(await written(recorder, world)) == 25


async def test_what_is_not_kept_is_not_held_in_memory_either(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_BYTES", 1_000_000)
    recorder = Recorder(database)
    trees = weakref.WeakSet[Tree]()
    for _ in range(5):
        tree = Tree(lead={"message": "long"})
        trees.add(tree)
        noted(recorder, 1, body=Body(tree, typed=True, family=b"", sent=b"", size=900_000))
    del tree

    assert len(trees) == 1
    assert {row["bytes_in"] for row in await written(recorder, world)} == {900_000}
    assert len(trees) == 0


class Tree(dict[str, Any]):
    """A body's tree that tells when nobody has it any more."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


async def test_refused_keys_fill_neither_the_log_nor_the_disk(database: Database, world: World) -> None:
    recorder = Recorder(database)
    noted(recorder, recording.REFUSED_KEYS_AT_ONCE + 500, status=401)
    noted(recorder, 3)

    rows = await written(recorder, world)

    assert len([row for row in rows if row["status"] == 401]) == recording.REFUSED_KEYS_AT_ONCE
    assert len([row for row in rows if row["status"] == 200]) == 3


async def test_what_the_database_does_not_take_now_it_takes_later_and_once(
    database_url: str, world: World
) -> None:
    await world.run("truncate request_log")
    database = Database(connections=1)
    recorder = Recorder(database)
    noted(recorder, 7)
    with structlog.testing.capture_logs() as told:
        await recorder.write_down()
    assert [one["event"] for one in told] == ["requests.not_written"]
    await database.open(database_url)
    noted(recorder, 3)

    rows = await written(recorder, world)
    await database.close()

    assert len(rows) == 10


async def test_a_call_that_nobody_can_make_sense_of_costs_only_itself(
    database: Database, world: World
) -> None:
    recorder = Recorder(database)
    with structlog.testing.capture_logs() as told:
        noted(recorder, 2)
        recorder.note(msgspec.structs.replace(CALL, answer=b"{not json"))
        noted(recorder, 2)
        rows = await written(recorder, world)

    assert len(rows) == 4
    assert [(one["event"], one["route"]) for one in told] == [("requests.not_understood", CALL.route)]


async def test_an_observer_that_fails_costs_nobody_an_answer() -> None:
    sent: list[dict[str, Any]] = []
    seen: list[Answered] = []

    async def handler(_: Call) -> Answer:
        return Answer(200, b'{"fine":true}')

    async def send(message: Any) -> None:
        sent.append(message)

    def failing(_: Answered) -> None:
        raise LookupError("mia@example.com")

    scope: Any = {
        "method": "GET",
        "path": "/api/v1/x",
        "path_params": {},
        "headers": [],
        "query_string": b"a=1",
    }
    with structlog.testing.capture_logs() as told:
        await Door(handler, "/api/v1/x", (failing, seen.append))(scope, None, send)  # type: ignore[arg-type]

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert [(one.method, one.route, one.status, one.query, one.answer) for one in seen] == [
        ("GET", "/api/v1/x", 200, b"a=1", b'{"fine":true}')
    ]
    assert json.dumps(told) == '[{"error": "LookupError", "event": "observer.failed", "log_level": "error"}]'
