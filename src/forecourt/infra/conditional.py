"""Conditional requests (RFC 9110, section 13): a lead's version is its strong entity tag."""

from __future__ import annotations

import re
from hashlib import blake2b

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


def entity_tag(version: int, body: bytes = b"") -> str:
    """The entity tag of a *version*.

    Args:
        version: of the thing that is told.
        body: what is told, where the version does not count all of it: a cluster's leads have versions of their own.
            If-Match then still asks for the version alone.
    """
    return f'"{version}-{blake2b(body, digest_size=6).hexdigest()}"' if body else f'"{version}"'


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
    return "*" in tags or any(tag == f'"{version}"' or tag.startswith(f'"{version}-') for tag in tags)


def matches_weakly(tags: frozenset[str], version: int, body: bytes = b"") -> bool:
    """Whether If-None-Match with *tags* holds (RFC 9110, 13.1.2)."""
    return "*" in tags or any(tag.removeprefix("W/") == entity_tag(version, body) for tag in tags)
