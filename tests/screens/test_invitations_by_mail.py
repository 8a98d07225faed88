"""Where a mail server is configured, whoever is invited hears of it by mail, and the outbox keeps no link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conftest import serving
from tests.messages.sink import Sink, a_sink
from tests.screens.people import PASSWORD, Visitor, person
from tests.world import OURS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.world import World


@pytest.fixture(scope="module")
async def sink() -> AsyncGenerator[Sink]:
    async with a_sink() as opened:
        yield opened


@pytest.fixture(scope="module")
async def server(
    database_url: str, world: World, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    assert world
    folder = tmp_path_factory.mktemp("files")
    async with serving(
        database_url, folder, smtp_url=sink.url, mail_from="leads@forecourt.example"
    ) as address:
        yield address


async def test_the_mail_leads_in_and_nothing_else_tells_the_link(
    server: str, sink: Sink, world: World
) -> None:
    await person(world, "boss", "owner")
    async with Visitor(server) as owner:
        await owner.sign_in("boss@example.com")
        invited = await owner.post(
            "/settings/users", dealership=OURS, name="Guest", email="guest@example.com", role="salesperson"
        )
        assert invited.status_code == 303
        assert "They have a mail" in (await owner.get(invited.headers["location"])).text
        [mail] = [one for one in sink.journal if one.recipients == ["guest@example.com"]]
        found = re.search(rf"{server}(/sign-in/[\w-]{{43}})", mail.part("plain"))
        assert found
        assert await world.rows("select id from message") == []

        sink.faults["away@example.com"] = ["refuse"]
        shown = await owner.post(
            "/settings/users", dealership=OURS, name="Away", email="away@example.com", role="salesperson"
        )
        assert shown.status_code == 200
        assert 'id="link"' in shown.text
    async with Visitor(server) as guest:
        await guest.post(found[1], password=PASSWORD)
        assert await guest.is_in()
