"""The named reference: the same update as most would write it, with FastAPI, Pydantic and SQLAlchemy's ORM."""

from __future__ import annotations

import hashlib
import os
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import phonenumbers
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, EmailStr, Field
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase

from forecourt import vocabulary

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

engine = create_async_engine(
    os.environ["BENCH_DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    pool_size=8,
    max_overflow=0,
)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeferredReflection, DeclarativeBase):
    """Tables as the database describes them."""

    __abstract__ = True


class ApiKey(Base):
    """A key."""

    __tablename__ = "api_key"


class ApiKeyDealership(Base):
    """A dealership that a key holds."""

    __tablename__ = "api_key_dealership"


class Dealership(Base):
    """A dealership."""

    __tablename__ = "dealership"


class Lead(Base):
    """A lead."""

    __tablename__ = "lead"


class LeadCluster(Base):
    """A cluster."""

    __tablename__ = "lead_cluster"


class Contact(Base):
    """A customer."""

    __tablename__ = "contact"


class ContactPoint(Base):
    """How a customer is reached."""

    __tablename__ = "contact_point"


class MarketingConsent(Base):
    """An answer about marketing."""

    __tablename__ = "marketing_consent"


class StopListEntry(Base):
    """A value by which nobody is recognised."""

    __tablename__ = "stop_list_entry"


class PossibleDuplicate(Base):
    """Two clusters that may be one customer's."""

    __tablename__ = "possible_duplicate"


class Website(Base):
    """A website."""

    __tablename__ = "website"


class Page(Base):
    """A page."""

    __tablename__ = "page"


class Location(Base):
    """A location."""

    __tablename__ = "location"


class Car(Base):
    """A car."""

    __tablename__ = "car"


class User(Base):
    """A person of the staff."""

    __tablename__ = "user_account"


class DealershipUser(Base):
    """What a person is to a dealership."""

    __tablename__ = "dealership_user"


class LeadTag(Base):
    """A tag of a lead."""

    __tablename__ = "lead_tag"


class LeadFile(Base):
    """A file of a lead."""

    __tablename__ = "lead_file"


class Payment(Base):
    """A payment."""

    __tablename__ = "payment"


class Event(Base):
    """What happened."""

    __tablename__ = "event"


class Address(BaseModel):
    """The customer's address."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    state_long: str | None = None
    postcode: int | str | None = None
    country: str | None = None


class LeadIn(BaseModel):
    """A lead as it is sent."""

    name: str | None = None
    last_name: str | None = None
    email: EmailStr
    phone: str
    message: str | None = None
    dealership_id: int | None = None
    dealership_slug: str | None = None
    category: str
    source: str
    marketing_source: str | None = None
    website_slug: str | None = None
    page_id: int | None = None
    location_id: int | None = None
    stocknum: str | None = None
    user_email: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    certified: bool | None = None
    send_customer_email: bool | None = None
    customer_address: str | None = None
    dob: str | None = None
    opt_in_to_marketing: bool | None = None
    delay_customer_email_minutes: int | None = Field(None, ge=0, le=43_200)
    delay_dealership_notification_minutes: int | None = Field(None, ge=0, le=43_200)
    disable_strict_validation: bool | None = None
    time_on_site_seconds: int | None = None
    time_to_submit_seconds: int | None = None
    lead_state: str | None = None
    golden: bool | None = None
    tags: list[str] | None = None
    fields: dict[str, Any] | None = None
    charge_breakdown: dict[str, Any] | None = None
    address_attributes: Address | None = None


class LeadBody(BaseModel):
    """The body."""

    lead: LeadIn


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    """Read the tables, then serve."""
    async with engine.connect() as connection:
        await connection.run_sync(Base.prepare)  # type: ignore[arg-type]  # its parameter is named otherwise
    yield


app = FastAPI(lifespan=lifespan)


async def session() -> AsyncGenerator[AsyncSession]:
    """A session a request."""
    async with Session() as opened, opened.begin():
        yield opened


@app.get("/livez")
async def livez() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@app.put("/api/v1/leads/{lead_id}")
async def update_lead(  # noqa: C901, PLR0912, PLR0915 - one handler, as such servers are written
    lead_id: int,
    body: LeadBody,
    authorization: Annotated[str, Header()],
    db: Annotated[AsyncSession, Depends(session)],
) -> dict[str, Any]:
    """Update a lead."""
    token = authorization.removeprefix("Bearer ")
    key: Any = await db.scalar(select(ApiKey).filter_by(token_hash=hashlib.sha256(token.encode()).digest()))
    if key is None or key.revoked_at is not None:
        raise HTTPException(401)
    held = (await db.scalars(select(ApiKeyDealership).filter_by(api_key_id=key.id))).all()
    lead: Any = await db.scalar(select(Lead).filter_by(id=lead_id).with_for_update())
    if lead is None or lead.dealership_id not in {one.dealership_id for one in held}:  # type: ignore[attr-defined]
        raise HTTPException(404)
    if "update:lead" not in key.permissions:
        raise HTTPException(401)
    dealership: Any = await db.get(Dealership, lead.dealership_id)
    sent = body.lead
    if sent.dealership_slug not in {None, dealership.slug}:
        raise HTTPException(422)
    if sent.category not in vocabulary.CATEGORIES or sent.source not in vocabulary.SOURCES:
        raise HTTPException(422)
    if datetime.now(UTC) - lead.created_at > timedelta(hours=72):
        raise HTTPException(400)
    own = {"dealership_id": lead.dealership_id}
    cluster: Any = await db.scalar(select(LeadCluster).filter_by(**own, id=lead.lead_cluster_id))
    contact: Any = await db.scalar(select(Contact).filter_by(**own, lead_cluster_id=lead.lead_cluster_id))
    values: dict[str, Any] = sent.model_dump(
        exclude_unset=True,
        exclude={
            *("dealership_id", "dealership_slug", "website_slug", "dob", "page_id", "location_id", "golden"),
        },
    )
    number = phonenumbers.parse(sent.phone, dealership.country)
    values["phone_e164"] = (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number)
        else None
    )
    values["email_normalised"] = sent.email.lower()
    if sent.dob:
        day, month, year = sent.dob.split("/")
        values["dob"] = date(int(year), int(month), int(day))
    if sent.website_slug:
        website: Any = await db.scalar(select(Website).filter_by(**own, slug=sent.website_slug))
        if website is None:
            raise HTTPException(422)
        values["website_id"] = website.id
    for name, table, ident in (("page_id", Page, sent.page_id), ("location_id", Location, sent.location_id)):
        if ident is not None:
            if await db.scalar(select(table).filter_by(**own, id=ident)) is None:
                raise HTTPException(422)
            values[name] = ident
    if sent.stocknum:
        same = func.lower(Car.stocknum) == sent.stocknum.lower()  # type: ignore[attr-defined]  # reflected
        car: Any = await db.scalar(select(Car).filter_by(**own).where(same).limit(1))
        values["car_id"] = car.id if car else None
    if sent.user_email:
        person: Any = await db.scalar(select(User).filter_by(email=sent.user_email.lower()))
        member = person and await db.scalar(select(DealershipUser).filter_by(**own, user_id=person.id))
        values["user_id"] = person.id if member else None
    if sent.opt_in_to_marketing != lead.opt_in_to_marketing:
        values |= {"opt_in_to_marketing_at": datetime.now(UTC), "opt_in_to_marketing_api_key_id": key.id}
    changes: dict[str, Any] = {}
    for name, value in values.items():
        before = getattr(lead, name)
        if before != value:
            changes[name] = {"from": str(before), "to": str(value)}
            setattr(lead, name, value)
    if "phone_e164" in changes and values["phone_e164"]:
        point = {**own, "kind": "phone", "value": values["phone_e164"], "contact_id": contact.id}
        await db.execute(insert(ContactPoint).values(point).on_conflict_do_nothing())
        stopped = select(StopListEntry).filter_by(**own, kind="phone", value=values["phone_e164"])
        twins: Any = select(ContactPoint).filter_by(**own, kind="phone", value=values["phone_e164"])
        if await db.scalar(stopped) is None:
            for twin in (await db.scalars(twins)).all():
                other: Any = await db.scalar(select(Contact).filter_by(**own, id=twin.contact_id))
                if other.lead_cluster_id != cluster.id:
                    both = sorted((cluster.id, other.lead_cluster_id))
                    pair = {**own, "lead_cluster_id": both[0], "other_lead_cluster_id": both[1]}
                    reasons = [{"kind": "phone", "value": values["phone_e164"], "lead_id": lead.id}]
                    pair["reasons"] = reasons
                    await db.execute(insert(PossibleDuplicate).values(pair).on_conflict_do_nothing())
    for name in ("name", "last_name", "dob", "customer_address", "address_attributes"):
        if name in changes:
            setattr(contact, name, values[name])
    if "opt_in_to_marketing" in changes:
        contact.opt_in_to_marketing = sent.opt_in_to_marketing
        db.add(
            MarketingConsent(
                **own,
                contact_id=contact.id,
                lead_id=lead.id,
                value=sent.opt_in_to_marketing,
                given_at=datetime.now(UTC),
                api_key_id=key.id,
                source=sent.source,
            )
        )
    if sent.lead_state and sent.lead_state != cluster.state:
        cluster.state = sent.lead_state
        cluster.version += 1
    if sent.golden is not None and sent.golden != cluster.golden:
        # The database mirrors it to the cluster's leads by itself.
        changes["golden"] = {"from": cluster.golden, "to": sent.golden}
        cluster.golden = sent.golden
        cluster.version += 1
    if sent.tags is not None and "tags" in changes:
        cluster.tags = [*cluster.tags, *(tag for tag in sent.tags if tag not in cluster.tags)]
        await db.execute(delete(LeadTag).filter_by(**own, lead_id=lead.id))
        for tag in sent.tags:
            db.add(LeadTag(**own, tag=tag, lead_created_at=lead.created_at, lead_id=lead.id))
    files = (await db.scalars(select(LeadFile).filter_by(**own, lead_id=lead.id))).all()
    payments = (await db.scalars(select(Payment).filter_by(**own, lead_id=lead.id))).all()
    if changes:
        lead.version += 1
        lead.updated_at = datetime.now(UTC)
        db.add(
            Event(
                **own,
                lead_cluster_id=lead.lead_cluster_id,
                lead_id=lead.id,
                lead_version=lead.version,
                kind="lead.updated",
                occurred_at=lead.updated_at,
                api_key_id=key.id,
                request_id="reference",
                changes=changes,
            )
        )
    await db.flush()
    told = {column.name: getattr(lead, column.name) for column in Lead.__table__.columns}
    return told | {"files": len(files), "payments": len(payments), "dealership_slug": dealership.slug}
