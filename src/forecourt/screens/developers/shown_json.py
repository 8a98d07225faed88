"""JSON as it is shown: in its order, a line a value, names and placeholders told apart. Pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from markupsafe import Markup

from forecourt.leads import json_text
from forecourt.requests.placeholders import CLOSING, OPENING

# A string, and whether a colon follows; a number or a word; else whatever stands between them.
_TOKEN = re.compile(
    r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?[0-9][0-9.eE+-]*|true|false|null)|([^"\-0-9tfn]+|.)', re.DOTALL
)
# A longer one is shown without colours.
_LONGEST = 200_000


def json_lines(value: Any) -> Markup:  # noqa: ANN401 - whatever JSON can say
    """A value that was decoded, as HTML for a ``pre``."""
    return _coloured(msgspec.json.format(json_text.encode(value), indent=2).decode())


def body_lines(text: str | None) -> Markup:
    """A body as it travelled: as JSON where it is, else as it stands."""
    if text is None:
        return Markup("")
    try:
        return _coloured(msgspec.json.format(text.encode("utf-8", "replace"), indent=2).decode())
    except msgspec.DecodeError:
        return Markup("{}").format(text)


def _coloured(text: str) -> Markup:
    if len(text) > _LONGEST:
        return Markup("{}").format(text)
    return Markup("").join(_piece(found) for found in _TOKEN.finditer(text))


def _piece(found: re.Match[str]) -> Markup:
    string, colon, word, between = found.groups()
    if string is not None and colon is not None:
        return Markup('<span class="json-name">{}</span>{}').format(string, colon)
    if string is not None:
        masked = string[1:].startswith(OPENING) and CLOSING in string
        return Markup('<span class="{}">{}</span>').format("json-masked" if masked else "json-text", string)
    if word is not None:
        return Markup('<span class="json-word">{}</span>').format(word)
    return Markup("{}").format(between)
