"""What senders are told: by the command, as the text of a bounce, and at how many exchanges with the database."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from forecourt.adf.documents import read_document
from forecourt.adf.report import Deviation, ProspectOut, Repair, bounce_text, report_of
from tests.adf.asking import document, prospect
from tests.leads.test_round_trips import counting

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

ODD = document(prospect("<vehicle/>", date="11-12-2026")).replace("<name>Carsales", "<name>Cars & Sales")


def check(*words: str, sent: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "forecourt", "adf", "check", *words],
        capture_output=True,
        text=True,
        input=sent,
        check=False,
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (document(), 0),
        (ODD, 3),
        (prospect(), 3),
        ("Dear all, a lead", 1),
        ("<!DOCTYPE adf><adf/>", 1),
        ("<adf></adf>", 1),
    ],
)
def test_the_exit_code_says_whether_it_would_be_taken(content: str, code: int, tmp_path: Path) -> None:
    file = tmp_path / "lead.xml"
    file.write_text(content)

    done = check(str(file))

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_the_check_tells_repairs_rules_and_what_it_would_be(tmp_path: Path) -> None:
    file = tmp_path / "lead.eml"
    file.write_text("Subject: A lead\nContent-Type: text/plain\n\n" + ODD)

    told: dict[str, Any] = json.loads(check(str(file), "--json").stdout)
    shown = check(str(file)).stdout

    assert told["accepted"] is True
    assert [one["name"] for one in told["repairs"]] == ["ampersands"]
    assert {"path": "/adf/prospect[1]/vehicle", "message": "lacks year, make, model"}.items() <= next(
        one for one in told["warnings"] if one["rule"].startswith("<!ELEMENT vehicle")
    ).items()
    assert told["prospects"][0]["category"] == "General Enquiry"
    assert "repaired (ampersands): 1 bare & escaped" in shown
    assert "/adf/prospect[1]/vehicle: lacks year, make, model" in shown
    assert "Mia" not in shown


def test_the_check_reads_stdin_and_needs_no_database() -> None:
    done = check("-", "--json", sent=document())

    assert (done.returncode, json.loads(done.stdout)["warnings"]) == (0, [])
    assert (
        check("/nowhere/lead.xml").stderr
        == "forecourt: /nowhere/lead.xml cannot be read: No such file or directory\n"
    )


def test_a_bounce_says_what_was_wrong() -> None:
    reading = read_document(ODD.encode(), "text/xml", None)
    prospects = [
        ProspectOut(path="/adf/prospect[1]", outcome="created", lead_id=7),
        ProspectOut(path="/adf/prospect[2]", outcome="held", held_id=9),
    ]

    text = bounce_text(report_of(prospects, reading.repairs, list(reading.warnings)))

    assert text == (
        "Your ADF document was taken, but it is not quite right.\n\n"
        "- /adf/prospect[1]: it is lead 7 now\n"
        "- /adf/prospect[2]: it waits in the holding inbox, as number 9, until somebody says whose it is\n\n"
        "What had to be repaired before it could be read:\n"
        "- ampersands: 1 bare & escaped\n\n"
        "Where it is not what ADF 1.0 asks for:\n"
        "- /adf/prospect[1]/vehicle: lacks year, make, model\n"
        "  rule: <!ELEMENT vehicle (id*, year, make, model, vin?, stock?, trim?, doors?, bodystyle?, transmission?, odometer?, "
        "colorcombination*, imagetag?, price?, pricecomments?, option*, finance?, comments?)>\n"
    )


@pytest.mark.parametrize(
    ("prospects", "begins"),
    [
        ([], "Your message could not be read as an ADF document."),
        ([ProspectOut(path="/", outcome="refused")], "Your ADF document was not taken as a whole."),
        (
            [ProspectOut(path="/", outcome="created", lead_id=1)],
            "Your ADF document was taken; nothing was wrong with it.",
        ),
    ],
)
def test_a_bounce_begins_with_what_became_of_it(prospects: list[ProspectOut], begins: str) -> None:
    assert bounce_text(report_of(prospects, (), [])).splitlines()[0] == begins


def test_of_very_many_warnings_a_hundred_are_told() -> None:
    warnings = [Deviation(f"/{number}", "rule", "message") for number in range(250)]

    told = report_of([], (Repair("a", "b"),), warnings).warnings

    assert (len(told), told[-1].message) == (101, "150 more are not listed")


async def test_an_import_takes_few_round_trips(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counting(world, database_url, tmp_path, monkeypatch) as (client, opened):
        [database] = opened

        async def trips(method: str, path: str, **more: Any) -> int:
            before = database.round_trips
            answer = await client.request(method, path, **more)
            assert answer.status_code == 200, answer.text
            return database.round_trips - before

        async def importing(sent: str) -> int:
            return await trips("POST", "/api/v1/adf", content=sent, headers={"Content-Type": "text/xml"})

        sent = document()
        # The sender; the stock, the leads it may be; a creation with its claim; the document.
        assert await importing(sent) == 1 + 2 + 9 + 1
        assert await importing(sent) == 1 + 2 + 1
        assert await importing(sent.replace("Ranger", "Everest")) == 1 + 2 + 2 + 1 + 1
        lost = sent.replace("Brisbane Motors", "Nowhere")
        assert await importing(lost) == 1 + 1 + 1 + 1
        assert await trips("GET", "/api/v1/leads/1.adf") == 2
