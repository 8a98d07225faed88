"""An element while it is read: what is asked for is taken, what nobody asked for is kept verbatim. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from lxml import etree

from forecourt.adf.document import Extension
from forecourt.adf.parsing import local_name
from forecourt.adf.wording import many_lines

if TYPE_CHECKING:
    from collections.abc import Callable

Read = TypeVar("Read")

# A chat, whose lines are read from the whole of the prospect.
TRANSCRIPT = "messages"
_BREAK = frozenset({"br", "p", "div", "li", "tr"})


def whole_text(element: etree._Element) -> str:
    """The text of *element* and of what stands in it; HTML's line breaks are line breaks."""
    if len(element) == 0:
        return many_lines(element.text or "")
    written: list[str] = []
    for event, one in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            if local_name(one) in _BREAK and one is not element:
                written.append("\n")
            written.append(one.text or "")
        if event != "start" and one is not element:
            written.append(one.tail or "")
    return many_lines("".join(written))


class Opened:
    """An element, its path in the prospect, and which of its parts were taken.

    Attributes:
        kept: of the whole prospect, in the order in which elements were done with.
    """

    def __init__(self, element: etree._Element, path: str, kept: list[Extension]) -> None:
        self.element = element
        self.kept = kept
        self._path = path
        # By local name, each with its number among those of the same name; in the order of the document.
        self._left: dict[str, dict[etree._Element, int]] = {}
        for child in element:
            if name := local_name(child):
                same = self._left.setdefault(name, {})
                same[child] = len(same) + 1
        self._attributes = {
            str(name).rpartition("}")[2].lower(): str(value) for name, value in element.attrib.items()
        }

    def attribute(self, name: str) -> str | None:
        """The attribute *name*; None where it is missing or empty."""
        return self._attributes.pop(name, "").strip() or None

    def has(self, *names: str) -> bool:
        """Whether a child of one of these *names* is left."""
        return any(self._left.get(name) for name in names)

    def every(self, reader: Callable[[Opened], Read | None], *names: str) -> tuple[Read, ...]:
        """What *reader* makes of each child of one of these *names*; what it does not ask for is kept."""
        found = [self._read(reader, name) for name in names for _ in range(len(self._left.get(name, ())))]
        return tuple(read for read in found if read is not None)

    def first(self, reader: Callable[[Opened], Read | None], *names: str) -> Read | None:
        """What *reader* makes of the first of them, if there is one; the others stay."""
        name = next((name for name in names if self._left.get(name)), None)
        return None if name is None else self._read(reader, name)

    def _read(self, reader: Callable[[Opened], Read | None], name: str) -> Read | None:
        same = self._left[name]
        child = next(iter(same))
        opened = Opened(child, self._place(name, same.pop(child)), self.kept)
        read = reader(opened)
        opened.keep_rest()
        return read

    def own_text(self) -> str | None:
        """The element's text; where elements stand in it, they are kept verbatim too."""
        if any(self._left.values()):
            self.keep_whole()
        return whole_text(self.element) or None

    def text(self, *names: str) -> str | None:
        """The text of the first child of one of these *names*."""
        return self.first(Opened.own_text, *names)

    def texts(self, *names: str) -> list[str]:
        """The texts of every child of one of these *names*."""
        return list(self.every(Opened.own_text, *names))

    def seen(self, *names: str) -> str | None:
        """The text of a child of one of these *names*, which stays among what is kept verbatim."""
        found = next((child for name in names for child in self._left.get(name, ())), None)
        return None if found is None else whole_text(found) or None

    def _place(self, name: str, number: int) -> str:
        return f"{self._path}/{name}[{number}]".removeprefix("/")

    def keep_whole(self) -> None:
        """Keep the element as it is; its parts are done with."""
        self._left, self._attributes = {}, {}
        self.kept.append(Extension(path=self._path, xml=_verbatim(self.element), is_read=True))

    def keep_rest(self) -> None:
        """Keep what nobody asked for."""
        for name, value in self._attributes.items():
            self.kept.append(Extension(path=f"{self._path}/@{name}".removeprefix("/"), xml=value))
        for name, same in self._left.items():
            for child, number in same.items():
                path, is_read = self._place(name, number), name == TRANSCRIPT
                self.kept.append(Extension(path=path, xml=_verbatim(child), is_read=is_read))
        self._left, self._attributes = {}, {}


def _verbatim(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
