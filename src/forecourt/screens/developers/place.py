"""Where in the developers' pages somebody is, and of which dealership; what their forms sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.access.caller import RoleMissing
from forecourt.dealerships.operation import DealershipNotFound
from forecourt.keys.issue import MANAGE as MANAGE_KEYS
from forecourt.requests.find import PERMISSION as READ_LOG
from forecourt.webhooks.desk import READ

if TYPE_CHECKING:
    from forecourt.access.sessions import Membership
    from forecourt.infra.http import Answer
    from forecourt.screens.visit import Visit

# Without it nobody gets in here; the pages ask for more where what they show does.
SECTION = READ
_LONGEST = 1_000_000


class Tab(msgspec.Struct, frozen=True):
    """A page of the section, and the permission that it asks for."""

    address: str
    name: str
    needs: str


TABS = (
    Tab("/developers", "Home", SECTION),
    Tab("/developers/keys", "Keys", MANAGE_KEYS),
    Tab("/developers/requests", "Requests", READ_LOG),
    Tab("/developers/webhooks", "Webhooks", SECTION),
    Tab("/developers/outbox", "Outbox", SECTION),
    Tab("/developers/events", "Events", SECTION),
    Tab("/developers/adf", "ADF", SECTION),
)


def places(visit: Visit, permission: str) -> list[Membership]:
    """The dealerships where the visitor's role gives *permission*, and lets them in here at all.

    Raises:
        RoleMissing: there is none.
    """
    found = [one for one in visit.places(permission) if one.may(SECTION)]
    if not found:
        raise RoleMissing("Ask an owner of your dealership for it.")
    return found


def place(visit: Visit, permission: str, slug: str | None = None) -> Membership:
    """The dealership that the address names; the first where it names none.

    Raises:
        DealershipNotFound, RoleMissing: it is none of the visitor's, or their role does not give *permission* there.
    """
    asked = slug if slug is not None else visit.parameters.get("dealership")
    if not asked:
        return places(visit, permission)[0]
    found = visit.place(asked, permission)
    if not found.may(SECTION):
        raise DealershipNotFound
    return found


def page(visit: Visit, template: str, tab: str, status: int = 200, **values: Any) -> Answer:  # noqa: ANN401
    """A page of the section, under its *tab*."""
    tabs = [one for one in TABS if visit.may(one.needs)]
    return visit.page(f"developers/{template}", status, section="Developers", tabs=tabs, tab=tab, **values)


def text(form: dict[str, Any], name: str) -> str:
    """A field of a form; empty where it was not sent."""
    value = form.get(name, "")
    return value[:_LONGEST] if isinstance(value, str) else ""


def words(form: dict[str, Any], name: str) -> list[str]:
    """A field that may be sent several times, as ``name[]``."""
    value = form.get(name, [])
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
