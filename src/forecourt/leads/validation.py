"""What a lead that was sent means: every rule of the contract's fields, every problem told at once. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt import vocabulary
from forecourt.contacts.email import NotAnEmail, loose_email, read_email
from forecourt.contacts.phone import NotAPhone, loose_phone, read_phone
from forecourt.files.accept import FILES
from forecourt.ids import DealershipId
from forecourt.infra.refusals import Invalid, Problem
from forecourt.leads import text
from forecourt.leads.answers import Warned
from forecourt.leads.attachments import Attachment, attachments_of
from forecourt.payments.charges import check_charge_breakdown
from forecourt.payments.money import NotMoney, cents

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecourt.leads.reading import SentLead
    from forecourt.leads.records import References

OLDEST_BIRTHDAY = date(1900, 1, 1)

_LINES_OF_TEXT = ("message", "customer_address")
_LINE_OF_TEXT = ("name", "last_name", "stocknum", "provider", "provider_id", "user_email")
_AS_SENT = (
    "certified",
    "send_customer_email",
    "sms_verified",
    "opt_in_to_marketing",
    "delay_customer_email_minutes",
    "delay_dealership_notification_minutes",
    "disable_strict_validation",
    "time_on_site_seconds",
    "time_to_submit_seconds",
)
# Field, and where the id is looked for.
_REFERENCES = ("page_id", "location_id", "model_id", "model_variant_id", "colour_id", "team_member_id")
_ONLY_FOR = {
    "model_id": vocabulary.NEW_VEHICLE_ENQUIRY,
    "model_variant_id": vocabulary.NEW_VEHICLE_ENQUIRY,
    "colour_id": vocabulary.NEW_VEHICLE_ENQUIRY,
    "team_member_id": vocabulary.TEAM_MEMBER_ENQUIRY,
}
_VOCABULARIES = {
    "category": vocabulary.CATEGORY,
    "source": vocabulary.SOURCE,
    "marketing_source": vocabulary.MARKETING_SOURCE,
    "lead_state": vocabulary.LEAD_STATE,
}
# The same for an id that nobody has and for one of another dealership.
_NOT_HERE = "is not known at this dealership"


class Dealership(msgspec.Struct, frozen=True):
    """The dealership that a lead is or will be of.

    Attributes:
        country: ISO 3166-1 alpha-2; where its customers' phone numbers are read.
    """

    id: DealershipId
    slug: str
    country: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment to record with a lead."""

    amount: Decimal | None
    car_id: int | None
    payment_processor_id: int | None
    external_transaction_id: str | None


class ValidLead(msgspec.Struct, frozen=True):
    """A lead as it was sent, every rule kept.

    Attributes:
        values: column -> value, for every field that was sent.
        address: the members of ``address_attributes`` that were sent; None clears the address, UNSET is none sent.
        extra: what the contract does not know.
        files: what to attach.
        payment: what to record.
        warnings: what was taken, but not as the sender may think.
        reached: further ways to reach the customer, kind and normalised value.
    """

    values: dict[str, Any]
    address: dict[str, Any] | msgspec.UnsetType | None
    extra: dict[str, Any]
    files: tuple[Attachment, ...]
    payment: Payment | None
    warnings: tuple[Warned, ...]
    reached: tuple[tuple[str, str], ...] = ()


def validate(sent: SentLead, found: References, dealership: Dealership, *, attached: int = 0) -> ValidLead:
    """Hold *sent* against every rule.

    Args:
        sent: the lead as it was read.
        found: what its ids and names mean in the dealership.
        dealership: where the lead is.
        attached: how many files it has already.

    Raises:
        Invalid: something does not fit; the problems name everything.
    """
    check = _Check(sent, found, dealership, attached)
    check.run()
    if check.problems:
        raise Invalid(problems=tuple(check.problems))
    warnings = tuple(check.warnings)
    return ValidLead(
        check.values, check.address, sent.extra, check.files, check.payment, warnings, sent.reached
    )


class _Check:
    """One lead on its way through the rules; each method is one rule, or one kind of field."""

    def __init__(self, sent: SentLead, found: References, dealership: Dealership, attached: int) -> None:
        self.lead = sent.lead
        self.found = found
        self.dealership = dealership
        self.attached_before = attached
        self.problems = list(sent.problems)
        self.warnings = list(sent.warnings)
        self.values: dict[str, Any] = {}
        self.address: dict[str, Any] | msgspec.UnsetType | None = UNSET
        self.files: tuple[Attachment, ...] = ()
        self.payment: Payment | None = None

    def run(self) -> None:
        self.required()
        self.own_dealership()
        self.words()
        self.reachable()
        self.texts()
        self.as_sent()
        self.birthday()
        self.references()
        self.vehicle()
        self.staff()
        self.tags()
        self.address_members()
        self.paid()
        self.free_fields()
        self.attached()

    def refuse(self, field: str, message: str, allowed: tuple[str, ...] | None = None) -> None:
        self.problems.append(Problem(f"lead.{field}", message, allowed))

    def warn(self, field: str, message: str) -> None:
        self.warnings.append(Warned(f"lead.{field}", message))

    def required(self) -> None:
        told = {problem.field for problem in self.problems}
        for name in ("email", "phone", "category", "source"):
            if getattr(self.lead, name) is UNSET and f"lead.{name}" not in told:
                self.refuse(name, "is required")
        both = self.lead.dealership_id is UNSET and self.lead.dealership_slug is UNSET
        if both and not told & {"lead.dealership_id", "lead.dealership_slug"}:
            self.refuse("dealership_slug", "is required, or dealership_id")

    def own_dealership(self) -> None:
        if self.lead.dealership_id not in (UNSET, self.dealership.id):
            self.refuse("dealership_id", "is not the lead's dealership; a lead never moves to another")
        if (
            self.lead.dealership_slug is not UNSET
            and self.lead.dealership_slug.strip() != self.dealership.slug
        ):
            self.refuse("dealership_slug", "is not the lead's dealership; a lead never moves to another")

    def words(self) -> None:
        for name, words in _VOCABULARIES.items():
            sent = getattr(self.lead, name)
            if sent is UNSET:
                continue
            if sent is None:
                self.values[name] = None
                continue
            word = words.canonical(sent)
            if word is None:
                self.refuse(
                    name, f"is not an allowed value; the nearest is {words.nearest(sent)}", words.values
                )
            self.values[name] = word

    def reachable(self) -> None:
        strict = self.lead.disable_strict_validation is not True
        if self.lead.email is not UNSET:
            self.email(self.lead.email, strict=strict)
        if self.lead.phone is not UNSET:
            self.phone(self.lead.phone, strict=strict)

    def email(self, sent: str, *, strict: bool) -> None:
        if not strict:
            self.clean("email", sent, text.line)
            self.values["email_normalised"] = loose_email(sent)
            return
        try:
            address = read_email(sent)
        except NotAnEmail as problem:
            self.refuse("email", str(problem))
        else:
            self.values |= {"email": address.given, "email_normalised": address.normalised}

    def phone(self, sent: str, *, strict: bool) -> None:
        country = self.dealership.country
        if not strict:
            self.clean("phone", sent, text.line)
            self.values["phone_e164"] = loose_phone(sent, country)
            return
        try:
            number = read_phone(sent, country)
        except NotAPhone as problem:
            self.refuse("phone", str(problem))
            return
        self.values |= {"phone": number.given, "phone_e164": number.e164}
        if number.e164 is None:
            self.warn("phone", f"is possible in {country} but not a valid number; kept as it was sent")

    def clean(self, name: str, sent: str, cleaned: Callable[[str], str]) -> None:
        try:
            self.values[name] = cleaned(sent)
        except text.ControlCharacter as problem:
            self.refuse(name, str(problem))

    def texts(self) -> None:
        for names, cleaned in ((_LINE_OF_TEXT, text.line), (_LINES_OF_TEXT, text.lines)):
            for name in names:
                sent = getattr(self.lead, name)
                if sent is None:
                    self.values[name] = None
                elif sent is not UNSET:
                    self.clean(name, sent, cleaned)

    def as_sent(self) -> None:
        for name in _AS_SENT:
            sent = getattr(self.lead, name)
            if sent is not UNSET:
                self.values[name] = sent
        if self.lead.golden is not UNSET:
            self.values["golden"] = self.lead.golden is True

    def birthday(self) -> None:
        sent = self.lead.dob
        if sent is UNSET:
            return
        if not sent:
            self.values["dob"] = None
            return
        try:
            day = datetime.strptime(sent, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.refuse("dob", "must be a day that exists, as DD/MM/YYYY")
            return
        if not OLDEST_BIRTHDAY <= day <= date.today():  # noqa: DTZ011 - a day of slack does no harm
            self.refuse("dob", "must be between 01/01/1900 and today")
        self.values["dob"] = day

    def references(self) -> None:
        for name in _REFERENCES:
            self.reference(name, getattr(self.lead, name), getattr(self.found, name))
        self.website()
        category = self.values.get("category")
        for name, only in _ONLY_FOR.items():
            if getattr(self.lead, name) not in (UNSET, None) and category not in (None, only):
                self.warn(name, f"is meant for the category {only}; kept")

    def reference(self, name: str, sent: object, found: int | None) -> None:
        if sent is UNSET:
            return
        if sent is not None and found is None:
            self.refuse(name, _NOT_HERE)
        self.values[name] = found

    def website(self) -> None:
        self.reference("website_id", self.lead.website_id, self.found.website_id)
        slug = self.lead.website_slug
        if slug is UNSET:
            return
        by_slug = self.found.website_id_of_slug
        if slug is not None and by_slug is None:
            self.refuse("website_slug", _NOT_HERE)
        elif self.lead.website_id is UNSET:
            self.values["website_id"] = by_slug
        elif self.lead.website_id != by_slug:
            self.refuse("website_slug", "names another website than website_id")

    def vehicle(self) -> None:
        self.reference("car_id", self.lead.car_id, self.found.car_id)
        stocknum, matched = self.lead.stocknum, self.found.car_id_of_stocknum
        if stocknum is UNSET or stocknum is None:
            return
        if self.lead.car_id is UNSET:
            self.values["car_id"] = matched
            if matched is None:
                self.warn("stocknum", "matches no car of this dealership; kept")
        elif self.found.car_id != matched:
            self.warn("stocknum", "is not the stock number of car_id; car_id decides, stocknum is kept")

    def staff(self) -> None:
        if self.lead.user_email is UNSET:
            return
        self.values["user_id"] = self.found.user_id_of_email
        if self.lead.user_email is not None and self.found.user_id_of_email is None:
            self.warn("user_email", "is not a user of this dealership; kept")

    def tags(self) -> None:
        sent = self.lead.tags
        if sent is UNSET:
            return
        try:
            self.values["tags"] = list(dict.fromkeys(tag for tag in map(text.line, sent or ()) if tag))
        except text.ControlCharacter as problem:
            self.refuse("tags", str(problem))

    def address_members(self) -> None:
        sent = self.lead.address_attributes
        if sent is UNSET or sent is None:
            self.address = sent
            return
        members = {name: getattr(sent, name) for name in sent.__struct_fields__}
        self.address = {}
        for name, value in members.items():
            if value is UNSET:
                continue
            try:
                self.address[name] = text.line(value) if isinstance(value, str) else value
            except text.ControlCharacter as problem:
                self.refuse(f"address_attributes.{name}", str(problem))

    def paid(self) -> None:
        sent = self.lead.payment_attributes
        if sent is UNSET or sent is None:
            return
        amount = None if sent.amount is UNSET else sent.amount
        try:
            amount = None if amount is None else cents(amount)
        except NotMoney as problem:
            self.refuse("payment_attributes.amount", str(problem))
        if sent.car_id not in (UNSET, None) and self.found.payment_car_id is None:
            self.refuse("payment_attributes.car_id", _NOT_HERE)
        transaction = sent.external_transaction_id
        try:
            transaction = text.line(transaction) if isinstance(transaction, str) else None
        except text.ControlCharacter as problem:
            self.refuse("payment_attributes.external_transaction_id", str(problem))
        self.payment = Payment(
            amount=amount,
            car_id=self.found.payment_car_id,
            payment_processor_id=None if sent.payment_processor_id is UNSET else sent.payment_processor_id,
            external_transaction_id=None if transaction is UNSET else transaction,
        )

    def free_fields(self) -> None:
        fields, breakdown = self.lead.fields, self.lead.charge_breakdown
        if breakdown is not UNSET:
            if breakdown is not None:
                self.problems += check_charge_breakdown(breakdown, "lead.charge_breakdown")
            self.values["charge_breakdown"] = breakdown
        if fields is not UNSET:
            self.values["fields"] = fields
        if self.values.get("category") == vocabulary.DOCUMENT_REQUEST and fields is not UNSET:
            self.document_type(fields or {})

    def document_type(self, fields: dict[str, Any]) -> None:
        sent = fields.get("document_type")
        if sent is None:
            self.warn("fields.document_type", "is missing; a Document Request names its document")
            return
        word = vocabulary.DOCUMENT_TYPE.canonical(sent) if isinstance(sent, str) else None
        if word is None:
            near = vocabulary.DOCUMENT_TYPE.nearest(sent if isinstance(sent, str) else "")
            message = f"is not an allowed value; the nearest is {near}"
            self.refuse("fields.document_type", message, vocabulary.DOCUMENT_TYPES)
        else:
            self.values["fields"] = fields | {"document_type": word}

    def attached(self) -> None:
        sent = self.lead.lead_files_attributes
        if sent is not UNSET and sent:
            if self.attached_before + len(sent) > FILES:
                self.refuse("lead_files_attributes", f"a lead has at most {FILES} files")
            self.files, problems = attachments_of(sent)
            self.problems += problems
