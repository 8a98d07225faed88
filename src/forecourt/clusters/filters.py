"""What a list of clusters can be asked for: the query string, read and checked."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.clusters.listing import SORTS
from forecourt.clusters.vocabulary import STATE
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.dealerships.parameters import DEFAULT_LIMIT, MOST
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem
from forecourt.vocabulary import CATEGORY, SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.ids import DealershipId

_TIMES = ("created_from", "created_to", "updated_from", "updated_to", "waiting_since_before")
_IDS = ("user_id", "secondary_user_id", "location_id")
_WORDS = {"lead_state": STATE, "category": CATEGORY, "source": SOURCE}
_EXACT = ("tag", "provider", "provider_id")
# Parameter -> the conditions for true and for false.
_SWITCHES = {
    "golden": ("golden", "not_golden"),
    "unassigned": ("unassigned", "assigned"),
    "waiting": ("waiting", "not_waiting"),
    "overdue": ("overdue", None),
    "possible_duplicates": ("possible_duplicates", None),
}
# Other names that one would try first, and what they mean.
_ALSO = {
    "state": "lead_state",
    "search": "q",
    "assigned_user": "user_id",
    "secondary_user": "secondary_user_id",
}
PARAMETERS = (
    "q",
    *_WORDS,
    *_IDS,
    *_SWITCHES,
    *_TIMES,
    *_EXACT,
    "email",
    "phone",
    "sort",
    "limit",
    "cursor",
    *_ALSO,
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page of clusters as it was asked for.

    Attributes:
        search: what somebody typed; None for a list by filters.
        values: condition -> its parameter's value; see ``listing.CONDITIONS``.
        after: place and id of the cluster after which the page begins.
    """

    search: str | None
    values: dict[str, Any]
    sort: str
    limit: int
    after: tuple[datetime, int] | None

    def parameters(self, dealership_id: DealershipId) -> dict[str, Any]:
        """The statement's parameters; one row more than the page tells whether there is a next one."""
        at, ident = self.after or (None, None)
        return self.values | {"dealership_id": dealership_id, "size": self.limit + 1, "at": at, "id": ident}


def read(query: Mapping[str, list[str]], country: str, *, test: bool | None = None) -> Asked:
    """Read a query string.

    Args:
        query: as it was sent.
        country: the dealership's, in which phone numbers are read.
        test: which clusters are seen; see ``Caller``.

    Raises:
        BadQuery: the problems name everything that does not fit.
    """
    reader = _Reader({_ALSO.get(name, name): values[0] for name, values in query.items()}, country)
    asked = reader.read()
    if reader.problems:
        raise BadQuery(problems=tuple(reader.problems))
    if test is not None:
        asked.values["test" if test else "not_test"] = True
    return asked


def cursor(sort: str, at: datetime, ident: int) -> str:
    """What a client sends to go on after a cluster; opaque to it."""
    return base64.urlsafe_b64encode(f"{sort} {ident} {at.isoformat()}".encode()).decode()


class _Reader:
    def __init__(self, query: Mapping[str, str], country: str) -> None:
        self.query = query
        self.country = country
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def read(self) -> Asked:
        self.words()
        self.ids()
        self.switches()
        self.times()
        self.reached()
        self.values |= {name: self.query[name] for name in _EXACT if name in self.query}
        sort = self.query.get("sort", SORTS[0])
        if sort not in SORTS:
            self.refuse("sort", "is not an order of this list", SORTS)
        search = self.query.get("q")
        if search is not None:
            self.search(search)
        return Asked(search=search, values=self.values, sort=sort, limit=self.limit(), after=self.after(sort))

    def refuse(self, name: str, message: str, allowed: tuple[str, ...] | None = None) -> None:
        self.problems.append(Problem(name, message, allowed))

    def search(self, text: str) -> None:
        if not text.strip() or len(text) > 255:  # noqa: PLR2004
            self.refuse("q", "must have 1 to 255 characters")
        alone = {"q", "limit"}
        for name in self.query.keys() - alone:
            self.refuse(name, "does not go with q: a search has its own order and no filters")

    def words(self) -> None:
        for name, words in _WORDS.items():
            if name not in self.query:
                continue
            sent = self.query[name]
            word = words.canonical(sent)
            if word is None:
                self.refuse(
                    name, f"is not an allowed value; the nearest is {words.nearest(sent)}", words.values
                )
            self.values[name] = word

    def ids(self) -> None:
        for name in _IDS:
            text = self.query.get(name)
            if text is None:
                continue
            if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004
                self.values[name] = int(text)
            else:
                self.refuse(name, "must be an integer")

    def switches(self) -> None:
        for name, (on, off) in _SWITCHES.items():
            sent = self.query.get(name, "").lower()
            if name not in self.query:
                continue
            condition = {"true": on, "false": off}.get(sent)
            if sent not in {"true", "false"} or (sent == "false" and off is None):
                self.refuse(name, "must be true or false" if off else "must be true")
            elif condition is not None:
                self.values[condition] = True

    def times(self) -> None:
        for name in _TIMES:
            if name not in self.query:
                continue
            moment = _moment(self.query[name])
            if moment is None:
                self.refuse(name, "must be an RFC 3339 time with its offset, as 2026-11-23T09:30:00+10:00")
            self.values[name] = moment

    def reached(self) -> None:
        if "email" in self.query:
            sent = self.query["email"].strip()
            self.values["email"] = loose_email(sent) or sent
        if "phone" in self.query:
            sent = self.query["phone"].strip()
            self.values["phone"] = loose_phone(sent, self.country) or sent

    def limit(self) -> int:
        text = self.query.get("limit", str(DEFAULT_LIMIT))
        if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST:  # noqa: PLR2004
            return int(text)
        self.refuse("limit", f"must be an integer from 1 to {MOST}")
        return DEFAULT_LIMIT

    def after(self, sort: str) -> tuple[datetime, int] | None:
        if "cursor" not in self.query:
            return None
        try:
            text = base64.urlsafe_b64decode(self.query["cursor"].encode()).decode("ascii")
            of_sort, ident, at = text.split(" ")
        except (ValueError, binascii.Error):
            of_sort, ident, at = "", "", ""
        moment = _moment(at)
        if moment is None or of_sort != sort or not ident.isdigit() or len(ident) > 18:  # noqa: PLR2004
            self.refuse("cursor", "is not a cursor of this list in this order")
            return None
        return moment, int(ident)


def _moment(text: str) -> datetime | None:
    """A time with its offset; None where the text is none. A ``+`` may have become a space on its way."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 else text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
