"""Reading appointments: one, a cluster's, the diary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from forecourt.appointments import clock
from forecourt.appointments.queries import APPOINTMENT, DIARY, OF_CLUSTER
from forecourt.appointments.schema import (
    STATUSES,
    AppointmentNotFound,
    AppointmentOut,
    AppointmentPage,
    AppointmentsOut,
)
from forecourt.clusters import find
from forecourt.dealerships.paging import cursor_at, limit_in, place_in_cursor
from forecourt.infra.http import BadQuery
from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.dealerships.operation import Standing
    from forecourt.ids import LeadClusterId
    from forecourt.infra.database import Connection

_IDS = ("user_id", "location_id", "car_id")
PARAMETERS = ("from", "to", *_IDS, "status", "limit", "cursor")
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


async def one(connection: Connection, standing: Standing, ident: int) -> AppointmentOut:
    """An appointment.

    Raises:
        AppointmentNotFound: there is none.
    """
    found = await connection.one_or_none(
        AppointmentOut,
        APPOINTMENT,
        dealership_id=standing.dealership.id,
        id=ident,
        test=standing.caller.test,
    )
    if found is None:
        raise AppointmentNotFound
    return found


async def of_cluster(
    connection: Connection, standing: Standing, lead_cluster_id: LeadClusterId
) -> AppointmentsOut:
    """Every appointment of a cluster, the earliest in front.

    Raises:
        LeadClusterNotFound: there is no such cluster.
    """
    answering = await find.survivor(connection, standing, lead_cluster_id)
    return AppointmentsOut(
        await connection.every(
            AppointmentOut,
            OF_CLUSTER,
            dealership_id=standing.dealership.id,
            lead_cluster_id=answering,
        )
    )


async def diary(
    connection: Connection, standing: Standing, query: Mapping[str, list[str]]
) -> AppointmentPage:
    """A page of the diary: what begins from one moment to another, today and later where none is named.

    Raises:
        BadQuery: a filter, the limit or the cursor does not fit.
    """
    limit = limit_in(query)
    values = _asked({name: said[0] for name, said in query.items()}, standing)
    after, after_id = place_in_cursor(query) or (values["from"], 0)
    rows = await connection.every(
        AppointmentOut,
        DIARY,
        dealership_id=standing.dealership.id,
        test=standing.caller.test,
        size=limit + 1,
        after=after,
        after_id=after_id,
        **values,
    )
    shown = rows[:limit]
    last = shown[-1].starts_at_instant if len(rows) > limit else None
    return AppointmentPage(shown, cursor_at(last, shown[-1].id) if last else None)


def _asked(query: Mapping[str, str], standing: Standing) -> dict[str, Any]:
    problems: list[Problem] = []
    zone = standing.dealership.timezone
    today = standing.now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {"from": today.astimezone(UTC), "to": _LAST, "status": query.get("status")}
    for name in ("from", "to"):
        if name in query:
            # A plus sign may have become a space on its way.
            moment = clock.moment_of(query[name].replace(" ", "T", 1).replace(" ", "+"), zone, name)
            if isinstance(moment, Problem):
                problems.append(moment)
            else:
                values[name] = moment
    for name in _IDS:
        text = query.get(name)
        values[name] = int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004
        if text is not None and values[name] is None:
            problems.append(Problem(name, "must be an integer"))
    if values["status"] not in {None, *STATUSES}:
        problems.append(Problem("status", "is not a status", STATUSES))
    if problems:
        raise BadQuery(problems=tuple(problems))
    return values
