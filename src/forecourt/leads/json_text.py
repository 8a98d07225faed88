"""JSON as it stands in the database: numbers keep their digits."""

from __future__ import annotations

from typing import Any

import msgspec

from forecourt.infra.bodies import decode_json

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:  # noqa: ANN401 - free in the contract
    """*value* as compact JSON; decimals as numbers, to the digit."""
    return _ENCODER.encode(value)


def text_of(value: Any) -> str | None:  # noqa: ANN401
    """*value* as JSON text; None stays None."""
    return None if value is None else _ENCODER.encode(value).decode()


def value_of(text: str | None) -> dict[str, Any]:
    """The object in *text*; the empty one where there is none."""
    return {} if text is None else decode_json(text.encode())
