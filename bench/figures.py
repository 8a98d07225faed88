"""What a benchmark comes to: named figures, some with a target, and the table of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Figure(NamedTuple):
    """One outcome.

    Attributes:
        value: as it is to be read, with its unit.
        target: what was to be reached; empty where nothing was.
        reached: None where there is no target.
    """

    name: str
    value: str
    target: str = ""
    reached: bool | None = None


def at_least(name: str, value: float, target: float) -> Figure:
    """A ratio that should be large."""
    return Figure(name, f"{value:.2f}", f"at least {target:.2f}", value >= target)


def under(name: str, value: float, target: float, unit: str = "") -> Figure:
    """A ratio, or a figure in *unit*, that should be small."""
    return Figure(name, f"{value:.2f}{unit}", f"under {target:.2f}{unit}", value < target)


def table(figures: Sequence[Figure]) -> str:
    """All of them, one a line."""
    words = {True: "reached", False: "MISSED", None: ""}
    wide = max(len(one.name) for one in figures)
    return "\n".join(
        f"{one.name:{wide}}  {one.value:>22}  {one.target:18} {words[one.reached]}".rstrip()
        for one in figures
    )
