"""Making a lead of a prospect, or an update of the lead that it is already: never a twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.adf import vocabulary
from forecourt.adf.deciding import Decision, Prior, decide
from forecourt.adf.export import leads_told
from forecourt.adf.identity import Identity, identity_of, own_id_of
from forecourt.adf.keeping import OURS
from forecourt.adf.mapping import Mapped, Stock, main_vehicle, mapped
from forecourt.adf.queries import CLAIM, MARK, PRIORS, STOCK
from forecourt.adf.report import Deviation
from forecourt.adf.sending import send
from forecourt.adf.telling import prospect_of
from forecourt.ids import LeadId
from forecourt.infra.conditional import VersionMismatch
from forecourt.infra.database import DatabaseUnavailable, record
from forecourt.infra.refusals import Erased
from forecourt.leads import json_text
from forecourt.leads.create import PERMISSION as CREATE
from forecourt.leads.create import create_lead
from forecourt.leads.refusals import LeadTooOld
from forecourt.leads.update import PERMISSION as UPDATE
from forecourt.leads.update import update_lead

if TYPE_CHECKING:
    from forecourt.adf.document import Prospect, Vehicle
    from forecourt.adf.intake import Intake
    from forecourt.adf.mapping import Recipient
    from forecourt.adf.telling import ToldLead
    from forecourt.infra.database import Connection
    from forecourt.leads.create import Within
    from forecourt.leads.records import Lead
    from forecourt.leads.write import WriteRequest, Written

_CAREFUL_ATTEMPTS = 3
_ATTEMPTS = 6


class Overtaken(Exception):
    """Another request made something of the same prospect meanwhile: looking again tells what."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a prospect.

    Attributes:
        outcome: ``created``, ``updated``, ``unchanged`` or ``refused``.
    """

    outcome: str
    lead_id: int | None = None
    warnings: tuple[Deviation, ...] = ()


async def take(
    intake: Intake, prospect: Prospect, recipient: Recipient, *, within: Within | None = None
) -> Taken:
    """Make of *prospect* what it is at *recipient*: a new lead, an update, the same again.

    Of two that come at once, one makes the lead, and the other finds it. What the contract does not take is left out
    and told.

    Args:
        intake: the import.
        prospect: as it was read.
        recipient: the dealership that it is for.
        within: what else is written with a new lead, in its transaction.

    Raises:
        Invalid: the lead cannot be written even so.
        PermissionMissing: the key may not create leads.
        DatabaseUnavailable: whether it took effect is unknown; sent again, it is found.
    """
    identity = identity_of(prospect, test=intake.sender.caller.test is True)
    for attempt in range(_ATTEMPTS):
        async with intake.database.connection() as connection:
            lead, priors = await _known(connection, intake, prospect, recipient, identity)
        points = [value for _, value in lead.points]
        decision = decide(priors, identity, points, is_resend=_is_resend(prospect))
        # Where many write at once, the last one wins, as it does by Update Lead.
        is_careful = attempt < _CAREFUL_ATTEMPTS
        taking = _Taking(intake, prospect, recipient, identity, lead, decision, within, is_careful)
        try:
            return await taking.taken()
        except Erased:
            told = "is about somebody who was erased since; nothing brings their data back"
            return Taken(outcome="refused", warnings=(Deviation(prospect.path, "erased", told),))
        except (Overtaken, VersionMismatch, LeadTooOld):
            continue
    raise DatabaseUnavailable("too many writers at once")


async def _known(
    connection: Connection, intake: Intake, prospect: Prospect, recipient: Recipient, identity: Identity
) -> tuple[Mapped, list[Prior]]:
    """The prospect as a lead of the dealership, and the leads that it may be."""
    vehicle = main_vehicle(prospect)
    stock = Stock()
    if vehicle is not None and not vehicle.says_nothing:
        stock = await connection.one(Stock, STOCK, dealership_id=recipient.id, **_asked(vehicle))
    lead = mapped(prospect, recipient, stock)
    priors = await connection.every(
        Prior,
        PRIORS,
        dealership_id=recipient.id,
        by_id=identity.by_id,
        by_content=identity.by_content,
        is_resend=_is_resend(prospect),
        provider=lead.values.get("provider"),
        points=[value for _, value in lead.points],
        own_id=own_id_of(prospect),
        test=intake.sender.caller.test,
    )
    return lead, await _with_what_we_wrote(connection, prospect, recipient, identity, priors)


async def _with_what_we_wrote(
    connection: Connection,
    prospect: Prospect,
    recipient: Recipient,
    identity: Identity,
    priors: list[Prior],
) -> list[Prior]:
    """*priors*; of a lead that says what the document of ours said, that was the last to be sent."""
    own_id = own_id_of(prospect)
    if not any(prior.lead_id == own_id for prior in priors):
        return priors
    [told] = await leads_told(connection, [(recipient.id, own_id, None)])
    if told is None or not _is_written(told, identity):
        return priors
    same = identity.content_hash
    return [
        msgspec.structs.replace(prior, content_hash=same) if prior.lead_id == own_id else prior
        for prior in priors
    ]


def _is_written(lead: ToldLead, identity: Identity) -> bool:
    written = (
        prospect_of(lead, whole=whole, extended=extended)
        for whole, extended in ((True, False), (False, False), (True, True))
    )
    return any(identity_of(one).content_hash == identity.content_hash for one in written)


def _is_resend(prospect: Prospect) -> bool:
    return (prospect.status or "").lower() == "resend"


def _asked(vehicle: Vehicle) -> dict[str, str | None]:
    favourite = min(vehicle.colours, key=lambda colour: colour.preference or "1", default=None)
    return {
        "vin": vehicle.vin,
        "stocknum": vehicle.stock,
        "make": vehicle.make,
        "model": vehicle.model,
        "trim": vehicle.trim,
        "colour": favourite.exterior if favourite else None,
    }


@dataclass(frozen=True, slots=True)
class _Taking:
    """A prospect of which is known what is to be done.

    Attributes:
        is_careful: whether an update is only made of the lead as it was read.
    """

    intake: Intake
    prospect: Prospect
    recipient: Recipient
    identity: Identity
    lead: Mapped
    decision: Decision
    within: Within | None
    is_careful: bool

    async def taken(self) -> Taken:
        prior = self.decision.prior
        if prior is None or self.decision.action == "create":
            return await self.create(prior)
        if self.decision.action == "erased":
            raise Erased
        if self.decision.action == "unchanged":
            return Taken(outcome="unchanged", lead_id=prior.lead_id, warnings=self.warnings())
        return await self.update(prior)

    def warnings(self) -> tuple[Deviation, ...]:
        """What is odd about the lead, and what the sender should know about how it was recognised."""
        told, path, decision = list(self.lead.warnings), self.prospect.path, self.decision
        if decision.is_reused:
            said = (
                "the same id came with another customer before; what is said tells the prospect from others"
            )
            told.append(Deviation(f"{path}/id", "id", said))
        if decision.is_too_late and decision.prior is not None:
            said = (
                f"lead {decision.prior.lead_id} can be updated no more (72 hours); a new lead of its customer"
            )
            told.append(Deviation(path, "resend", said))
        if decision.is_lone_resend:
            told.append(
                Deviation(f"{path}/@status", "resend", "nothing that it could be was received before")
            )
        return tuple(told)

    async def create(self, replaced: Prior | None) -> Taken:
        """A new lead; where one *replaced* came too late to be updated, of the same customer."""
        if self.intake.dry_run:
            self.intake.sender.caller.require(CREATE)
            return Taken(outcome="created", warnings=self.warnings())

        async def claim(connection: Connection, created: Lead) -> None:
            claimed = await connection.one_or_none(
                record,
                CLAIM,
                dealership_id=self.recipient.id,
                identity=self.decision.identity,
                by_content=self.decision.by_content,
                lead_id=created.id,
                content_hash=self.identity.content_hash,
                replaces=replaced.lead_id if replaced else None,
                reused_identity=self.identity.by_id if self.decision.is_reused else None,
            )
            if claimed is None:
                raise Overtaken
            if self.within is not None:
                await self.within(connection, created)

        async def write(request: WriteRequest) -> Written:
            return await create_lead(self.intake.database, self.intake.store, request, within=claim)

        known = replaced.points if replaced else []
        points = (*self.lead.points, *(("email" if "@" in point else "phone", point) for point in known))
        told = await send(self.intake, self.prospect.path, self.lead.values, points, write)
        return Taken(outcome="created", lead_id=told.lead_id, warnings=(*self.warnings(), *told.warnings))

    async def update(self, prior: Prior) -> Taken:
        """An update of the lead; its other ``fields`` stay as they are."""
        if UPDATE not in self.intake.sender.caller.permissions:
            told = f"would update lead {prior.lead_id}, and the key lacks the permission {UPDATE}"
            warning = Deviation(self.prospect.path, "permission", told)
            return Taken(outcome="refused", lead_id=prior.lead_id, warnings=(*self.warnings(), warning))
        if self.intake.dry_run:
            return Taken(outcome="updated", lead_id=prior.lead_id, warnings=self.warnings())
        values = self.lead.values | {
            "category": self.category(prior),
            # Who tells none this time takes none away.
            "email": self.lead.values["email"] or prior.email or "",
            "phone": self.lead.values["phone"] or prior.phone or "",
            "fields": _without_ours(prior.fields) | self.lead.values.get("fields", {}),
        }

        async def write(request: WriteRequest) -> Written:
            return await update_lead(self.intake.database, self.intake.store, LeadId(prior.lead_id), request)

        version = prior.version if self.is_careful else None
        sent = await send(self.intake, self.prospect.path, values, self.lead.points, write, version=version)
        async with self.intake.database.connection() as connection:
            await connection.run(
                MARK,
                dealership_id=self.recipient.id,
                lead_id=prior.lead_id,
                content_hash=self.identity.content_hash,
            )
        return Taken(outcome="updated", lead_id=sent.lead_id, warnings=(*self.warnings(), *sent.warnings))

    def category(self, prior: Prior) -> str:
        """What the prospect says, unless the lead has become something for which ADF has no word."""
        said = str(self.lead.values["category"])
        is_sayable = vocabulary.can_say(prior.category) or prior.category in vocabulary.HINTED
        return said if is_sayable or "category" in self.prospect.carried else prior.category


def _without_ours(fields: str | None) -> dict[str, Any]:
    """The lead's fields but for what an import has kept there: it keeps it anew."""
    return {name: value for name, value in json_text.value_of(fields).items() if name not in OURS}
