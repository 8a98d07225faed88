"""What a Content-Type says, read strictly: one meaning or a refusal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forecourt.infra.refusals import UnsupportedBody

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = frozenset({"application/json", "text/json"})
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_READ = f"read are {', '.join(sorted(JSON))}, {URLENCODED} and {MULTIPART}, in UTF-8"
_UTF8 = frozenset({"utf-8", "utf8"})
# Possessive, so that whatever a client writes is looked at once; but characters alone, never a group: before 3.11.5 Python loses its
# way in those (python/cpython#101955, #106052). Where a group ends, only one thing can follow, so nothing is tried twice.
_WORD = r"[\w!#$%&'*+.^`|~-]++"
_PARAMETER = re.compile(rf'[ \t]*+;[ \t]*+(?:({_WORD})=(?:"([^"\\]*+)"|([^\s;,"\\]++)))?', re.ASCII)
_PARAMETERS = rf'(?:[ \t]*+;[ \t]*+(?:{_WORD}=(?:"[^"\\]*+"|[^\s;,"\\]++))?)*'
_TYPE = re.compile(rf"[ \t]*+({_WORD}/{_WORD})({_PARAMETERS})[ \t]*+", re.ASCII)


def body_type(content_type: str | None) -> tuple[str, str]:
    """The type of a body, and its boundary.

    Args:
        content_type: the request's header; None where there is none.

    Returns:
        One of the types that are read, empty where the header is missing; and the boundary, empty for all but
        multipart.

    Raises:
        UnsupportedBody: another type, another charset than UTF-8, or no type at all.
    """
    if content_type == "application/json":
        return content_type, ""
    if not content_type:
        return "", ""
    kind, parameters = _read(content_type)
    if kind not in JSON and kind not in {URLENCODED, MULTIPART}:
        raise UnsupportedBody(_READ)
    _refuse_other_charsets(parameters)
    return kind, parameters.get("boundary", "")


def refuse_other_charsets(content_type: str) -> None:
    """Refuse a text that says it is in another charset than UTF-8.

    Raises:
        UnsupportedBody: it does, or its type cannot be read.
    """
    _refuse_other_charsets(_read(content_type)[1])


def typed(content_type: str | None, read: str) -> tuple[str, Mapping[str, str]]:
    """The type that a header names, in lower case, and its parameters; both empty where the header is missing.

    Args:
        content_type: the header's value.
        read: what is read here, for the refusal.

    Raises:
        UnsupportedBody: the header is malformed.
    """
    return _read(content_type, read) if content_type else ("", {})


def refuse_untyped() -> None:
    """Refuse a body without a type that does not look like JSON either.

    Raises:
        UnsupportedBody: always.
    """
    raise UnsupportedBody(f"the Content-Type is missing; {_READ}")


def _read(content_type: str, read: str = _READ) -> tuple[str, Mapping[str, str]]:
    found = _TYPE.fullmatch(content_type)
    if found is None:
        raise UnsupportedBody(f"the Content-Type is malformed; {read}")
    parameters: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(found[2]):
        if name.lower() in parameters:
            raise UnsupportedBody("the Content-Type has the same parameter twice")
        if name:
            parameters[name.lower()] = quoted or plain
    return found[1].lower(), parameters


def _refuse_other_charsets(parameters: Mapping[str, str]) -> None:
    if parameters.get("charset", "utf-8").lower() not in _UTF8:
        raise UnsupportedBody("only the charset utf-8 is read")
