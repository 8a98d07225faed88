"""Who sends ADF, and to which dealerships it may go."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

import msgspec

from forecourt.access.caller import Caller, Unauthorised
from forecourt.adf.people import points_of
from forecourt.adf.queries import SENDER
from forecourt.adf.vendors import Candidate
from forecourt.contacts.email import loose_email
from forecourt.contacts.phone import loose_phone
from forecourt.ids import ApiKeyId

if TYPE_CHECKING:
    from forecourt.adf.document import Prospect
    from forecourt.adf.mapping import Recipient
    from forecourt.infra.database import Connection


_EMAIL = re.compile(r"[\w.+'-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}")
_PHONE = re.compile(r"[+(]?[0-9](?:[ ().\-/]?[0-9]){6,18}", re.ASCII)
_MOST_FOUND = 100


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """A key in force, and the dealerships that it holds.

    Attributes:
        token_hash: by which the key is known.
    """

    token_hash: bytes
    caller: Caller
    candidates: tuple[Candidate, ...]

    @classmethod
    def of_row(cls, token_hash: bytes, **row: Any) -> Self:  # noqa: ANN401 - a row is what its statement says
        """The row of ``SENDER``."""
        return cls(
            token_hash=token_hash,
            caller=Caller(ApiKeyId(row["api_key_id"]), tuple(row["permissions"]), test=row["test"]),
            candidates=msgspec.json.decode(row["candidates"], type=tuple[Candidate, ...]),
        )

    @property
    def api_key_id(self) -> int:
        """Of the key."""
        assert self.caller.api_key_id is not None  # noqa: S101 - read from its row
        return self.caller.api_key_id

    def recipient(self, *, by_id: int | None = None, by_slug: str | None = None) -> Recipient | None:
        """The dealership with this id or slug, if the key holds it."""
        found = (one.recipient for one in self.candidates)
        return next((one for one in found if one.id == by_id or one.slug == by_slug), None)

    def points(self, prospect: Prospect) -> list[str]:
        """Every way to reach the prospect's customer, normalised in each of the dealerships' countries."""
        contacts = (prospect.customer.contact, *prospect.customer.others)
        countries = dict.fromkeys(one.recipient.country for one in self.candidates)
        return sorted({value for country in countries for _, value in points_of(contacts, country)})

    def points_in(self, text: str) -> list[str]:
        """What looks like a way to reach somebody in a text without any order, normalised likewise."""
        countries = dict.fromkeys(one.recipient.country for one in self.candidates)
        emails = (loose_email(found[0]) for found in islice(_EMAIL.finditer(text), _MOST_FOUND))
        phones = [found[0] for found in islice(_PHONE.finditer(text), _MOST_FOUND)]
        numbers = (loose_phone(phone, country) for country in countries for phone in phones)
        return sorted({point for point in (*emails, *numbers) if point})


async def the_sender(connection: Connection, token_hash: bytes) -> Sender:
    """The sender with this key.

    Raises:
        Unauthorised: the key is none in force.
    """
    sender = await connection.one_or_none(
        lambda **row: Sender.of_row(token_hash, **row), SENDER, token_hash=token_hash
    )
    if sender is None:
        raise Unauthorised
    return sender
