"""What clients, mail servers and receivers have seen, held against what the database says happened.

Every write is one step of its lead's version, so a history is checked in one pass, and nothing has to be searched.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.messages.sink import Received
    from tests.webhooks.receiving import Got

OK = "ok"
REFUSED = "refused"
UNKNOWN = "unknown"

# A message of these is handed over at most once, of the others at least once.
AT_MOST_ONCE = frozenset({"customer_email", "message"})


@dataclass(frozen=True)
class Op:
    """A write, as its client saw it.

    Attributes:
        mark: what it wrote and nothing else does.
        version: the lead's after it, where it was told.
        began: by any clock that all clients share.
        ended: when its last answer came.
        outcome: ``ok``, ``refused``, or ``unknown``: no answer ever came, or one that leaves it open.
    """

    mark: str
    lead_id: int
    began: float
    ended: float
    outcome: str
    version: int | None = None


@dataclass(frozen=True)
class Step:
    """A version of a lead, as the log has it."""

    lead_id: int
    version: int
    mark: str | None


def history_wrongs(journal: Iterable[Op], history: Iterable[Step], versions: Mapping[int, int]) -> list[str]:
    """What of *journal* the *history* and the leads' *versions* do not bear out; empty where all is well."""
    steps: defaultdict[str | None, list[Step]] = defaultdict(list)
    of_lead: defaultdict[int, list[int]] = defaultdict(list)
    for step in history:
        steps[step.mark].append(step)
        of_lead[step.lead_id].append(step.version)
    wrongs: list[str] = []
    done: defaultdict[int, list[tuple[Op, int]]] = defaultdict(list)
    for op in journal:
        found = steps[op.mark]
        wrongs += _of_one(op, found)
        if op.outcome == OK and len(found) == 1:
            done[op.lead_id].append((op, found[0].version))
    for lead_id, version in versions.items():
        if sorted(of_lead[lead_id]) != list(range(1, version + 1)):
            wrongs.append(f"lead {lead_id} has version {version} and the steps {sorted(of_lead[lead_id])}")
    wrongs += [f"lead {lead_id} is in the log alone" for lead_id in of_lead if lead_id not in versions]
    for ops in done.values():
        wrongs += _out_of_order(ops)
    return wrongs


def _of_one(op: Op, found: Sequence[Step]) -> list[str]:
    if len(found) > 1:
        return [f"{op.mark} took effect {len(found)} times"]
    if op.outcome == OK and not found:
        return [f"{op.mark} was acknowledged and is lost"]
    if op.outcome == REFUSED and found:
        return [f"{op.mark} was refused and took effect"]
    if found and found[0].lead_id != op.lead_id and op.lead_id:
        return [f"{op.mark} took effect on lead {found[0].lead_id}"]
    if op.outcome == OK and op.version not in {None, found[0].version}:
        return [f"{op.mark} was told version {op.version} and is {found[0].version}"]
    return []


def _out_of_order(ops: list[tuple[Op, int]]) -> list[str]:
    """Those that ended before another began, and have a later version."""
    ordered = sorted(ops, key=lambda one: one[1])
    latest = 0.0
    wrongs = []
    for (earlier, _), (later, _) in pairwise(ordered):
        latest = max(latest, earlier.began)
        if later.ended < latest:
            wrongs.append(f"{later.mark} ended before one began whose version is earlier")
    return wrongs


def mail_wrongs(journal: Iterable[Received], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of the mail server's *journal* the deliveries do not bear out, or the other way round.

    Args:
        journal: all that the mail server was handed.
        rows: ``reference`` (the Message-ID), ``channel``, ``state`` and ``recipient`` of each mail that was ever tried.
    """
    got = Counter(str(one.message["Message-ID"]) for one in journal)
    known = {row["reference"]: row for row in rows}
    wrongs = [f"nobody knows of {reference}" for reference in got if reference not in known]
    for one in journal:
        row = known.get(str(one.message["Message-ID"]))
        if row is not None and one.recipients != [row["recipient"]]:
            wrongs.append(f"{row['reference']} went to somebody else")
    for reference, row in known.items():
        came, state = got[reference], row["state"]
        if row["channel"] in AT_MOST_ONCE and came > 1:
            wrongs.append(f"{reference} came {came} times")
        if state == "sent" and not came:
            wrongs.append(f"{reference} is sent and never came")
        if state in {"failed", "cancelled", "waiting"} and row["channel"] in AT_MOST_ONCE and came:
            wrongs.append(f"{reference} is {state} and came")
    return wrongs


def webhook_wrongs(journal: Iterable[Got], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of the receivers' *journal* the deliveries do not bear out, or the other way round.

    Args:
        journal: all requests whose bodies are events of ours.
        rows: ``id``, ``event_id``, ``topic``, ``path`` (of the endpoint) and ``state`` of each delivery there is.
    """
    known = {f"msg_{row['id']}": row for row in rows}
    told: defaultdict[tuple[str, int, str], set[str]] = defaultdict(set)
    came: Counter[str] = Counter()
    wrongs = []
    for got in journal:
        row = known.get(got.message_id)
        if row is None:
            wrongs.append(f"nobody knows of {got.message_id}")
            continue
        came[got.message_id] += 1
        if (got.path, got.json["id"]) != (row["path"], row["event_id"]):
            wrongs.append(f"{got.message_id} told {got.path} of something else")
        told[got.path, got.json["id"], row["topic"]].add(got.message_id)
    wrongs += [f"{what} came under the ids {sorted(ids)}" for what, ids in told.items() if len(ids) > 1]
    wrongs += [
        f"{ident} is sent and never came"
        for ident, row in known.items()
        if row["state"] == "sent" and not came[ident]
    ]
    return wrongs
