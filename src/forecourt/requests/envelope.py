"""What stands around a body: the path, the query string and the headers, with everything masked that could be somebody's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from forecourt.requests import harmless, placeholders
from forecourt.requests.masking import closed, masked_name, shown_if
from forecourt.requests.names import is_ordinary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Of a query string's parameters and of a path's segments; whoever sends more sends nonsense.
_MOST = 100
_VERSIONS = frozenset({"v1", "v2", "v3"})
_MEDIA_TYPES = placeholders.FILE_TYPES | {
    "*/*",
    "application/adf+xml",
    "application/json",
    "application/problem+json",
    "application/x-adf+xml",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/zip",
    "message/rfc822",
    "multipart/form-data",
    "text/html",
    "text/json",
    "text/xml",
}
# A program's name and version, as those send it that people write integrations with.
_AGENT = re.compile(
    r"(?:axios|bruno-runtime|curl|forecourt|Faraday|Go-http-client|GuzzleHttp|HTTPie|insomnia|Java|Java-http-client|"
    r"node|node-fetch|okhttp|PostmanRuntime|python-httpx|python-requests|Python-urllib|Ruby|undici|Wget)"
    r"(?:/v?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3})?",
    re.ASCII,
)
_TAGS = re.compile(r'\*|(?:W/)?"[0-9]{1,10}"(?:, *(?:W/)?"[0-9]{1,10}"){0,9}', re.ASCII)

# In a query string, where names mean something else than in a body, or nothing there.
_PARAMETERS = (
    {name: shown_if(shows) for name, shows in harmless.SHOWN.items()}
    | dict.fromkeys(("from", "to"), shown_if(harmless.is_moment))
    | {"possible_duplicates": shown_if(harmless.is_truth)}
)


def masked_query(query: bytes) -> dict[str, Any]:
    """A query string: parameter -> its value, or its values."""
    if not query:
        return {}
    try:
        pairs = parse_qsl(query.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MOST)
    except ValueError:
        return {"query": placeholders.of_whole("query", len(query))}
    found: dict[str, Any] = {}
    for sent, text in pairs:
        name, value = masked_name(sent), _PARAMETERS.get(sent, closed)(text)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def masked_path(route: str | None, path: str, parameters: Mapping[str, str]) -> str:
    """The path of a call; of one that no route has, the words that we know."""
    if route is None:
        return "/".join(_segment(segment) for segment in path.split("/")[:_MOST])
    for name, value in parameters.items():
        shows = harmless.SHOWN.get(name, harmless.is_integer if name.endswith("_id") else None)
        shown = value if shows is not None and shows(value) else placeholders.of_text(value)
        route = route.replace(f"{{{name}}}", shown)
    return route


def masked_headers(values: Sequence[str | None]) -> dict[str, str]:
    """*values* of ``HEADERS``: those that say how a call was meant; of no other is kept even the name."""
    return {
        name: rule(value)
        for (name, rule), value in zip(_HEADERS.items(), values, strict=True)
        if value is not None
    }


@lru_cache(maxsize=64)
def media_type(header: str) -> str:
    """The type that a Content-Type names, without its parameters; masked where it is none that we know."""
    kind = header.partition(";")[0].strip().lower()
    return kind if kind in _MEDIA_TYPES else placeholders.of_text(header)


def _segment(segment: str) -> str:
    if not segment or segment in _VERSIONS or is_ordinary(segment):
        return segment
    return placeholders.of_text(segment)


@lru_cache(maxsize=64)
def _agent(header: str) -> str:
    found = _AGENT.match(header)
    return found[0] if found else placeholders.of_text(header)


def _matching(shape: re.Pattern[str]) -> Callable[[str], str]:
    return lambda header: header if shape.fullmatch(header) else placeholders.of_text(header)


_HEADERS: Mapping[str, Callable[[str], str]] = {
    "accept": media_type,
    "content-type": media_type,
    "idempotency-key": lambda header: placeholders.of_whole("key", len(header)),
    "if-match": _matching(_TAGS),
    "if-none-match": _matching(_TAGS),
    "user-agent": _agent,
}
HEADERS = tuple(_HEADERS)
