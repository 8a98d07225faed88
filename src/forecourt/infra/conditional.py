"""Conditional requests (RFC 9110, section 13): a lead's version is its strong entity tag."""

from __future__ import annotations

import re

from forecourt.infra.refusals import Refusal

_TAGS = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]*"\s*)*')
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


class BadPrecondition(Refusal):
    """An If-Match or If-None-Match that is neither ``*`` nor a list of entity tags."""

    code = "bad-precondition"
    title = "The precondition is not an entity tag"


class VersionMismatch(Refusal):
    """The lead is past the version that If-Match names.

    Attributes:
        etag: the current representation's.
    """

    code = "version-mismatch"
    title = "The lead has changed since the version that was expected"

    def __init__(self, version: int) -> None:
        self.etag = entity_tag(version)
        super().__init__(
            f"its version is {version} now: read it again, then send the update with {self.etag}"
        )


def entity_tag(version: int) -> str:
    """The entity tag of a *version*."""
    return f'"{version}"'


def entity_tags(header: str | None) -> frozenset[str] | None:
    """The tags that an If-Match or If-None-Match lists; ``*`` stays ``*``; None where there is no header.

    Raises:
        BadPrecondition: it is neither.
    """
    if header is None:
        return None
    if header.strip() == "*":
        return frozenset("*")
    if not _TAGS.fullmatch(header):
        raise BadPrecondition('send * or entity tags in quotes, as in If-Match: "3"')
    return frozenset(_TAG.findall(header))


def matches_strongly(tags: frozenset[str], version: int) -> bool:
    """Whether If-Match with *tags* holds: a weak tag never does (RFC 9110, 13.1.1)."""
    return "*" in tags or entity_tag(version) in tags


def matches_weakly(tags: frozenset[str], version: int) -> bool:
    """Whether If-None-Match with *tags* holds (RFC 9110, 13.1.2)."""
    return "*" in tags or any(tag.removeprefix("W/") == entity_tag(version) for tag in tags)
