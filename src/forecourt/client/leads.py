"""The calls about leads."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import msgspec
from msgspec import UNSET

from forecourt.client.answers import Lead, LeadDryRun, LeadEvent, LeadEventPage, LeadPage
from forecourt.client.calls import Api, Pages, Steps
from forecourt.client.errors import VersionMismatch
from forecourt.leads.answers import Options

if TYPE_CHECKING:
    from forecourt.client.fields import LeadFields, LeadFilters
    from forecourt.leads.schema import LeadIn

# What the contract wants in every update, and how often somebody else may come between reading and sending it.
_REQUIRED = frozenset({"email", "phone", "category", "source"})
_DEALERSHIP = frozenset({"dealership_id", "dealership_slug"})
_TRIES = 5


@overload
def create(
    api: Api,
    lead: LeadIn | None = None,
    /,
    *,
    dry_run: Literal[False] = False,
    idempotency_key: str | None = None,
    **fields: Unpack[LeadFields],
) -> Steps[Lead]: ...
@overload
def create(
    api: Api,
    lead: LeadIn | None = None,
    /,
    *,
    dry_run: Literal[True],
    idempotency_key: str | None = None,
    **fields: Unpack[LeadFields],
) -> Steps[LeadDryRun]: ...
def create(
    api: Api,
    lead: LeadIn | None = None,
    /,
    *,
    dry_run: bool = False,
    idempotency_key: str | None = None,
    **fields: Unpack[LeadFields],
) -> Steps[Lead | LeadDryRun]:
    """Create a lead; it joins the cluster of its customer.

    Args:
        lead: the whole of it as a struct; *fields* come on top.
        dry_run: write nothing, and tell what would be written.
        idempotency_key: one that you keep, where the call may be repeated after a restart.
        fields: at least e-mail, phone, category, source and the dealership.
    """
    answer: type[Lead | LeadDryRun] = LeadDryRun if dry_run else Lead
    body = {"lead": _sent(lead, fields)}
    return api.write("POST", "", body, answer, dry_run=dry_run, idempotency_key=idempotency_key)


@overload
def update(
    api: Api,
    lead_id: int,
    lead: LeadIn | None = None,
    /,
    *,
    if_match: int | str | None = None,
    dry_run: Literal[False] = False,
    idempotency_key: str | None = None,
    **fields: Unpack[LeadFields],
) -> Steps[Lead]: ...
@overload
def update(
    api: Api,
    lead_id: int,
    lead: LeadIn | None = None,
    /,
    *,
    if_match: int | str | None = None,
    dry_run: Literal[True],
    idempotency_key: str | None = None,
    **fields: Unpack[LeadFields],
) -> Steps[LeadDryRun]: ...
def update(
    api: Api,
    lead_id: int,
    lead: LeadIn | None = None,
    /,
    *,
    if_match: int | str | None = None,
    dry_run: bool = False,
    idempotency_key: str | None = None,
    **fields: Unpack[LeadFields],
) -> Steps[Lead | LeadDryRun]:
    """Update a lead: a field left out keeps its value, None clears it.

    The contract wants e-mail, phone, category, source and the dealership with every update. Where one of them is left
    out, the lead is read first and sent along as it stands; somebody else's update in between is not undone.

    Args:
        lead_id: of the lead.
        lead: what to send as a struct; *fields* come on top.
        if_match: the version, or entity tag, that you have seen; another one is refused.
        dry_run: write nothing, and tell what would change.
        idempotency_key: one that you keep, where the call may be repeated after a restart.
        fields: what to set.
    """
    answer: type[Lead | LeadDryRun] = LeadDryRun if dry_run else Lead
    key = idempotency_key or str(uuid.uuid4())
    sent = _sent(lead, fields)

    def put(whole: dict[str, Any], expected: int | str | None) -> Steps[Lead | LeadDryRun]:
        body = {"lead": whole}
        return api.write(
            "PUT", f"/{lead_id:d}", body, answer, dry_run=dry_run, if_match=expected, idempotency_key=key
        )

    if sent.keys() >= _REQUIRED and sent.keys() & _DEALERSHIP:
        return (yield from put(sent, if_match))
    tries = 0
    while True:
        stored = yield from get(api, lead_id)
        try:
            return (yield from put(_required_of(stored) | sent, if_match or stored.version))
        except VersionMismatch:
            tries += 1
            if if_match or tries == _TRIES:
                raise


def _required_of(stored: Lead) -> dict[str, Any]:
    """What an update of *stored* needs, as it stands."""
    needed = {name: getattr(stored, name) for name in _REQUIRED} | {"dealership_id": stored.dealership_id}
    if stored.disable_strict_validation:
        # What was taken without validation would not pass it now.
        needed["disable_strict_validation"] = True
    return needed


def get(api: Api, lead_id: int) -> Steps[Lead]:
    """A lead as it is stored."""
    return api.read(f"/{lead_id:d}", Lead)


def each(api: Api, *, page_size: int | None = None, **filters: Unpack[LeadFilters]) -> Pages[Lead]:
    """The leads of the key's dealerships, the newest first; read page by page, as far as you go.

    Args:
        page_size: how many are read at once, 1 to 200.
        filters: which leads, and in which order.
    """
    return Pages(api, "", LeadPage, filters, page_size)


def events(api: Api, lead_id: int, *, page_size: int | None = None) -> Pages[LeadEvent]:
    """A lead's history, the newest change first; read page by page, as far as you go."""
    return Pages(api, f"/{lead_id:d}/events", LeadEventPage, {}, page_size)


def file(api: Api, lead_id: int, file_id: int) -> Steps[bytes]:
    """The content of a lead's file."""
    return api.read_bytes(f"/{lead_id:d}/files/{file_id:d}")


def options(api: Api) -> Steps[Options]:
    """Every allowed value of every field that has a list."""
    return api.read("/options", Options)


def _sent(lead: LeadIn | None, fields: LeadFields) -> dict[str, Any]:
    told = {} if lead is None else msgspec.structs.asdict(lead)
    return {name: value for name, value in told.items() if value is not UNSET} | fields
