"""What a Content-Type says, read strictly: one meaning or a refusal."""

from __future__ import annotations

import re

from forecourt.infra.refusals import UnsupportedBody

JSON = frozenset({"application/json", "text/json"})
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_READ = f"read are {', '.join(sorted(JSON))}, {URLENCODED} and {MULTIPART}"
_UTF8 = frozenset({"utf-8", "utf8"})
_TOKEN = r"[\w!#$%&'*+.^`|~-]+"
_PARAMETER = re.compile(rf'[ \t]*;[ \t]*(?:({_TOKEN})=(?:({_TOKEN})|"([^"\\]*)"))?', re.ASCII)
_TYPE = re.compile(rf"[ \t]*({_TOKEN}/{_TOKEN})((?:{_PARAMETER.pattern})*)[ \t]*", re.ASCII)


def media_type(content_type: str | None) -> tuple[str, str]:
    """The type that *content_type* names, and its boundary.

    Returns:
        One of the types that are read, or an empty text where the header is missing; and the boundary, empty for
        all but multipart.

    Raises:
        UnsupportedBody: another type, another charset than UTF-8, or no type at all.
    """
    if content_type == "application/json":
        return content_type, ""
    if not content_type:
        return "", ""
    found = _TYPE.fullmatch(content_type)
    if found is None:
        raise UnsupportedBody(f"the Content-Type is malformed; {_READ}")
    kind = found[1].lower()
    if kind not in JSON and kind not in {URLENCODED, MULTIPART}:
        raise UnsupportedBody(_READ)
    parameters = _parameters(found[2])
    if parameters.get("charset", "utf-8").lower() not in _UTF8:
        raise UnsupportedBody("only the charset utf-8 is read")
    return kind, parameters.get("boundary", "")


def refuse_foreign_charset(content_type: str) -> None:
    """Refuse a part of a multipart body that says it is in another charset than UTF-8.

    Raises:
        UnsupportedBody: it is, or its Content-Type cannot be read.
    """
    found = _TYPE.fullmatch(content_type)
    if found is None:
        raise UnsupportedBody("the Content-Type of a part is malformed")
    if _parameters(found[2]).get("charset", "utf-8").lower() not in _UTF8:
        raise UnsupportedBody("only the charset utf-8 is read, in parts too")


def missing() -> UnsupportedBody:
    """The refusal of a body without Content-Type that does not look like JSON either."""
    return UnsupportedBody(f"the Content-Type is missing; {_READ}")


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, token, quoted in _PARAMETER.findall(text):
        if name.lower() in found:
            raise UnsupportedBody(f"the Content-Type has two parameters {name.lower()}")
        if name:
            found[name.lower()] = token or quoted
    return found
