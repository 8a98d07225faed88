"""Finding the ADF in what was sent: a document, a letter, a page of HTML with it in escapes. Pure."""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from forecourt.adf.decoding import Decoded, decoded
from forecourt.adf.letter import Part, parts_of
from forecourt.adf.refusals import MOST_PROSPECTS, MOST_REFERENCES, TooManyElements, TooManyProspects
from forecourt.adf.report import Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Both in any case, with a prefix or without.
_ADF = re.compile(r"<(?:[\w.-]{1,40}:)?adf(?=[\s/>])", re.IGNORECASE)
_PROSPECT = re.compile(r"<(?:[\w.-]{1,40}:)?prospect(?=[\s/>])", re.IGNORECASE)
_END_OF_ADF = re.compile(r"</(?:[\w.-]{1,40}:)?adf\s*+>", re.IGNORECASE)
# What may end a document that has no adf around its prospects.
_END_OF_PART = re.compile(
    r"</(?:[\w.-]{1,40}:)?(?:prospect|vendor|provider|customer|vehicle)\s*+>", re.IGNORECASE
)
_ESCAPED = re.compile(r"&(?:lt|#0*60|#x0*3c);\s*+(?:[\w.-]{1,40}:)?(?:adf|prospect)(?=[\s/&])", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr)(?=[\s/>])[^<>]*+>", re.IGNORECASE)
_HTML_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]*+>")

_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:[ \t]")

_XML = ("application/xml", "text/xml")
_LETTER = "message/rfc822"


def looks_like_a_letter(content: bytes) -> bool:
    """Whether *content* begins with a header, as letters do."""
    return _HEADER.match(content) is not None


class Found(msgspec.Struct, frozen=True):
    """A text that holds ADF.

    Attributes:
        whole: all of the text, as a strict reader would have to take it.
        slices: each piece of it that begins and ends as ADF does.
    """

    whole: str
    slices: tuple[str, ...]
    repairs: tuple[Repair, ...]


class Sent(msgspec.Struct, frozen=True):
    """What was sent, as far as it can be read.

    Attributes:
        text: all of it, for people, where no ADF is in it.
        found: the texts with ADF; none where there is none.
    """

    text: str
    found: tuple[Found, ...]


def is_xml(media: str) -> bool:
    """Whether *media* is a type of XML."""
    return media in _XML or media.endswith("+xml")


def is_letter(media: str) -> bool:
    """Whether *media* is the type of an e-mail."""
    return media == _LETTER


def opened(content: bytes, media: str, charset: str | None) -> Sent:
    """Find the ADF in *content*.

    Of a letter the parts that are XML by their type count first, then plain text, then HTML: most letters say the same
    two or three times.

    Args:
        content: the body, as it came.
        media: its type, in lower case.
        charset: as the transport tells it.

    Raises:
        TooManyElements, TooManyProspects: there is more of them than anybody sends.
    """
    if not is_letter(media):
        read = decoded(content, charset)
        found = _found_in(read, ())
        return Sent(read.text, (found,) if found else ())
    parts = parts_of(content)
    for chosen, repair in _RANKS:
        texts = [decoded(part.content, part.charset) for part in parts if chosen(part)]
        told = (repair,) if repair else ()
        with_adf = tuple(found for text in texts if (found := _found_in(text, told)))
        if with_adf:
            return Sent("", with_adf)
    readable = [part for part in parts if part.media.startswith("text/")] or parts
    return Sent("\n\n".join(decoded(part.content, part.charset).text for part in readable), ())


_RANKS: tuple[tuple[Callable[[Part], bool], Repair | None], ...] = (
    (lambda part: is_xml(part.media), None),
    (lambda part: part.media == "text/plain", None),
    (lambda part: part.media == "text/html", Repair("found-in-html", "the document stood in a part of HTML")),
    # Whatever it is called.
    (lambda _: True, Repair("found-in-attachment", "the document stood in a part of another type")),
)


def _found_in(read: Decoded, repairs: tuple[Repair, ...]) -> Found | None:
    if read.text.count("&") + read.text.count("<") > MOST_REFERENCES:
        raise TooManyElements
    slices = tuple(islice(_slices(read.text), MOST_PROSPECTS + 1))
    if len(slices) > MOST_PROSPECTS:
        raise TooManyProspects
    if slices:
        return Found(read.text, slices, read.repairs + repairs)
    if not _ESCAPED.search(read.text):
        return None
    text = html.unescape(_HTML_TAG.sub("", _LINE_BREAK.sub("\n", read.text)))
    slices = tuple(islice(_slices(text), MOST_PROSPECTS))
    if not slices:
        return None
    told = Repair("unescaped-html", "the document stood in HTML, its own tags escaped")
    return Found(text, slices, (*read.repairs, *repairs, told))


def _slices(text: str) -> Iterator[str]:
    """Each adf of *text*, to its end or the text's; where there is none, from the first prospect to the last end."""
    begins = _ADF.search(text)
    if begins is None:
        begins = _PROSPECT.search(text)
        if begins is not None:
            ends = [found.end() for found in _END_OF_PART.finditer(text, begins.start())]
            yield text[begins.start() : ends[-1] if ends else len(text)]
        return
    while begins is not None:
        ends_at = _END_OF_ADF.search(text, begins.end())
        yield text[begins.start() : ends_at.end() if ends_at else len(text)]
        begins = _ADF.search(text, ends_at.end()) if ends_at else None
