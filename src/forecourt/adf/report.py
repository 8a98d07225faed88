"""What is answered to whoever sends ADF: what was mended, what breaks the rules, what became of each prospect.

A report names elements, rules and counts; never what a customer wrote.
"""

from __future__ import annotations

import msgspec

MOST_WARNINGS = 100


class Repair(msgspec.Struct, frozen=True):
    """Something that had to be mended before the document could be read.

    Attributes:
        name: of the kind of repair; docs/adf.md lists them.
    """

    name: str
    detail: str


class Deviation(msgspec.Struct, frozen=True):
    """A place that breaks a rule, and was taken all the same.

    Attributes:
        path: of the element or attribute in the document, as ``/adf/prospect[1]/vehicle[2]/@interest``.
        rule: the declaration of the DTD, or the rule's name where the DTD has none.
    """

    path: str
    rule: str
    message: str


class ProspectOut(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one prospect.

    Attributes:
        path: where it stood in the document.
        outcome: ``created``, ``updated``, ``unchanged`` (the same again), ``held``, ``dismissed`` (the same again
            of what was dismissed) or ``refused``.
        held_id: its number in the holding inbox.
    """

    path: str
    outcome: str
    lead_id: int | None = None
    held_id: int | None = None
    dealership_slug: str | None = None


class AdfReportOut(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a document.

    Attributes:
        accepted: whether every prospect is a lead now or waits in the holding inbox, and there was at least one.
        lead_ids: the leads that were created, updated, or there already.
        held_ids: what waits in the holding inbox.
    """

    accepted: bool
    lead_ids: list[int] = []
    held_ids: list[int] = []
    repairs: list[Repair] = []
    warnings: list[Deviation] = []
    prospects: list[ProspectOut] = []


# The outcomes with which nothing of a prospect is lost.
TAKEN = frozenset({"created", "updated", "unchanged", "held", "dismissed"})


def report_of(
    prospects: list[ProspectOut],
    repairs: tuple[Repair, ...],
    warnings: list[Deviation],
    *,
    held_ids: list[int] | None = None,
) -> AdfReportOut:
    """The report about *prospects*; of very many warnings the first hundred, and how many more there are.

    Args:
        prospects: what became of each.
        repairs: what was mended.
        warnings: what breaks a rule.
        held_ids: of what is held although no prospect was found in it.
    """
    left_out = len(warnings) - MOST_WARNINGS
    told = warnings[:MOST_WARNINGS]
    if left_out > 0:
        told.append(Deviation("/", "warnings", f"{left_out} more are not listed"))
    leads = [one.lead_id for one in prospects if one.lead_id is not None and one.outcome in TAKEN]
    held = [one.held_id for one in prospects if one.held_id is not None and one.outcome == "held"]
    return AdfReportOut(
        accepted=bool(prospects) and all(one.outcome in TAKEN for one in prospects),
        lead_ids=list(dict.fromkeys(leads)),
        held_ids=list(dict.fromkeys(held + (held_ids or []))),
        repairs=list(repairs),
        warnings=told,
        prospects=prospects,
    )


_OUTCOMES = {
    "created": "it is lead {lead_id} now",
    "updated": "it updated lead {lead_id}",
    "unchanged": "it is lead {lead_id} already; nothing was new",
    "held": "it waits in the holding inbox, as number {held_id}, until somebody says whose it is",
    "dismissed": "the same was dismissed before",
    "refused": "it was not taken; the notes below say why",
}


def bounce_text(report: AdfReportOut) -> str:
    """*report* as plain text: what goes back to the sender of an ADF e-mail."""
    lines = [_headline(report), ""]
    lines += [
        f"- {one.path}: {_OUTCOMES[one.outcome].format(lead_id=one.lead_id, held_id=one.held_id)}"
        for one in report.prospects
    ]
    if report.repairs:
        lines += ["", "What had to be repaired before it could be read:"]
        lines += [f"- {repair.name}: {repair.detail}" for repair in report.repairs]
    if report.warnings:
        lines += ["", "Where it is not what ADF 1.0 asks for:"]
        for warning in report.warnings:
            lines += [f"- {warning.path}: {warning.message}", f"  rule: {warning.rule}"]
    return "\n".join([line for index, line in enumerate(lines) if line or lines[index - 1]]) + "\n"


def _headline(report: AdfReportOut) -> str:
    if not report.prospects:
        return "Your message could not be read as an ADF document."
    if not report.accepted:
        return "Your ADF document was not taken as a whole."
    if report.repairs or report.warnings:
        return "Your ADF document was taken, but it is not quite right."
    return "Your ADF document was taken; nothing was wrong with it."
