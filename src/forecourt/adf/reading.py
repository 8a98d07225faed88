"""From a tree to prospects: all that ADF knows, wherever it stands; all else kept verbatim. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.adf import parts
from forecourt.adf.document import Customer, Prospect
from forecourt.adf.opening import TRANSCRIPT, Opened, whole_text
from forecourt.adf.parsing import local_name
from forecourt.adf.refusals import MOST_PROSPECTS, TooManyProspects
from forecourt.adf.report import Repair
from forecourt.infra.bodies import decode_json
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

_BELONGS_INSIDE = ("vehicle", "customer", "vendor", "provider", "id", "requestdate", "comments")
# Elements outside the format with which services for telephone calls tell of one.
_OF_CALLS = frozenset(
    {
        "call",
        "calls",
        "callduration",
        "duration",
        "recording",
        "recordingurl",
        "recording_url",
        "answered",
        "callrecording",
    }
)
_OUR_INSTRUCTION = "forecourt"


def read(roots: Sequence[etree._Element]) -> tuple[list[tuple[Prospect, etree._Element]], list[Repair]]:
    """The prospects under *roots*, in their order, each with its element; and what had to be moved to its place.

    Raises:
        TooManyProspects: there are more than a hundred.
    """
    prospects: list[tuple[Prospect, etree._Element]] = []
    repairs: list[Repair] = []
    for number, root in enumerate(roots, 1):
        moved = _moved_inside(root)
        if moved:
            detail = f"{', '.join(moved)} stood outside the prospect"
            repairs.append(Repair("moved-into-prospect", detail))
        found = [child for child in root if local_name(child) == "prospect"]
        if len(prospects) + len(found) > MOST_PROSPECTS:
            raise TooManyProspects
        at = f"/adf[{number}]" if len(roots) > 1 else "/adf"
        prospects += [
            (_prospect(element, f"{at}/prospect[{index}]"), element) for index, element in enumerate(found, 1)
        ]
    return prospects, repairs


def _moved_inside(root: etree._Element) -> list[str]:
    """Put what stands beside the prospects into the one before it, or else the first; the names of what was moved.

    What each prospect needs and stands there once is given to each.
    """
    prospects = [child for child in root if local_name(child) == "prospect"]
    strays = [child for child in root if local_name(child) not in {"prospect", ""}]
    if not strays:
        return []
    if not prospects:
        if not any(local_name(child) in _BELONGS_INSIDE for child in strays):
            return []
        prospects = [root.makeelement("prospect")]
        root.insert(0, prospects[0])
    names = []
    for stray in strays:
        name = local_name(stray)
        names += [name] if name in _BELONGS_INSIDE and name not in names else []
        before = [one for one in prospects if root.index(one) < root.index(stray)]
        target = before[-1] if before else prospects[0]
        stray.tail = None
        target.append(stray)
    return names


def _prospect(element: etree._Element, path: str) -> Prospect:
    opened = Opened(element, "", [])
    prospect = Prospect(
        path=path,
        status=opened.attribute("status"),
        ids=parts.ids(opened),
        requestdate=opened.text("requestdate"),
        vehicles=opened.every(parts.vehicle, "vehicle"),
        customer=opened.first(parts.customer, "customer") or Customer(),
        vendor=opened.first(parts.vendor, "vendor"),
        provider=opened.first(parts.provider, "provider"),
        leadtype=opened.seen("leadtype", "lead_type", "leadcategory"),
        comments=tuple(opened.texts("comments", "comment")),
        transcript=_transcript(element),
        is_call=any(local_name(one) in _OF_CALLS for one in element.iter()),
        carried=_carried(element),
    )
    opened.keep_rest()
    return msgspec.structs.replace(prospect, extensions=tuple(opened.kept))


def _transcript(element: etree._Element) -> str | None:
    """The lines of a chat: when, who, what. The elements stay among what is kept verbatim."""
    lines = []
    for messages in [one for one in element.iter() if local_name(one) == TRANSCRIPT]:
        for message in [one for one in messages if local_name(one) == "message"]:
            said = {local_name(child): whole_text(child) for child in message}
            head = " ".join(part for part in (said.get("timestamp"), said.get("name")) if part)
            text = said.get("text") or said.get("body") or whole_text(message)
            if text:
                lines.append(f"{head}: {text}" if head else text)
    return "\n".join(lines) or None


def _carried(element: etree._Element) -> dict[str, Any]:
    """What another Forecourt sent beside the format, in an instruction of its own."""
    for child in element:
        if getattr(child, "target", None) == _OUR_INSTRUCTION:
            try:
                return decode_json((child.text or "").encode())
            except Refusal:
                return {}
    return {}
