"""Holding a document against the DTD: every place that breaks a rule, with the rule. Pure.

Nothing that a customer wrote is repeated: only names of elements and attributes, and the DTD's own words.
"""

from __future__ import annotations

import io
import re
from importlib import resources
from typing import TYPE_CHECKING

from lxml import etree

from forecourt.adf.report import MOST_WARNINGS, Deviation

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = resources.files("forecourt.adf").joinpath("adf_1_0.dtd").read_bytes()
_DECLARED = re.compile(r"<!(ELEMENT (\S+)|ATTLIST (\S+) (\S+)) [^>]*>")

# Element, or "element/@attribute" -> its declaration.
RULES = {
    found[2] or f"{found[3]}/@{found[4]}": " ".join(found[0].split())
    for found in _DECLARED.finditer(_SOURCE.decode())
}
ELEMENTS = frozenset(name for name in RULES if "/" not in name)

_MOST_STRANGE = 500
_ATTRIBUTE = re.compile(
    r"attribute (\S{1,60}) of (?:element )?(\S{1,60})(?: is not among the enumerated set)?$"
)
# What a sender calls an element is told only where it is a plain word.
_PLAIN = re.compile(r"[A-Za-z_][\w.-]{0,39}", re.ASCII)


def load_dtd() -> etree.DTD:
    """The DTD; each validation has one of its own, for it keeps the errors of the last."""
    return etree.DTD(io.BytesIO(_SOURCE))


def deviations(root: etree._Element) -> list[Deviation]:
    """Where the document under *root* breaks the DTD, in the order of the document; a hundred at most, and one."""
    strange = sum(element.tag not in ELEMENTS for element in root.iter("*"))
    if strange > _MOST_STRANGE:
        # The validator would look through all of them for each.
        told = (
            f"{strange} elements are none of ADF 1.0; kept as they are, and the rules are not told one by one"
        )
        return [Deviation("/adf", "no declaration", told)]
    dtd = load_dtd()
    if dtd.validate(root):
        return []
    # The stubs know little of lxml's DTDs.
    models = {element.name: element for element in dtd.elements()}  # type: ignore[attr-defined]
    found: list[Deviation] = []
    for entry in dtd.error_log:  # type: ignore[attr-defined]
        found += _told(root, entry, models)
        if len(found) > MOST_WARNINGS:
            break
    return found


def _told(
    root: etree._Element, entry: etree._LogEntry, models: dict[str, etree._DTDElementDecl]
) -> Iterator[Deviation]:
    path = entry.path or "/"
    if entry.type_name in {"DTD_ATTRIBUTE_VALUE", "DTD_UNKNOWN_ATTRIBUTE"}:
        yield from _of_attribute(path, entry)
        return
    at = _element(root, path)
    name = at.tag if at is not None and isinstance(at.tag, str) else path.rpartition("/")[2].partition("[")[0]
    shown = _plain(name)
    if entry.type_name == "DTD_UNKNOWN_ELEM":
        yield Deviation(path, "no declaration", f"{shown} is no element of ADF 1.0; kept as it is")
    elif entry.type_name == "DTD_CONTENT_MODEL" and at is not None and name in models:
        yield Deviation(path, RULES[name], _content(at, models[name]))
    elif entry.type_name in {"DTD_NOT_PCDATA", "DTD_INVALID_CHILD"}:
        yield Deviation(path, RULES.get(name, "no declaration"), f"{shown} holds elements where text belongs")
    else:
        yield Deviation(path, RULES.get(name, "no declaration"), f"{shown} is not as it is declared")


def _of_attribute(path: str, entry: etree._LogEntry) -> Iterator[Deviation]:
    found = _ATTRIBUTE.search(entry.message)
    if found is None:
        return
    name, element = _plain(found[1]), found[2]
    rule = RULES.get(f"{element}/@{found[1]}")
    if rule is None:
        yield Deviation(
            f"{path}/@{name}", "no declaration", f"{_plain(element)} has no attribute {name}; kept"
        )
        return
    allowed = re.search(r"\(([^)]*)\)", rule)
    words = " ".join(allowed[1].split(" | ")[:-1]) if allowed else ""
    last = allowed[1].split(" | ")[-1] if allowed else ""
    listed = f"{', '.join(words.split())} or {last}" if words else "as it is declared"
    yield Deviation(f"{path}/@{name}", rule, f"must be {listed}")


def _element(root: etree._Element, path: str) -> etree._Element | None:
    try:
        found = root.getroottree().xpath(path)
    except etree.XPathError:
        return None
    elements = [one for one in found if etree.iselement(one)] if isinstance(found, list) else []
    return elements[0] if elements else None


def _content(at: etree._Element, model: etree._DTDElementDecl) -> str:
    """What is wrong with the children of *at*: what lacks, what is no part of it, or else their order."""
    children = [child.tag for child in at if isinstance(child.tag, str)]
    allowed = _names(model.content)
    needed = [" or ".join(names) for names in _required(model.content) if not set(names) & set(children)]
    strange = sorted({_plain(name) for name in children if name not in allowed})
    said = []
    if needed:
        said.append(f"lacks {', '.join(needed)}")
    if strange:
        said.append(f"holds {', '.join(strange[:8])}, which is no part of it")
    return "; ".join(said) or "its parts stand in another order, or too often"


def _names(content: etree._DTDElementContentDecl | None) -> set[str]:
    if content is None:
        return set()
    if content.type == "element":
        return {content.name}
    return _names(content.left) | _names(content.right)


def _required(content: etree._DTDElementContentDecl | None) -> list[tuple[str, ...]]:
    """Of which elements one must be there, each time; a choice has several to choose from."""
    if content is None or content.occur in {"opt", "mult"}:
        return []
    if content.type == "element":
        return [(content.name,)]
    if content.type == "or":
        return [tuple(sorted(_names(content)))]
    return _required(content.left) + _required(content.right)


def _plain(name: str) -> str:
    local = name.rpartition("}")[2]
    return local if _PLAIN.fullmatch(local) else "something"
