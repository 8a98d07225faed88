"""A prospect's values on their way through Create Lead or Update Lead, which take no nonsense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.adf.keeping import ADF
from forecourt.adf.report import Deviation
from forecourt.infra.conditional import entity_tag
from forecourt.infra.refusals import Invalid
from forecourt.leads.answers import Warned
from forecourt.leads.reading import read_lead
from forecourt.leads.write import WriteRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from forecourt.adf.intake import Intake
    from forecourt.infra.refusals import Problem
    from forecourt.leads.write import Written

_OPERATION = "POST /api/v1/adf"
# Without these there is no lead.
_NEEDED = frozenset({"email", "phone", "category", "source", "dealership_id", "fields"})


class Sent(msgspec.Struct, frozen=True):
    """A lead that was written; ``warnings`` tell what it did not take."""

    lead_id: int
    warnings: tuple[Deviation, ...]


class _Answer(msgspec.Struct, frozen=True):
    """What is read of the answer of Create Lead and Update Lead."""

    id: int
    warnings: tuple[Warned, ...]


async def send(
    intake: Intake,
    path: str,
    values: dict[str, Any],
    points: Sequence[tuple[str, str]],
    write: Callable[[WriteRequest], Awaitable[Written]],
    *,
    version: int | None = None,
) -> Sent:
    """Write a lead; what it does not take of *values* is left out, told, and kept in its fields.

    Args:
        intake: the import.
        path: of the prospect.
        values: as the body of Create Lead has them.
        points: further ways to reach the customer.
        write: the use case.
        version: the lead's, which must not have changed; None of a new one.

    Raises:
        Invalid: it cannot be written even so.
        Refusal: whatever the use case refuses.
    """
    try:
        return await _written(intake, path, values, points, write, version)
    except Invalid as invalid:
        left, told = without_problems(values, invalid.problems)
    sent = await _written(intake, path, left, points, write, version)
    left_out = (Deviation(path, problem.field, f"{problem.message}; left out") for problem in told)
    return Sent(sent.lead_id, (*left_out, *sent.warnings))


async def _written(
    intake: Intake,
    path: str,
    values: dict[str, Any],
    points: Sequence[tuple[str, str]],
    write: Callable[[WriteRequest], Awaitable[Written]],
    version: int | None,
) -> Sent:
    reached = tuple(dict.fromkeys(points))
    request = WriteRequest(
        token_hash=intake.sender.token_hash,
        operation=_OPERATION,
        sent=msgspec.structs.replace(read_lead({"lead": values}, typed=True), reached=reached),
        refusal=None,
        payload_hash=b"",
        idempotency_key=None,
        if_match=None if version is None else frozenset({entity_tag(version)}),
        dry_run=False,
        request_id=intake.request_id,
    )
    written = await write(request)
    answer = msgspec.json.decode(written.body, type=_Answer)
    odd = tuple(Deviation(path, warned.field, warned.message) for warned in answer.warnings)
    return Sent(answer.id, odd)


def without_problems(
    values: dict[str, Any], problems: Sequence[Problem]
) -> tuple[dict[str, Any], list[Problem]]:
    """*values* without what does not fit, and what that was; an odd address or number stays as it is."""
    left = dict(values)
    fields = dict(left.get("fields") or {})
    not_taken: dict[str, Any] = {}
    told = []
    for problem in problems:
        _, name, *inner = problem.field.replace("[", ".").split(".")
        if name in {"email", "phone"}:
            left["disable_strict_validation"] = True
        elif name == "fields" and inner and inner[0] in fields:
            not_taken[f"fields.{inner[0]}"] = fields.pop(inner[0])
            told.append(problem)
        elif name in left and name not in _NEEDED:
            not_taken[name] = left.pop(name)
            told.append(problem)
    if not_taken:
        kept = fields.get(ADF)
        fields[ADF] = (kept if isinstance(kept, dict) else {}) | {"not_taken": not_taken}
    return left | ({"fields": fields} if fields else {}), told
