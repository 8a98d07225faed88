"""Markup cut into pieces without judging it: every character is in one of them, in one pass. Pure."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.refusals import MOST_ELEMENTS, DoctypeRefused, TooManyElements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAME = r"(?:[A-Za-z_][A-Za-z0-9_.-]*+:)?[A-Za-z_][A-Za-z0-9_.-]*+"
# As it should be, quotes in pairs; else up to the next angle bracket, whatever the quotes. Possessive, and no quote
# reaches beyond a "<": each character is looked at a bounded number of times.
_TAG = re.compile(
    rf"""<(/?)({_NAME})((?:[\s/][^<>"']*+(?:(?:"[^"<]*+"|'[^'<]*+')[^<>"']*+)*)?)>|<(/?)({_NAME})((?:[\s/][^<>]*+)?)>"""
)
_DECLARATION = re.compile(
    r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)(?:\s{1,9}(\w{1,9}))?", re.IGNORECASE
)
_PAGE = re.compile(r"<!DOCTYPE\s{1,9}html$", re.IGNORECASE)
# What mail programs make of a link in plain text: mia@example.com<mailto:mia@example.com>
_LINK = re.compile(r"<(?:mailto|tel|https?):[^<>\s]*+>", re.IGNORECASE)


class Kind(Enum):
    """What a piece is."""

    TEXT = auto()
    CDATA = auto()
    COMMENT = auto()
    INSTRUCTION = auto()
    DECLARATION = auto()
    LINK = auto()
    TAG = auto()
    # An angle bracket with which nothing begins.
    BRACKET = auto()


class Token(msgspec.Struct, frozen=True):
    """A piece of a text.

    Attributes:
        name: of a tag.
        attributes: of a tag, what stands after its name, as it is written; a slash at the end included.
        closes: whether it is an end tag.
        whole: False where its end is missing.
    """

    kind: Kind
    text: str
    name: str = ""
    attributes: str = ""
    closes: bool = False
    whole: bool = True


# What begins with, what ends with, and what that is.
_ENCLOSED = (
    ("<![CDATA[", "]]>", Kind.CDATA),
    ("<!--", "-->", Kind.COMMENT),
    ("<?", "?>", Kind.INSTRUCTION),
)


def tokens(text: str) -> Iterator[Token]:
    """The pieces of *text*, in their order."""
    at = 0
    # What is not closed once is not closed later either: looking again would take quadratic time.
    unclosed: set[Kind] = set()
    while at < len(text):
        bracket = text.find("<", at)
        if bracket < 0:
            bracket = len(text)
        if bracket > at:
            yield Token(Kind.TEXT, text[at:bracket])
        if bracket == len(text):
            return
        token = _at(text, bracket, unclosed)
        at = bracket + len(token.text)
        yield token


def _at(text: str, at: int, unclosed: set[Kind]) -> Token:
    for opening, closing, kind in _ENCLOSED:
        if text.startswith(opening, at) and kind not in unclosed:
            end = text.find(closing, at + len(opening))
            if end >= 0:
                return Token(kind, text[at : end + len(closing)])
            if kind is Kind.CDATA:
                return Token(kind, text[at:], whole=False)
            unclosed.add(kind)
    if declaration := _DECLARATION.match(text, at):
        return Token(Kind.DECLARATION, declaration[0])
    if link := _LINK.match(text, at):
        return Token(Kind.LINK, link[0])
    if tag := _TAG.match(text, at):
        closes, name, attributes = tag.group(1, 2, 3) if tag[2] else tag.group(4, 5, 6)
        return Token(Kind.TAG, tag[0], name, attributes, closes == "/")
    return Token(Kind.BRACKET, "<")


def refuse_what_is_never_read(whole: str, slices: Iterable[str]) -> bool:
    """Refuse declarations of types and entities, and more elements than a document of leads has.

    Args:
        whole: the text, with what surrounds the documents in it. A page of HTML may say what it is.
        slices: the documents.

    Returns:
        Whether the text is a page of HTML.

    Raises:
        DoctypeRefused, TooManyElements: there is what is never read.
    """
    # A start and an end for each.
    if any(text.count("<") > 2 * MOST_ELEMENTS for text in slices):
        raise TooManyElements
    declared: list[str] = [found[1] or "" for found in _DECLARATION.finditer(whole)]
    pages = sum(name.lower() == "html" for name in declared)
    if len(declared) > pages:
        # In a comment or a CDATA section it is only text.
        if whole.count("<") > 2 * MOST_ELEMENTS:
            raise DoctypeRefused
        if any(token.kind is Kind.DECLARATION and not _PAGE.match(token.text) for token in tokens(whole)):
            raise DoctypeRefused
    return pages > 0
