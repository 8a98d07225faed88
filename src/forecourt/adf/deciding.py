"""Whether a prospect is a new lead, an update of one, or the same again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.adf.identity import Identity


class Prior(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that the prospect may be.

    Attributes:
        kind: ``id``, ``content``, ``resend`` or ``own`` (the id is ours): how it was found.
        content_hash: of what was sent last.
        is_reused: whether the id is known to be given to several customers.
        version: of the lead.
        is_old: whether it can be updated no more.
        is_erased: whether the person was erased.
        points: every way to reach its customer.
        fields: JSON text.
    """

    kind: Literal["id", "content", "resend", "own"]
    lead_id: int
    content_hash: bytes
    is_reused: bool
    version: int
    is_old: bool
    is_erased: bool
    points: list[str]
    category: str
    email: str | None
    phone: str | None
    fields: str | None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done.

    Attributes:
        prior: the lead to update, or that is there already, or that is too old to be updated.
        identity: under which a new lead will be known.
        by_content: whether that is its content.
        is_reused: whether the id turned out to be another customer's too.
        is_too_late: whether it would be an update, had the lead been newer.
        is_lone_resend: whether it is sent again, but nothing it could be is known.
    """

    action: Literal["create", "update", "unchanged", "erased"]
    identity: bytes
    by_content: bool
    prior: Prior | None = None
    is_reused: bool = False
    is_too_late: bool = False
    is_lone_resend: bool = False


def decide(
    priors: Sequence[Prior], identity: Identity, points: Sequence[str], *, is_resend: bool
) -> Decision:
    """What to do with a prospect.

    The same id is the same lead, unless its customer is somebody else: some senders give one id to all. Who sends
    without an id is known by what is said, for 24 hours. A document of ours that comes back is the lead that it tells of, if
    its customer is: another server has leads with the same numbers.

    Args:
        priors: the leads that it may be.
        identity: by what it is known.
        points: every way to reach its customer, normalised.
        is_resend: whether the sender says that it was sent before.
    """
    by_id, by_content, resent, own = (_of_kind(priors, kind) for kind in ("id", "content", "resend", "own"))
    is_reused = False
    if by_id is not None and identity.by_id is not None:
        if _is_same(by_id, points, is_resend=is_resend):
            return _again(by_id, identity, identity.by_id, by_content=False)
        is_reused = True
    if by_content is not None:
        action: Literal["erased", "unchanged"] = "erased" if by_content.is_erased else "unchanged"
        return Decision(action=action, identity=identity.by_content, by_content=True, prior=by_content)
    known = resent if identity.by_id is None else None
    if known is None and own is not None and set(points) & set(own.points):
        known = own
    if known is not None:
        return _again(known, identity, identity.by_content, by_content=True)
    known_by_id = identity.by_id is not None and not is_reused
    return Decision(
        action="create",
        identity=identity.by_id if known_by_id and identity.by_id else identity.by_content,
        by_content=not known_by_id,
        is_reused=is_reused,
        is_lone_resend=is_resend,
    )


def _is_same(prior: Prior, points: Sequence[str], *, is_resend: bool) -> bool:
    """Whether what has the same id is the same enquiry: its customer is, or nobody can tell, or the sender says so."""
    if set(points) & set(prior.points):
        return True
    if prior.is_reused:
        return False
    nobody_can_tell = not (points and prior.points)
    return nobody_can_tell or (is_resend and not prior.is_erased)


def _of_kind(priors: Sequence[Prior], kind: str) -> Prior | None:
    return next((one for one in priors if one.kind == kind), None)


def _again(prior: Prior, identity: Identity, known_as: bytes, *, by_content: bool) -> Decision:
    if prior.is_erased:
        return Decision(action="erased", identity=known_as, by_content=by_content, prior=prior)
    # What was written here is known, however late it comes back.
    if prior.content_hash == identity.content_hash or (prior.kind == "own" and prior.is_old):
        return Decision(action="unchanged", identity=known_as, by_content=by_content, prior=prior)
    if prior.is_old:
        return Decision(
            action="create",
            identity=known_as,
            by_content=by_content,
            prior=prior,
            is_too_late=True,
        )
    return Decision(action="update", identity=known_as, by_content=by_content, prior=prior)
