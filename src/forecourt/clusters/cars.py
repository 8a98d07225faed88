"""The cars that a cluster's customer looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt.clusters.update_queries import CHANGE_CAR, PUT_CAR, TAKE_CARS_OFF
from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.clusters.schema import CarLeadClusterIn, LeadClusterIn
    from forecourt.dealerships.operation import Change
    from forecourt.ids import LeadClusterId

_FIELDS = ("car_id", "family_id", "manufacturer_id", "year", "badge", "colour")
# What the platform's page marks as required of a new one.
_REQUIRED = ("car_id", "family_id", "manufacturer_id")


class CarChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What an update does to the cars.

    Attributes:
        put: rows to write, by car.
        changed: rows to change, by their own ids.
        off: ids of rows to take off.
        kept_car_ids: cars that stay; None where all may.
        car_ids: the cars afterwards, as far as they are known before it is written.
    """

    put: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    off: list[int]
    kept_car_ids: list[int] | None
    car_ids: list[int]
    problems: tuple[Problem, ...]

    @property
    def is_any(self) -> bool:
        """Whether anything changes."""
        return bool(self.put or self.changed or self.off or self.kept_car_ids is not None)


def car_changes(
    sent: LeadClusterIn, car_ids: Sequence[int], ids: Sequence[int], found: Sequence[int]
) -> CarChanges:
    """What *sent* does to the cars.

    Args:
        sent: the update.
        car_ids: of the cars that are there.
        ids: of their rows, beside them.
        found: of the cars that were sent, those that are of the dealership.
    """
    problems: list[Problem] = []
    put: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    off: list[int] = []
    kept: list[int] | None = None
    after = list(car_ids)
    if isinstance(sent.car_ids, list) and set(sent.car_ids) != set(car_ids):
        kept = sent.car_ids
        problems += [
            Problem(f"lead_cluster.car_ids[{index}]", "is not a car of this dealership")
            for index, car_id in enumerate(kept)
            if car_id not in found
        ]
        put += [_row(None, car_id) for car_id in kept if car_id not in car_ids]
        after = list(dict.fromkeys(kept))
    attributes = sent.car_lead_clusters_attributes
    for index, car in enumerate(attributes if isinstance(attributes, list) else []):
        path = f"lead_cluster.car_lead_clusters_attributes[{index}]"
        problems += _problems(car, path, ids, found)
        if car.destroy is True:
            off.append(car.id if isinstance(car.id, int) else 0)
            after = [one for one, row in zip(car_ids, ids, strict=True) if row != car.id and one in after]
        elif isinstance(car.id, int):
            changed.append(_row(car, None) | {"id": car.id})
        else:
            put.append(_row(car, None))
            after.append(put[-1]["car_id"])
    return CarChanges(
        put=put,
        changed=changed,
        off=off,
        kept_car_ids=None if kept is None else kept + [row["car_id"] for row in put],
        car_ids=after,
        problems=tuple(problems),
    )


def _row(car: CarLeadClusterIn | None, car_id: int | None) -> dict[str, Any]:
    if car is None:
        return dict.fromkeys(_FIELDS) | {"car_id": car_id}
    return {name: None if getattr(car, name) is UNSET else getattr(car, name) for name in _FIELDS}


def _problems(car: CarLeadClusterIn, path: str, ids: Sequence[int], found: Sequence[int]) -> list[Problem]:
    problems = []
    if isinstance(car.id, int) and car.id not in ids:
        problems.append(Problem(f"{path}.id", "is not a car of this cluster"))
    if car.destroy is True:
        if not isinstance(car.id, int):
            problems.append(Problem(f"{path}.id", "is missing: what is to be taken off"))
        return problems
    if isinstance(car.car_id, int) and car.car_id not in found:
        problems.append(Problem(f"{path}.car_id", "is not a car of this dealership"))
    if not isinstance(car.id, int):
        problems += [
            Problem(f"{path}.{name}", "is missing")
            for name in _REQUIRED
            if not isinstance(getattr(car, name), int)
        ]
    return problems


async def write_cars(change: Change, lead_cluster_id: LeadClusterId, cars: CarChanges) -> None:
    """Write what *cars* says, in the transaction of *change*."""
    own = {"dealership_id": change.dealership_id, "lead_cluster_id": lead_cluster_id}
    if cars.off or cars.kept_car_ids is not None:
        await change.connection.run(TAKE_CARS_OFF, **own, ids=cars.off, kept_car_ids=cars.kept_car_ids)
    if cars.changed:
        await change.connection.run_many(CHANGE_CAR, [own | row for row in cars.changed])
    if cars.put:
        await change.connection.run_many(PUT_CAR, [own | row for row in cars.put])
