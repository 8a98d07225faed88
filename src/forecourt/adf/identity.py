"""By what a prospect is known again. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.mapping import is_ours
from forecourt.adf.wording import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecourt.adf.document import Prospect


_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class Identity(msgspec.Struct, frozen=True):
    """By what a prospect is known again, as SHA-256.

    Attributes:
        by_id: of who sends it and the sender's id; None where it has none.
        by_content: of all that it says.
        content_hash: likewise, to tell whether anything is new.
    """

    by_id: bytes | None
    by_content: bytes
    content_hash: bytes


def identity_of(prospect: Prospect, *, test: bool = False) -> Identity:
    """The identity of *prospect*: the first id that somebody else gave, or else ours.

    Whether it is sent again and where it stands in the document do not change what it says. What is sent in test mode
    (*test*) is known again there and nowhere else.
    """
    mode = ("test",) if test else ()
    said = msgspec.structs.replace(prospect, path="", status=None)
    content_hash = hashlib.sha256(msgspec.json.encode(said)).digest()
    return Identity(
        by_id=_by_id(prospect, mode),
        by_content=_sha256(*mode, "content", content_hash.hex()),
        content_hash=content_hash,
    )


def own_id_of(prospect: Prospect) -> int | None:
    """The lead's number, where a Forecourt wrote the prospect."""
    numbers = (one.value for one in prospect.ids if is_ours(one))
    return next((int(one) for one in numbers if _NUMBER.fullmatch(one)), None)


def held_identity(identity: Identity, points: Iterable[str]) -> bytes:
    """By what a held prospect is known again: nobody has said yet whether two customers under one id are one."""
    known = identity.by_content if identity.by_id is None else identity.by_id
    return _sha256("held", known.hex(), *sorted(points))


def _by_id(prospect: Prospect, mode: tuple[str, ...]) -> bytes | None:
    ids = sorted(prospect.ids, key=is_ours)
    if not ids:
        return None
    provider = prospect.provider
    sender = ""
    if provider is not None:
        sender = provider.name or next((one.value for one in provider.ids), "")
    return _sha256(*mode, "id", folded(sender), folded(ids[0].source or ""), ids[0].value)


def _sha256(*parts: str) -> bytes:
    return hashlib.sha256(msgspec.json.encode(parts)).digest()
