"""What the commands say: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = 1
BAD_USAGE = 2
PARTLY = 3
INTERRUPTED = 130


def complain(message: str, code: int) -> int:
    """Say in one line what is wrong; the exit code."""
    sys.stderr.write(f"forecourt: {message}\n")
    return code


def note(message: str) -> None:
    """Say something beside the result."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def as_json(result: Any) -> None:  # noqa: ANN401 - whatever can be told
    """The result for a program."""
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    sys.stdout.flush()


def line(text: str) -> None:
    """The result for a person, in one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """The result for a person, as a table."""
    from rich.console import Console  # noqa: PLC0415 - slow to load, and only wanted here
    from rich.table import Table  # noqa: PLC0415

    if not rows:
        note(empty)
        return
    shown = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*("" if value is None else str(value) for value in row))
    Console(soft_wrap=True).print(shown)
