"""What was sent, read as far as it can be: the whole way from bytes to prospects. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from forecourt.adf.checking import deviations
from forecourt.adf.document import Prospect
from forecourt.adf.envelope import opened
from forecourt.adf.parsing import NotWellFormed, parsed
from forecourt.adf.reading import read
from forecourt.adf.report import MOST_WARNINGS, Deviation, Repair
from forecourt.adf.wording import writable

if TYPE_CHECKING:
    from forecourt.adf.envelope import Found

_ONLY = re.compile(r"^(/adf(?:\[[0-9]+\])?/prospect)(?=/|$)")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was read.

    Attributes:
        prospects: in their order.
        sources: each of them as XML, a document by itself.
        text: all of it, for people, where there is no prospect.
    """

    prospects: tuple[Prospect, ...]
    sources: tuple[str, ...]
    repairs: tuple[Repair, ...]
    warnings: tuple[Deviation, ...]
    text: str = ""


def read_document(content: bytes, media: str, charset: str | None) -> Reading:
    """Read *content*.

    Args:
        content: as it came.
        media: its type, in lower case: one of XML, or a letter's.
        charset: as the transport tells it.

    Raises:
        DoctypeRefused, TooManyElements, TooManyProspects, NestedTooDeep: what is never read.
    """
    sent = opened(content, media, charset)
    if not sent.found:
        nothing = Deviation(
            "/", "<!ELEMENT adf (prospect+)>", "no ADF was found: neither an adf nor a prospect"
        )
        return Reading(prospects=(), sources=(), repairs=(), warnings=(nothing,), text=_for_people(sent.text))
    try:
        readings = [_read(found) for found in sent.found]
    except NotWellFormed:
        nothing = Deviation("/", "well-formed XML", "what calls itself ADF could not be mended")
        whole = "\n\n".join(found.whole for found in sent.found)
        return Reading(prospects=(), sources=(), repairs=(), warnings=(nothing,), text=_for_people(whole))
    prospects = tuple(one for reading in readings for one in reading.prospects)
    repairs = [repair for reading in readings for repair in reading.repairs]
    warnings = [warning for reading in readings for warning in reading.warnings]
    text = "" if prospects else _for_people("\n\n".join(found.whole for found in sent.found))
    return Reading(
        prospects=prospects,
        sources=tuple(one for reading in readings for one in reading.sources),
        repairs=tuple(dict.fromkeys(repairs)),
        warnings=tuple(warnings[: MOST_WARNINGS + 1]),
        text=text,
    )


def read_again(source: str) -> Prospect | None:
    """The prospect in a document that was kept."""
    reading = read_document(source.encode(), "application/xml", "utf-8")
    return reading.prospects[0] if reading.prospects else None


def _read(found: Found) -> Reading:
    trees = parsed(found)
    warnings = []
    for number, root in enumerate(trees.roots, 1):
        several = f"/adf[{number}]" if len(trees.roots) > 1 else "/adf"
        warnings += [
            msgspec.structs.replace(one, path=_ONLY.sub(r"\1[1]", one.path.replace("/adf", several, 1)))
            for one in deviations(root)
        ]
    # Moves what stands in the wrong place, and so comes after the rules.
    prospects, moves = read(trees.roots)
    sources = [_alone(element) for _, element in prospects]
    return Reading(
        prospects=tuple(prospect for prospect, _ in prospects),
        sources=tuple(sources),
        repairs=(*trees.repairs, *moves),
        warnings=tuple(warnings),
    )


def _alone(element: etree._Element) -> str:
    return f"<adf>{etree.tostring(element, encoding='unicode', with_tail=False)}</adf>"


def _for_people(text: str) -> str:
    return writable(text)
