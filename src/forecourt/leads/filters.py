"""What a list of leads can be asked for: the query string, read and checked."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt import vocabulary
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.ids import DealershipId
from forecourt.infra.database import Query
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence


DEFAULT_LIMIT = 50
MOST = 200

SORTS = ("-created_at", "created_at", "-updated_at", "updated_at")

_TIMES = ("created_from", "created_to", "updated_from", "updated_to")
_WORDS = {
    "category": vocabulary.CATEGORY,
    "source": vocabulary.SOURCE,
    "lead_state": vocabulary.LEAD_STATE,
}
_EXACT = ("tag", "provider", "provider_id")
PARAMETERS = (*_WORDS, *_TIMES, "email", "phone", *_EXACT, "golden", "state", "sort", "limit", "cursor")
REPEATED = ("dealership", "dealership_id", "dealership_slug")
# Other names that one would try first, and what they mean.
_ALSO = {"state": "lead_state", "dealership_id": "dealership", "dealership_slug": "dealership"}

HELD = Query("""
select id, slug, country, timezone from dealership where id = any (cast(:dealership_ids as bigint[])) order by id
""")


class HeldDealership(msgspec.Struct, frozen=True):
    """A dealership that the key holds."""

    id: DealershipId
    slug: str
    country: str
    timezone: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page of leads as it was asked for.

    Attributes:
        values: condition -> its parameter's value; see ``listing.CONDITIONS``. A phone has one for each dealership.
        after: place and id of the lead after which the page begins.
    """

    dealership_ids: list[DealershipId]
    values: dict[str, Any]
    sort: str
    limit: int
    after: tuple[datetime, int] | None

    @property
    def conditions(self) -> frozenset[str]:
        """The names of the conditions that hold."""
        return frozenset(self.values)

    def parameters(self) -> dict[str, Any]:
        """The statement's parameters; one row more than the page tells whether there is a next one."""
        at, ident = self.after or (None, None)
        return self.values | {
            "dealership_ids": self.dealership_ids,
            "phones": self.values.get("phone"),
            "size": self.limit + 1,
            "at": at,
            "id": ident,
        }


def read(query: dict[str, list[str]], held: Sequence[HeldDealership], *, test: bool | None = None) -> Asked:
    """Read a query string; *held* are the key's dealerships, *test* is which leads it sees; see ``Caller``.

    Raises:
        BadQuery: the problems name everything that does not fit.
    """
    reader = _Reader(_by_one_name(query), held)
    asked = reader.read()
    if reader.problems:
        raise BadQuery(problems=tuple(reader.problems))
    if test is not None:
        asked.values["test" if test else "not_test"] = True
    return asked


def _by_one_name(query: dict[str, list[str]]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, values in query.items():
        named.setdefault(_ALSO.get(name, name), []).extend(values)
    return named


def limit_of(query: dict[str, list[str]], most: int = MOST) -> int:
    """The page's size.

    Raises:
        BadQuery: it is not an integer from 1 to *most*.
    """
    text = query.get("limit", [str(min(DEFAULT_LIMIT, most))])[0]
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most):  # noqa: PLR2004
        raise BadQuery(problems=(Problem("limit", f"must be an integer from 1 to {most}"),))
    return int(text)


def cursor(sort: str, at: datetime, ident: int) -> str:
    """What a client sends to go on after a lead; opaque to it."""
    return base64.urlsafe_b64encode(f"{sort} {ident} {at.isoformat()}".encode()).decode()


class _Reader:
    def __init__(self, query: dict[str, list[str]], held: Sequence[HeldDealership]) -> None:
        self.query = query
        self.held = held
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def read(self) -> Asked:
        chosen = self.dealerships()
        self.words()
        self.times()
        self.contact(chosen)
        for name in _EXACT:
            if name in self.query:
                self.values[name] = self.query[name][0]
        self.golden()
        sort = self.sort()
        limit = DEFAULT_LIMIT
        try:
            limit = limit_of(self.query)
        except BadQuery as refused:
            self.problems += refused.problems
        return Asked(
            dealership_ids=[dealership.id for dealership in chosen],
            values=self.values,
            sort=sort,
            limit=limit,
            after=self.after(sort),
        )

    def refuse(self, name: str, message: str, allowed: tuple[str, ...] | None = None) -> None:
        self.problems.append(Problem(name, message, allowed))

    def dealerships(self) -> list[HeldDealership]:
        asked = self.query.get("dealership")
        if asked is None:
            return list(self.held)
        by_name = {dealership.slug: dealership for dealership in self.held}
        by_name |= {str(dealership.id): dealership for dealership in self.held}
        if not all(name in by_name for name in asked):
            self.refuse("dealership", "is not the id or slug of a dealership that this key holds")
        return list({by_name[name].id: by_name[name] for name in asked if name in by_name}.values())

    def words(self) -> None:
        for name, words in _WORDS.items():
            if name not in self.query:
                continue
            sent = self.query[name][0]
            word = words.canonical(sent)
            if word is None:
                self.refuse(
                    name, f"is not an allowed value; the nearest is {words.nearest(sent)}", words.values
                )
            self.values[name] = word

    def times(self) -> None:
        for name in _TIMES:
            if name in self.query:
                moment = _moment(self.query[name][0])
                if moment is None:
                    self.refuse(
                        name, "must be an RFC 3339 time with its offset, as 2026-11-23T09:30:00+10:00"
                    )
                else:
                    self.values[name] = moment

    def contact(self, chosen: Sequence[HeldDealership]) -> None:
        if "email" in self.query:
            sent = self.query["email"][0].strip()
            self.values["email"] = loose_email(sent) or sent
        if "phone" in self.query:
            sent = self.query["phone"][0].strip()
            self.values["phone"] = [loose_phone(sent, dealership.country) or sent for dealership in chosen]

    def golden(self) -> None:
        if "golden" not in self.query:
            return
        sent = self.query["golden"][0].lower()
        if sent not in {"true", "false"}:
            self.refuse("golden", "must be true or false", ("true", "false"))
        self.values["golden" if sent == "true" else "not_golden"] = True

    def sort(self) -> str:
        by_update = bool(self.values.keys() & {"updated_from", "updated_to"})
        sort = self.query.get("sort", ["-updated_at" if by_update else "-created_at"])[0]
        if sort not in SORTS:
            self.refuse("sort", "is not an order of this list", SORTS)
            return SORTS[0]
        if by_update and not sort.endswith("updated_at"):
            self.refuse("sort", "updated_from and updated_to go with the order by updated_at", SORTS[2:])
        return sort

    def after(self, sort: str) -> tuple[datetime, int] | None:
        if "cursor" not in self.query:
            return None
        try:
            text = base64.urlsafe_b64decode(self.query["cursor"][0].encode()).decode("ascii")
            of_sort, ident, at = text.split(" ")
            moment = _moment(at)
        except (ValueError, binascii.Error):
            of_sort, ident, moment = "", "", None
        if moment is None or of_sort != sort or not ident.isdigit() or len(ident) > 18:  # noqa: PLR2004
            self.refuse("cursor", "is not a cursor of this list in this order")
            return None
        return moment, int(ident)


def _moment(text: str) -> datetime | None:
    """A time with its offset; None where the text is none. A ``+`` may have become a space on its way."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 else text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
