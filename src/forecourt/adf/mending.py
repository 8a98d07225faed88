"""Making XML of what is almost XML: each kind of repair has a name, and is told. Pure.

What comes out is well-formed, whatever went in; what a person wrote stays as it was.
"""

from __future__ import annotations

import html.entities
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING

from forecourt.adf.refusals import DEPTH, NestedTooDeep, TooManyElements
from forecourt.adf.report import Repair
from forecourt.adf.tokens import Kind, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

# What XML 1.0 cannot hold, even as a reference.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
_AMPERSAND = re.compile(
    r"&(?:(amp|lt|gt|quot|apos);|#([0-9]{1,9});|#[xX]([0-9A-Fa-f]{1,8});|([A-Za-z][A-Za-z0-9]{1,31});)?"
)
_CURLY = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"') | dict.fromkeys(
    map(ord, "\u2018\u2019\u201a\u201b\u2032"), "'"
)
# A quote inside a value is one after which the tag simply goes on.
_ATTRIBUTE = re.compile(
    r"""(?<![\w.:-])((?:[A-Za-z_][\w.-]*+:)?[A-Za-z_][\w.-]*+)(?![:])"""
    r"""\s*+(?:=\s*+(?:"([^"]*+(?:"(?=[^\s"/>=])[^"]*+)*)"|'([^']*+(?:'(?=[^\s'/>=])[^']*+)*)'|([^\s"'>]++))?)?""",
    re.ASCII,
)
# In one tag, as it is written.
_ATTRIBUTES = 20_000
_RESERVED = frozenset({"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"})
_INSTRUCTION = re.compile(r"<\?([A-Za-z_][A-Za-z0-9_.-]*+)(?=[\s?])")
# HTML in what people wrote: these have no end.
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})

# By name, and what is said of so many of them.
REPAIRS = {
    "after-the-end": "{} pieces after the end of the document left out",
    "ampersands": "{} bare & escaped",
    "angle-brackets": "{} bare < or ]]> escaped",
    "attribute-quotes": "{} attributes written with a value in quotes",
    "before-the-root": "{} pieces before the document left out",
    "character-references": "{} references to characters that XML cannot hold taken out",
    "control-characters": "{} characters that XML cannot hold taken out",
    "curly-quotes": "{} tags with curly quotes straightened",
    "duplicate-attributes": "{} attributes that stood twice in a tag taken out",
    "end-tags": "{} end tags added, taken out or renamed",
    "html-entities": "{} HTML entities written as their characters",
    "links": "{} links that a mail program had put in taken out",
    "namespaces": "{} prefixes and declarations of namespaces taken out",
    "processing-instructions": "{} processing instructions that XML does not know taken out",
    "unclosed-cdata": "{} CDATA section closed",
}


def mended(text: str, known: frozenset[str]) -> tuple[str, list[Repair]]:
    """*text* as well-formed XML, and how it became so.

    Args:
        text: one document, from its first tag on.
        known: the names of ADF's elements, in lower case: which of two tags is meant to be the other's end.

    Raises:
        NestedTooDeep, TooManyElements: elements stand deeper in each other, or have more attributes, than ADF needs.
    """
    clean = _UNWRITABLE.sub("", text)
    mending = _Mending(known)
    mending.counts["control-characters"] += len(text) - len(clean)
    mending.run(list(tokens(clean)))
    repairs = [
        Repair(name, REPAIRS[name].format(count)) for name, count in sorted(mending.counts.items()) if count
    ]
    return "".join(mending.written), repairs


class _Mending:
    """A document on its way; each method mends one kind of piece."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.counts: Counter[str] = Counter()
        self.written: list[str] = []
        self.open: list[str] = []
        # Beside each open element the prefixes that are declared in it.
        self.scopes: list[frozenset[str]] = [frozenset()]

    def run(self, pieces: Sequence[Token]) -> None:
        following = _next_tags(pieces)
        for index, piece in enumerate(pieces):
            if not self.open and self.written:
                self.counts["after-the-end"] += bool(piece.text.strip())
            elif piece.kind is Kind.TAG and (self.open or not piece.closes):
                self.tag(piece, following[index])
            elif self.open:
                self.other(piece)
            else:
                self.counts["before-the-root"] += bool(piece.text.strip())
        for name in reversed(self.open):
            self.counts["end-tags"] += 1
            self.written.append(f"</{name}>")

    def other(self, piece: Token) -> None:
        if piece.kind is Kind.TEXT:
            self.written.append(self.text(piece.text))
        elif piece.kind is Kind.CDATA:
            self.counts["unclosed-cdata"] += not piece.whole
            self.written.append(piece.text if piece.whole else piece.text + "]]>")
        elif piece.kind is Kind.COMMENT:
            self.comment(piece.text)
        elif piece.kind is Kind.INSTRUCTION:
            self.instruction(piece.text)
        elif piece.kind is Kind.LINK:
            self.counts["links"] += 1
        else:
            self.counts["angle-brackets"] += 1
            self.written.append("&lt;" + piece.text[1:])

    def text(self, text: str) -> str:
        if "]]>" in text:
            self.counts["angle-brackets"] += text.count("]]>")
            text = text.replace("]]>", "]]&gt;")
        return _AMPERSAND.sub(self.ampersand, text) if "&" in text else text

    def ampersand(self, found: re.Match[str]) -> str:
        known, decimal, hexadecimal, named = found.groups()
        if known:
            return found[0]
        if decimal or hexadecimal:
            code = int(decimal) if decimal else int(hexadecimal, 16)
            if code <= sys.maxunicode and not _UNWRITABLE.match(chr(code)):
                return f"&#{code};"
            self.counts["character-references"] += 1
            return ""
        meant = html.entities.html5.get(f"{named};") if named else None
        if meant is not None:
            self.counts["html-entities"] += 1
            return "".join(f"&#{ord(each)};" for each in meant)
        self.counts["ampersands"] += 1
        return "&amp;" + found[0][1:]

    def comment(self, text: str) -> None:
        inner = text[4:-3]
        if "--" not in inner and not inner.endswith("-"):
            self.written.append(text)
        # Else it is none by XML's rules; nobody misses it.

    def instruction(self, text: str) -> None:
        found = _INSTRUCTION.match(text)
        if found is None or found[1].lower() == "xml":
            self.counts["processing-instructions"] += 1
        else:
            self.written.append(text)

    def tag(self, piece: Token, following: Token | None) -> None:
        if piece.closes:
            self.end(self.name(piece.name, self.scopes[-1]), following)
            return
        attributes = piece.attributes.rstrip()
        empty = attributes.endswith("/") and not attributes.endswith("=/")
        pairs = self.pairs(attributes.removesuffix("/") if empty else attributes)
        scope = self.scopes[-1] | {name[6:] for name, _ in pairs if name.startswith("xmlns:")}
        name = self.name(piece.name, scope)
        if name.lower() in _VOID and not empty:
            self.counts["end-tags"] += 1
            empty = True
        if not empty:
            if len(self.open) == DEPTH:
                raise NestedTooDeep
            self.open.append(name)
            self.scopes.append(scope)
        self.written.append(f"<{name}{self.attributes(pairs, scope)}{'/' if empty else ''}>")

    def name(self, name: str, scope: frozenset[str]) -> str:
        prefix, colon, local = name.rpartition(":")
        if not colon or prefix in scope:
            return name
        self.counts["namespaces"] += 1
        return local

    def pairs(self, text: str) -> list[tuple[str, str]]:
        """The attributes in *text*: names and values."""
        if not text.strip():
            return []
        if len(text) > _ATTRIBUTES:
            raise TooManyElements
        straight = text.translate(_CURLY)
        self.counts["curly-quotes"] += straight != text
        pairs = []
        for found in _ATTRIBUTE.finditer(straight):
            quoted = found[2] if found[2] is not None else found[3]
            self.counts["attribute-quotes"] += quoted is None
            name, value = found[1], quoted if quoted is not None else found[4] or ""
            if name.startswith("xmlns") and (value in _RESERVED or name[6:].startswith("xml") or not value):
                self.counts["namespaces"] += 1
            else:
                pairs.append((name, value))
        return pairs

    def attributes(self, pairs: list[tuple[str, str]], scope: frozenset[str]) -> str:
        written = []
        seen = set()
        for sent, value in pairs:
            name = sent if sent.startswith("xmlns:") else self.name(sent, scope)
            # Two prefixes may stand for the same namespace.
            unique = name if name.startswith("xmlns:") else name.rpartition(":")[2]
            if unique in seen:
                self.counts["duplicate-attributes"] += 1
                continue
            seen.add(unique)
            quoted = self.text(value).replace('"', "&quot;").replace("<", "&lt;")
            written.append(f' {name}="{quoted}"')
        return "".join(written)

    def end(self, name: str, following: Token | None) -> None:
        if self.open[-1] == name:
            self.close(1)
            return
        self.counts["end-tags"] += 1
        lower = name.lower()
        depths = [depth for depth, opened in enumerate(self.open) if opened.lower() == lower]
        if depths:
            self.close(len(self.open) - depths[-1])
        elif len(self.open) > 1 and lower in self.known and not self.is_end_of_open(following):
            # <option>Tow bar</name>: the wrong word for the end of what is open.
            self.close(1)

    def close(self, levels: int) -> None:
        for _ in range(levels):
            self.scopes.pop()
            self.written.append(f"</{self.open.pop()}>")

    def is_end_of_open(self, token: Token | None) -> bool:
        return token is not None and token.closes and token.name == self.open[-1]


def _next_tags(pieces: Sequence[Token]) -> list[Token | None]:
    """For each piece the next tag after it."""
    following: list[Token | None] = [None] * len(pieces)
    upcoming: Token | None = None
    for index in range(len(pieces) - 1, -1, -1):
        following[index] = upcoming
        if pieces[index].kind is Kind.TAG:
            upcoming = pieces[index]
    return following
