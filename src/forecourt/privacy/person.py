"""Who a person is: a contact, with every cluster that is the same customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.clusters import find
from forecourt.clusters.search import SEARCH, asked
from forecourt.dealerships.desk import id_in
from forecourt.ids import LeadClusterId
from forecourt.infra.database import record
from forecourt.infra.refusals import Refusal
from forecourt.privacy.person_queries import PERSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.clusters.answers import LeadClusterOut
    from forecourt.dealerships.operation import Dealership, Standing
    from forecourt.infra.database import Connection

_MOST_FOUND = 50


class ContactNotFound(Refusal):
    """There is no such contact in the dealership, or the key does not hold it: nobody can tell which."""

    code = "contact-not-found"
    title = "Contact NOT found"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose data a dealership holds.

    Attributes:
        lead_cluster_id: of the contact that was asked for; of a merged one the survivor.
        lead_cluster_ids: every cluster of theirs, those that were merged included.
        erased_lead_cluster_ids: those of them that hold no personal data any more.
        lead_ids: every enquiry.
    """

    contact_id: int
    lead_cluster_id: LeadClusterId
    lead_cluster_ids: list[LeadClusterId]
    erased_lead_cluster_ids: list[LeadClusterId]
    lead_ids: list[int]

    @property
    def not_erased(self) -> list[LeadClusterId]:
        """The clusters that hold personal data."""
        return [one for one in self.lead_cluster_ids if one not in self.erased_lead_cluster_ids]


def contact_in(path: Mapping[str, str]) -> int:
    """The contact that a path names.

    Raises:
        ContactNotFound: it is no id.
    """
    return id_in(path, "contact_id", ContactNotFound)


async def the_person(connection: Connection, standing: Standing, contact_id: int) -> Person:
    """The person behind a contact.

    Raises:
        ContactNotFound: there is no such contact.
    """
    row = await connection.one_or_none(
        record, PERSON, dealership_id=standing.dealership.id, contact_id=contact_id, test=standing.caller.test
    )
    if row is None:
        raise ContactNotFound
    survivor = await find.survivor(connection, standing, LeadClusterId(row.pop("of_lead_cluster_id")))
    return msgspec.convert(row | {"lead_cluster_id": survivor}, Person)


async def people_like(connection: Connection, dealership: Dealership, words: str) -> list[LeadClusterOut]:
    """The clusters that *words* find: a name, an e-mail address, a phone number or its last four digits."""
    typed = asked(words, dealership.id, dealership.country, _MOST_FOUND)
    rows = await connection.every(record, SEARCH, **typed)
    return [find.cluster_out(row) for row in {row["id"]: row for row in rows}.values()]
