"""A customer's name as people read it."""

from __future__ import annotations


def whole_name(name: str | None, last_name: str | None) -> str:
    """First and last name in one; the contract's ``name`` is the full one, and ``last_name`` often its end."""
    if name and last_name and not name.lower().endswith(last_name.lower()):
        return f"{name} {last_name}"
    return name or last_name or ""
