"""``forecourt export``: a list of the database as a file, at the server's own command line."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.asking import enquiry
from tests.exports.asking import cells_of, rows_of
from tests.world import OURS, SISTER

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.world import World


@pytest.fixture(scope="module")
async def five(api: httpx.AsyncClient, world: World) -> list[int]:
    """The ids of five leads, the oldest in front."""
    leads = [await enquiry(api, name=f"Number {number}") for number in range(4)]
    leads.append(await enquiry(api, name="=1+1", source="Carsales", golden=True))
    await world.run("analyze lead, lead_cluster")
    return [lead["id"] for lead in leads]


class Command:
    """The command in a folder."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self._where = ("--database-url", database_url, "--data-dir", str(folder / "data"))

    def line(self, what: str, *words: str, dealerships: tuple[str, ...] = (OURS,)) -> list[str]:
        """As it is typed."""
        named = [word for name in dealerships for word in ("--dealership", name)]
        return [sys.executable, "-m", "forecourt", "export", what, *named, *words, *self._where]

    def __call__(self, what: str, *words: str, **how: Any) -> subprocess.CompletedProcess[bytes]:
        """Run it."""
        line = self.line(what, *words, **how)
        return subprocess.run(line, capture_output=True, cwd=self.folder, timeout=60, check=False)


@pytest.fixture
def export(database_url: str, tmp_path: Path) -> Command:
    return Command(database_url, tmp_path)


def test_rows_go_to_standard_output_and_everything_else_elsewhere(export: Command, five: list[int]) -> None:
    done = export("leads")

    rows = rows_of(done.stdout)
    assert done.returncode == 0, done.stderr
    assert [int(row["id"]) for row in rows] == five[::-1]
    assert rows[0]["name"] == "=1+1"
    log, told = done.stderr.decode().splitlines()
    assert told == f"standard output: 5 leads, {len(done.stdout)} bytes"
    logged = json.loads(log)
    assert (logged["event"], logged["rows"], logged["api_key_id"]) == ("export.written", 5, None)
    assert "Number" not in log


def test_a_file_is_written_whole_for_its_owner_alone_and_told_as_json(
    export: Command, five: list[int]
) -> None:
    done = export("leads", "--output", "leads.xlsx", "--json")

    assert done.returncode == 0, done.stderr
    file = export.folder / "leads.xlsx"
    assert json.loads(done.stdout) == {
        "what": "leads",
        "format": "xlsx",
        "rows": 5,
        "size": file.stat().st_size,
        "file": "leads.xlsx",
    }
    assert [row["id"] for row in cells_of(file.read_bytes())] == five[::-1]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in export.folder.iterdir()] == ["leads.xlsx"]


def test_filters_are_those_of_the_api(export: Command, five: list[int]) -> None:
    words = ("--filter", "source=carsales", "--filter", "golden=true", "--filter", "sort=created_at")
    leads = export("leads", "--format", "csv", "--output", "-", *words)
    clusters = export("lead_clusters", "--filter", "golden=true")
    both = export("leads", dealerships=(SISTER, OURS, "1"))

    assert [int(row["id"]) for row in rows_of(leads.stdout)] == five[-1:]
    assert [row["contact.name"] for row in rows_of(clusters.stdout)] == ["=1+1"]
    assert len(rows_of(both.stdout)) == 5


def test_what_is_there_already_stays(export: Command, five: list[int]) -> None:
    assert five
    (export.folder / "leads.csv").write_text("mine")

    done = export("leads", "-o", "leads.csv")

    assert (done.returncode, done.stderr) == (1, b"forecourt: leads.csv is there already\n")
    assert (export.folder / "leads.csv").read_text() == "mine"


def test_what_fails_leaves_no_file(export: Command, five: list[int]) -> None:
    assert five
    done = export("leads", "-o", "leads.csv", "--filter", "created_from=yesterday")

    assert done.returncode == 2
    assert done.stderr.startswith(b"forecourt: --filter created_from: must be an RFC 3339 time")
    assert list(export.folder.iterdir()) == []


def test_a_reader_that_has_enough_is_no_crash(export: Command, five: list[int]) -> None:
    assert five
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        export.line("leads"), stdout=writer, stderr=subprocess.PIPE, cwd=export.folder, check=False
    )
    os.close(writer)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == b"forecourt: standard output was closed before the end"


def test_somebody_who_watches_sees_how_far_it_is(export: Command, five: list[int]) -> None:
    assert five
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    done = subprocess.run(
        export.line("lead_clusters", "-o", "clusters.csv"),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        cwd=export.folder,
        env=os.environ | {"TERM": "xterm"},
        check=False,
    )
    shown = os.read(ours, 100_000).decode()
    os.close(theirs)
    os.close(ours)

    assert done.returncode == 0, shown
    assert "of 5 rows" in shown
    assert "clusters.csv: 5 lead_clusters" in shown
