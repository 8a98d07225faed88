"""The log holds no personal data and no secret, so that erasing a person need not touch it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import typing
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from forecourt.app import all_routes
from forecourt.files.store import FileStore
from forecourt.infra.database import Database
from forecourt.requests import envelope, masking
from forecourt.requests.harmless import OPEN, PERSONAL, SHOWN
from forecourt.requests.names import is_ordinary
from tests.clusters.asking import enquiry
from tests.conftest import bearer
from tests.privacy.test_a_person_is_erased import GONE, a_life, dumped, erased, found
from tests.requests.asking import listed
from tests.requests.canaries import CODES, Canaries, everything

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world import World


async def test_a_thousand_canaries_leave_no_trace_in_the_log(
    api: httpx.AsyncClient, world: World, database_url: str, tmp_path: Path
) -> None:
    first = await enquiry(api)
    canaries = Canaries()
    sent = everything(tmp_path, first["lead_cluster_id"], canaries)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("FORECOURT_")}
    variables |= {"FORECOURT_DATA_DIR": str(tmp_path), "FORECOURT_LOG_LEVEL": "debug"}
    log = tmp_path / "server.log"
    with log.open("wb") as stderr:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "forecourt",
                "serve",
                "--port",
                "0",
                "--json",
                "--database-url",
                database_url,
            ],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
        assert server.stdout
        try:
            address = json.loads(await asyncio.to_thread(server.stdout.readline))["url"]
            async with httpx.AsyncClient(base_url=address, headers=bearer(world.token), timeout=60) as client:
                words = [
                    (await client.request(one.method, one.path, **one.more)).headers["x-request-id"]
                    for one in sent
                ]
        finally:
            server.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.wait, 30)
            server.stdout.close()

    lines = await world.rows(
        "select request_log::text as line from request_log where request_id = any ($1)", words
    )
    assert len(canaries.released) > 1_000
    assert len(lines) == len(sent) - _left_out(log.read_text())
    told = "\n".join(row["line"] for row in lines).lower()
    assert [canary for canary in canaries.released if canary in told] == []
    assert [canary for canary in canaries.released if canary in log.read_text().lower()] == []
    # They went where they were sent: nothing would be proved otherwise.
    kept = (await dumped(database_url)).lower()
    assert len([canary for canary in canaries.released if canary in kept]) > 50


def _left_out(log: str) -> int:
    """How many calls with a refused key the server did not keep: it is made to refuse very many here."""
    return sum(json.loads(line).get("lines", 0) for line in log.splitlines() if "requests.left_out" in line)


async def test_erasing_a_person_need_not_touch_it(
    api: httpx.AsyncClient, world: World, database_url: str
) -> None:
    told = await a_life(api)
    await listed(api)
    before = await world.rows("select count(*) as lines from request_log where lead_cluster_id is not null")
    logged = "\n".join(
        row["line"] for row in await world.rows("select request_log::text as line from request_log")
    )
    assert found(GONE, logged) == set()

    await erased(api, told["contact"]["id"])

    assert found(GONE, await dumped(database_url)) == set()
    after = await world.rows("select count(*) as lines from request_log where lead_cluster_id is not null")
    assert after[0]["lines"] >= before[0]["lines"]


def test_somebody_has_decided_about_every_field_of_the_api(tmp_path: Path) -> None:
    routes = all_routes(Database(connections=1), FileStore(tmp_path))
    structs = {
        struct
        for route in routes
        for told in [route.body, *(one for some in route.answers.values() for one in some)]
        if told is not None
        for struct in _structs(told)
    }
    fields = {one.encode_name for struct in structs for one in msgspec.structs.fields(struct)}
    parameters = {one.name for route in routes for one in route.parameters if one.place == "query"}

    assert sorted((fields | parameters) - {*SHOWN, *OPEN, *PERSONAL}) == []
    assert [name for name in fields if [name in SHOWN, name in OPEN, name in PERSONAL].count(True) != 1] == []


def _structs(kind: Any, seen: set[type] | None = None) -> Iterator[type]:
    seen = set() if seen is None else seen
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in seen:
        seen.add(kind)
        yield kind
        for one in msgspec.structs.fields(kind):
            yield from _structs(one.type, seen)
    for inner in typing.get_args(kind):
        yield from _structs(inner, seen)


SECRETS = st.from_regex(r"[A-Z][a-z]{3,9}zq[0-9]{4,9}[a-z]{2}", fullmatch=True)
TREES: st.SearchStrategy[Any] = st.recursive(
    SECRETS | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            SECRETS | st.sampled_from(sorted({*SHOWN, *OPEN, *PERSONAL} - CODES)),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(tree=st.dictionaries(SECRETS | st.sampled_from(sorted({*OPEN, *PERSONAL})), TREES, max_size=5))
def test_whatever_a_body_holds_no_word_of_it_is_shown(tree: dict[str, Any]) -> None:
    assert re.findall(r"zq[0-9]{4}", str(masking.masked_body(tree))) == []


@settings(deadline=None)
@given(extra=TREES)
def test_what_a_customer_wrote_is_not_shown_in_an_answer_either(extra: Any) -> None:
    answer = {"id": 1, "extra": extra, "fields": extra, "changes": {"extra": {"from": extra, "to": extra}}}

    assert re.findall(r"zq[0-9]{4}", str(masking.masked_answer(answer))) == []


@settings(deadline=None)
@given(text=st.text(alphabet="?&=[]%+;aZ09é\n", max_size=60) | SECRETS)
def test_whatever_a_query_holds_no_word_of_it_is_shown(text: str) -> None:
    query = f"{text}Mariazq1234xy=1&q={text}Mariazq1234xy&email=Mariazq1234xy".encode("ascii", "ignore")

    assert "zq1234" not in str(envelope.masked_query(query))


def test_names_of_ordinary_words_are_shown_and_no_others() -> None:
    for name in (
        "nickname",
        "utm_campaign",
        "firstName",
        "vehicle-of-interest",
        "customerPhone2",
        "UTMSource",
        "line1",
    ):
        assert is_ordinary(name)
    for name in (
        "Quillfeather",
        "first name",
        "mia@example.com",
        "0491570156",
        "9",
        "",
        "lead_Mia",
        "naïve",
        "a" * 65,
    ):
        assert not is_ordinary(name)
