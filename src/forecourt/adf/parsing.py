"""From text to a tree: strictly, and where that fails, after named repairs. Nothing is fetched, no entity expanded. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from forecourt.adf.checking import ELEMENTS
from forecourt.adf.mending import mended
from forecourt.adf.refusals import DEPTH, MOST_ATTRIBUTES, NestedTooDeep, TooManyElements
from forecourt.adf.report import Repair
from forecourt.adf.tokens import refuse_what_is_never_read

if TYPE_CHECKING:
    from forecourt.adf.envelope import Found

_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:\s+encoding\s*=\s*(?:"[\w.-]+"|'[\w.-]+'))?"""
    r"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>""",
    re.ASCII,
)
_INSTRUCTION = re.compile(r"<\?[^<>]*+>")
_ROOTS = ("adf", "prospect")


class Parsed(msgspec.Struct, frozen=True):
    """Trees with an ``adf`` at their root, and how they came about."""

    roots: tuple[etree._Element, ...]
    repairs: tuple[Repair, ...]


def local_name(element: etree._Element) -> str:
    """The element's name in lower case, without its namespace; empty for a comment or an instruction."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def parsed(found: Found) -> Parsed:
    """The trees of the ADF in *found*.

    Raises:
        DoctypeRefused, TooManyElements, NestedTooDeep: what is never read.
    """
    has_page_around = refuse_what_is_never_read(found.whole, found.slices)
    whole = None if has_page_around else _strictly(_without_declaration(found.whole))
    if whole is not None and local_name(whole) in _ROOTS:
        roots, repairs = [whole], list(found.repairs)
    else:
        roots, repairs = [], [*found.repairs, *_surroundings(found)]
        for text in found.slices:
            root, mending = _leniently(text)
            roots.append(root)
            repairs += mending
    for root in roots:
        _refuse_excess(root)
    trees = []
    for root in roots:
        tree = root
        if local_name(root) == "prospect":
            tree = etree.Element("adf")
            tree.append(root)
            repairs.append(Repair("root-added", "the prospect stood without an adf around it"))
        trees.append(tree)
    return Parsed(tuple(trees), tuple(repairs))


def fragment(text: str) -> etree._Element | None:
    """One element by itself; None where *text* is none."""
    return None if "<!" in text else _strictly(text)


def _strictly(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return None


def _without_declaration(text: str) -> str:
    found = _DECLARATION.match(text)
    return text[found.end() :] if found else text


def _leniently(text: str) -> tuple[etree._Element, list[Repair]]:
    several = not re.match(r"<(?:[\w.-]+:)?adf\b", text, re.IGNORECASE)
    repairs = []
    if several:
        text = f"<adf>{text}</adf>"
        repairs.append(Repair("root-added", "the prospect stood without an adf around it"))
    root = _strictly(text)
    if root is None:
        clean, mending = mended(text, ELEMENTS)
        repairs += mending
        root = _strictly(clean)
    if root is None:
        raise NotWellFormed
    return root, repairs


class NotWellFormed(ValueError):
    """No repair helped; this would be a fault of ours."""


def _surroundings(found: Found) -> list[Repair]:
    """What is told of the text around the slices."""
    outside = found.whole
    for text in found.slices:
        outside = outside.replace(text, "", 1)
    outside = _without_comments(outside)
    without = _without_declaration(outside.lstrip())
    told = []
    if any(not one.startswith("<?adf ") or not one.endswith("?>") for one in _INSTRUCTION.findall(without)):
        told.append(
            Repair("processing-instructions", "what stood before the document is no instruction of XML's")
        )
    if _INSTRUCTION.sub("", without).strip():
        told.append(Repair("found-in-text", "the document stood among other text"))
    elif outside[:1].isspace() and outside.lstrip().startswith("<?"):
        told.append(Repair("leading-space", "space stood before the XML declaration"))
    return told


def _without_comments(text: str) -> str:
    kept = []
    at = 0
    while (begins := text.find("<!--", at)) >= 0 and (ends := text.find("-->", begins + 4)) >= 0:
        kept.append(text[at:begins])
        at = ends + 3
    return "".join([*kept, text[at:]])


def _refuse_excess(root: etree._Element) -> None:
    depth, attributes = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH:
            raise NestedTooDeep
        if event == "start":
            attributes += len(element.attrib)
    if attributes > MOST_ATTRIBUTES:
        raise TooManyElements
