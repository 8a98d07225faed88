"""JSON as it stands in the database: numbers keep their digits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:  # noqa: ANN401 - free in the contract
    """*value* as compact JSON; decimals as numbers, to the digit."""
    return _ENCODER.encode(value)


def text_of(value: Any) -> str | None:  # noqa: ANN401
    """*value* as JSON text; None stays None."""
    return None if value is None else _ENCODER.encode(value).decode()


def value_of(text: str | None) -> dict[str, Any]:
    """The object in *text*; the empty one where there is none."""
    return {} if text is None else _object(text)


def _object(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return found
