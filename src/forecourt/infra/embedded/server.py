"""One PostgreSQL server as a child process: made, started, watched, stopped. Standard library only."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from forecourt.infra.embedded.place import EmbeddedRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecourt.infra.embedded.place import Place

_START_SECONDS = 300.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.01
_LOG_BYTES = 10 * 2**20

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NOBODY = 65_534

_MIB = 2**20

# What we tell PostgreSQL. Nothing acknowledged is lost: fsync, synchronous_commit and full_page_writes stay on.
# No statement and no value reaches its log: they hold what customers wrote.
_CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "deadlock_timeout": "200ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_min_messages": "fatal",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


class Server:
    """The server of one data folder."""

    def __init__(self, place: Place, binaries: Path) -> None:
        self._place = place
        self._binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, made first where there is none yet; back when it takes connections.

        Raises:
            EmbeddedRefused: it does not start; the message is the last line of its log.
        """
        self._private(self._place.run)
        _end_orphan(self._place.data)
        new = not self._place.data.exists()
        if new:
            self._make()
        self._launch()
        if new:
            self._create_database()

    def died(self) -> bool:
        """Whether it was running and is not any more."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End it: its clients are cut off, nothing that was committed is lost."""
        if self._process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
                break
        self._process = None

    def clients(self) -> int:
        """How many client connections it has, where the system tells."""
        found = 0
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                title = entry.read_bytes().replace(b"\0", b" ")
                if title.startswith(b"postgres: forecourt forecourt") and self._is_ours(entry.parent):
                    found += 1
        return found

    def _is_ours(self, process: Path) -> bool:
        parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        return self._process is not None and int(parent) == self._process.pid

    def _make(self) -> None:
        """A new server folder; made aside and then renamed, so that half of one is never taken for a whole."""
        aside = self._place.data.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        self._private(aside)
        self._run(
            "initdb",
            f"--pgdata={aside}",
            "--username=forecourt",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
            "--no-sync",
        )
        self._run("initdb", f"--pgdata={aside}", "--sync-only")
        aside.rename(self._place.data)

    def _create_database(self) -> None:
        self._run(
            "psql",
            f"--host={self._place.run}",
            "--username=forecourt",
            "--dbname=postgres",
            "--no-psqlrc",
            "--command=create database forecourt",
        )

    def _launch(self) -> None:
        log = self._place.log
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        settings = _CONFIGURATION | {
            "shared_buffers": f"{_shared_buffers() // _MIB}MB",
            "unix_socket_directories": str(self._place.run),
        }
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program and our own words
                [
                    self._binaries / "postgres",
                    "-D",
                    self._place.data,
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=self._become(),
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """Recovery after a crash is waited for: the server writes its state into its pid file."""
        assert self._process is not None  # noqa: S101
        pid_file = self._place.data / "postmaster.pid"
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise EmbeddedRefused(f"PostgreSQL does not start: {_last_line(self._place.log)}")
            with suppress(OSError):
                lines = pid_file.read_text().splitlines()
                if lines[7:8] == ["ready   "] and lines[0] == str(self._process.pid):
                    return
            time.sleep(_POLL_SECONDS)
        self.stop()
        raise EmbeddedRefused(f"PostgreSQL did not get ready in {_START_SECONDS:.0f} seconds")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - our own program and our own words
            [self._binaries / program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            preexec_fn=self._become(),
        )
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise EmbeddedRefused(f"{program} failed: {reason[-1]}")

    def _private(self, folder: Path) -> None:
        """A folder for the server alone; one that somebody else laid there is not trusted."""
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if self._other_account() is not None:
                os.chown(folder, *self._other_account() or (-1, -1))
        about = folder.lstat()
        owners = {os.geteuid(), (self._other_account() or (os.geteuid(), 0))[0]}
        if folder.is_symlink() or not folder.is_dir() or about.st_uid not in owners or about.st_mode & 0o077:
            raise EmbeddedRefused(f"{folder} is not a private folder of ours; move it away")

    def _become(self) -> Callable[[], None] | None:
        """What a child does before it becomes PostgreSQL: shed root, and end with its parent."""
        if not hasattr(os, "setns") and os.uname().sysname != "Linux":
            return None
        account, other = self._place.account, self._other_account()
        library = ctypes.CDLL(None, use_errno=True)

        def become() -> None:
            if other is not None:
                os.setgroups([])
                os.setgid(other[1])
                os.setuid(other[0])
            elif account is not None:
                _seem_to_be_nobody(library)
            library.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)

        return become

    def _other_account(self) -> tuple[int, int] | None:
        """The account to change to, where we are root and cannot merely seem to be somebody else."""
        if self._place.account is None or _can_seem_to_be_nobody():
            return None
        return self._place.account


def _seem_to_be_nobody(library: ctypes.CDLL) -> None:
    """A user namespace in which we are nobody.

    PostgreSQL refuses to run as root. Seen from outside the process stays root's: every file stays root's, and
    no folder on the way to the data has to be opened to another account.
    """
    if library.unshare(_CLONE_NEWUSER) != 0:
        os._exit(91)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_NOBODY} 0 1"),
        ("gid_map", f"{_NOBODY} 0 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text)


_seeming: list[bool] = []


def _can_seem_to_be_nobody() -> bool:
    """Whether this system gives root a user namespace; found out once, in a child."""
    if not _seeming:
        library = ctypes.CDLL(None, use_errno=True)
        child = os.fork()
        if child == 0:
            try:
                _seem_to_be_nobody(library)
            except BaseException:  # noqa: BLE001
                os._exit(91)
            os._exit(0)
        _seeming.append(os.waitpid(child, 0)[1] == 0)
    return _seeming[0]


def _end_orphan(data: Path) -> None:
    """End a server whose keeper was killed, and wait for it to be gone."""
    pid = _running_pid(data)
    deadline = time.monotonic() + _STOP_SECONDS
    while pid is not None and time.monotonic() < deadline:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        time.sleep(5 * _POLL_SECONDS)
        pid = _running_pid(data)


def _running_pid(data: Path) -> int | None:
    """The process that the data folder's pid file names, if it runs and is a PostgreSQL."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
        program = Path(f"/proc/{pid}/comm").read_text().strip() if Path("/proc/self").exists() else "postgres"
    except (OSError, ValueError, IndexError):
        return None
    return pid if program == "postgres" else None


def _shared_buffers() -> int:
    """A quarter of the memory, between 128 and 512 MiB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(128 * _MIB, min(512 * _MIB, memory // 4))


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it left no reason in its log"
