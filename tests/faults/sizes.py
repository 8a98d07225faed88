"""How much of everything: what the gate has time for, or all of it (``make soak``)."""

from __future__ import annotations

import os

SOAK = os.environ.get("FORECOURT_SOAK") == "1"


def size(gate: int, soak: int) -> int:
    """*gate* in ``make test``, *soak* in ``make soak``."""
    return soak if SOAK else gate


def report(what: str, figure: object) -> None:
    """Print a figure that was measured: it is seen in a soak, and where a test fails."""
    print(f"  {what}: {figure}")  # noqa: T201 - for whoever runs a soak
