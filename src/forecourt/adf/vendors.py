"""Which dealership a vendor is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.mapping import Recipient
from forecourt.adf.vocabulary import OURSELVES
from forecourt.adf.wording import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forecourt.adf.document import Id, Vendor


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """What senders call a dealership: a name, or an id and whose it is (None: whoever sends it)."""

    name: str | None = None
    vendor_id: str | None = None
    source: str | None = None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A dealership that the sender's key holds, with what it is called."""

    recipient: Recipient
    aliases: tuple[Alias, ...] = ()


class Match(msgspec.Struct, frozen=True):
    """The dealership that is meant.

    Attributes:
        recipient: None where it is unknown, or several fit.
        is_ambiguous: whether several fit.
        is_guessed: whether no vendor was named and the key holds one dealership only.
    """

    recipient: Recipient | None
    is_ambiguous: bool = False
    is_guessed: bool = False


def match(vendor: Vendor | None, candidates: Sequence[Candidate]) -> Match:
    """The dealership that *vendor* is: by its id at the source, then by its slug, then by its name.

    The first of these by which any is found decides; where several are found, somebody must.
    """
    if vendor is None or not (vendor.ids or vendor.name):
        if len(candidates) == 1:
            return Match(candidates[0].recipient, is_guessed=True)
        return Match(None)
    for fits in _WAYS:
        found = [one.recipient for one in candidates if fits(vendor, one)]
        if found:
            return Match(found[0] if len(found) == 1 else None, is_ambiguous=len(found) > 1)
    return Match(None)


def _by_id(vendor: Vendor, candidate: Candidate) -> bool:
    return any(
        _is_own_id(one, candidate.recipient) or any(_is_id(one, alias) for alias in candidate.aliases)
        for one in vendor.ids
    )


def _is_own_id(one: Id, recipient: Recipient) -> bool:
    return folded(one.source or "") == folded(OURSELVES) and one.value in {recipient.slug, str(recipient.id)}


def _is_id(one: Id, alias: Alias) -> bool:
    if alias.vendor_id is None or alias.vendor_id.casefold() != one.value.casefold():
        return False
    return alias.source is None or folded(alias.source) == folded(one.source or "")


def _by_slug(vendor: Vendor, candidate: Candidate) -> bool:
    slug = candidate.recipient.slug
    return any(one.value.casefold() == slug for one in vendor.ids) or (vendor.name or "").casefold() == slug


def _by_name(vendor: Vendor, candidate: Candidate) -> bool:
    name = folded(vendor.name or "")
    known = (candidate.recipient.name, *(alias.name for alias in candidate.aliases if alias.name))
    return bool(name) and any(folded(one) == name for one in known)


_WAYS: tuple[Callable[[Vendor, Candidate], bool], ...] = (_by_id, _by_slug, _by_name)


def aliases_of(vendor: Vendor | None) -> list[Alias]:
    """What *vendor* is called, to be remembered: its ids, or else its name."""
    if vendor is None:
        return []
    ids = [Alias(vendor_id=one.value, source=one.source) for one in vendor.ids]
    return ids or ([Alias(name=vendor.name)] if vendor.name else [])
