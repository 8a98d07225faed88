"""Kinds of values that travel in more than one room's bodies."""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

from msgspec import Meta, UnsetType

MAX_ID = 2**63 - 1

Id: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_ID)]
# An id where blank is as good as null, which a form cannot say.
Blank: TypeAlias = Annotated[str, Meta(max_length=20)]
Line: TypeAlias = Annotated[str, Meta(max_length=255)]
Text: TypeAlias = Annotated[str, Meta(max_length=65_536)]

Value = TypeVar("Value")
# May be left out, may be null.
Sent: TypeAlias = Value | UnsetType | None
