"""A screen as data: what the router serves, and what the access matrix tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

from forecourt.infra.http import Answer
from forecourt.screens.visit import Visit

Handler: TypeAlias = Callable[[Visit], Awaitable[Answer]]


class Screen(msgspec.Struct, frozen=True):
    """One page, or one thing that a page does.

    Attributes:
        needs: the permission without which nobody gets in; "" for anybody who is signed in, None for everybody.
    """

    method: str
    path: str
    handler: Handler
    needs: str | None = ""
