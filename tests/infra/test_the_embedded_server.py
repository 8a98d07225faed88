"""The embedded PostgreSQL: starts, is shared, survives, and leaves nothing behind."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forecourt.infra.embedded import EmbeddedRefused, Hold, hold

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_PATIENCE_SECONDS = 30.0

_HOLDER = """
import sys, time
from pathlib import Path
from forecourt.infra.embedded import hold
held = hold(Path(sys.argv[1]))
print(held.url, flush=True)
time.sleep(600)
"""


def ask(held: Hold, query: str) -> str:
    done = subprocess.run(
        [held.binaries / "psql", held.url, "-XAtc", query], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def processes(data_dir: Path) -> list[int]:
    """The keepers and servers of a data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if os.fsencode(data_dir) in words and b"embedded" in words:
            found.append(int(entry.parent.name))
    return found


def pid_of(data_dir: Path, program: bytes) -> int:
    [pid] = [pid for pid in processes(data_dir) if program in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return pid


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def test_it_starts_is_joined_and_ends_with_the_last_who_holds_it(tmp_path: Path) -> None:
    first = hold(tmp_path)
    second = hold(tmp_path)
    assert first.url == second.url

    first.close()
    assert ask(second, "select current_database()") == "forecourt"
    second.close()

    until(lambda: processes(tmp_path) == [])
    assert list((tmp_path / "run").glob("*")) == []


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    with hold(tmp_path) as held:
        ask(held, "create table kept as select 7 as seven")
    with hold(tmp_path) as held:
        assert ask(held, "select seven from kept") == "7"
        assert ask(held, "show synchronous_commit") == ask(held, "show fsync") == "on"
        assert ask(held, "show listen_addresses") == ""


def test_two_processes_that_start_at_once_get_one_server(tmp_path: Path) -> None:
    holders = [
        subprocess.Popen([sys.executable, "-c", _HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    try:
        urls = {holder.stdout.readline() for holder in holders if holder.stdout}
        assert len(urls) == 1
        assert len([pid for pid in processes(tmp_path) if pid_of(tmp_path, b"embedded.keeper") == pid]) == 1
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()
    until(lambda: processes(tmp_path) == [])


def test_it_never_outlives_a_killed_parent(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline()

    holder.kill()
    holder.communicate()

    until(lambda: processes(tmp_path) == [])


def test_a_killed_server_is_started_again_without_hand(tmp_path: Path) -> None:
    with hold(tmp_path) as held:
        ask(held, "create table kept as select 7 as seven")
        before = pid_of(tmp_path, b"bin/postgres")
        os.kill(before, signal.SIGKILL)

        def answers() -> bool:
            try:
                return ask(held, "select seven from kept") == "7"
            except subprocess.CalledProcessError:
                return False

        until(answers)
        assert pid_of(tmp_path, b"bin/postgres") != before


def test_a_killed_keeper_takes_the_server_along_and_ensure_brings_both_back(tmp_path: Path) -> None:
    with hold(tmp_path) as held:
        ask(held, "create table kept as select 7 as seven")
        keeper = pid_of(tmp_path, b"embedded.keeper")
        os.kill(keeper, signal.SIGKILL)
        until(lambda: keeper not in processes(tmp_path))

        held.ensure()

        assert ask(held, "select seven from kept") == "7"


def test_somebody_who_only_asked_for_the_address_lets_it_linger(tmp_path: Path) -> None:
    with hold(tmp_path, linger=timedelta(seconds=1)) as held:
        pass

    assert ask(held, "select 1") == "1"
    until(lambda: processes(tmp_path) == [])


def test_no_folder_that_is_not_its_own_changes_its_mode(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    data_dir = closed / "data"
    data_dir.mkdir(parents=True)
    closed.chmod(0o700)
    data_dir.chmod(0o700)
    watched = [*closed.parents, closed, data_dir, *Path(sys.executable).parents]
    before = [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in watched]

    with hold(data_dir) as held:
        assert ask(held, "select 1") == "1"

    assert [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in watched] == before
    assert (data_dir / "postgres").stat().st_mode & 0o077 == 0


def test_a_long_path_is_no_hindrance(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 25) / ("path" * 25)

    with hold(data_dir) as held:
        assert ask(held, "select 1") == "1"


@pytest.fixture
def a_plain_users_folder() -> Generator[Path]:
    nobody = pwd.getpwnam("nobody")
    folder = Path(f"/tmp/forecourt-test-{os.getpid()}")
    folder.mkdir(mode=0o700)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    yield folder
    shutil.rmtree(folder)


def a_plain_users_python() -> str:
    """A Python that anybody may run."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.run(
                [python, "-c", "import sys; assert sys.version_info >= (3, 11)"], user="nobody", check=True
            )
        except (PermissionError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("a plain user has no Python here")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_works_for_a_plain_user_too(a_plain_users_folder: Path) -> None:
    done = subprocess.run(
        [
            a_plain_users_python(),
            "-c",
            _HOLDER.replace("time.sleep(600)", "held.close()"),
            a_plain_users_folder / "data",
        ],
        user="nobody",
        group=pwd.getpwnam("nobody").pw_gid,
        extra_groups=[],
        env={
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "HOME": "/nonexistent",
            "PATH": "/usr/bin:/bin",
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.startswith("postgresql://"), done.stderr
    assert (a_plain_users_folder / "data" / "postgres").stat().st_uid == pwd.getpwnam("nobody").pw_uid


def test_what_cannot_be_a_data_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(EmbeddedRefused, match="cannot be made"):
        hold(file)

    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedRefused, match="of PostgreSQL 17 and this is 18"):
        hold(tmp_path)
