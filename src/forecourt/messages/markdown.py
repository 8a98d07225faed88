"""Markdown as mail shows it: paragraphs, headings, lists, quotes, emphasis and links; as HTML and as plain text. Pure.

No HTML, no pictures, nothing that would be fetched from anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_SCHEMES = ("http://", "https://", "mailto:", "tel:")


class _Markdown(MarkdownIt):
    def __init__(self) -> None:
        # What stands in two lines is shown in two lines, as everybody expects who writes a mail.
        super().__init__("zero", {"html": False, "breaks": True, "maxNesting": 20})
        self.enable(["heading", "list", "hr", "blockquote"])
        self.enable(["newline", "escape", "entity", "emphasis", "link", "autolink"])

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return url.lower().startswith(_SCHEMES)


_MARKDOWN = _Markdown()


def html_of(source: str) -> str:
    """*source* as HTML, without a page around it."""
    return str(_MARKDOWN.render(source))


def text_of(source: str) -> str:
    """*source* as plain text, with the addresses of its links."""
    lines = list(_Plain().lines(_MARKDOWN.parse(source)))
    # Of several empty lines the last stays: the one outside the quote.
    kept = [
        line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if not (_empty(line) and _empty(after))
    ]
    return "\n".join(kept).strip() + "\n"


def _empty(line: str) -> bool:
    return not line.strip("> ")


class _Plain:
    """Writes Markdown's blocks as lines, each behind the marks of the lists and quotes that it stands in."""

    def __init__(self) -> None:
        self._marks: list[str] = []
        self._numbers: list[int | None] = []
        # The mark of an item stands before its first line only.
        self._item = ""

    def lines(self, tokens: Sequence[Token]) -> Iterator[str]:
        for token in tokens:
            match token.type:
                case "inline":
                    yield from self._written(_inline(token.children or ()))
                case "hr":
                    yield from self._written("----------")
                case "blockquote_open":
                    self._marks.append("> ")
                case "bullet_list_open" | "ordered_list_open":
                    start = token.attrGet("start")
                    self._numbers.append(None if token.type.startswith("bullet") else int(start or 1))
                case "list_item_open":
                    self._begin_item()
                case "blockquote_close" | "list_item_close":
                    self._marks.pop()
                case "bullet_list_close" | "ordered_list_close":
                    self._numbers.pop()
                case _:
                    pass
            if token.type in _ENDS and not token.hidden:
                yield "".join(self._marks).rstrip()

    def _begin_item(self) -> None:
        number = self._numbers[-1]
        self._item = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._marks.append(" " * len(self._item))

    def _written(self, text: str) -> Iterator[str]:
        for line in text.split("\n"):
            before = "".join(self._marks)
            if self._item:
                before = "".join(self._marks[:-1]) + self._item
                self._item = ""
            yield (before + line).rstrip()


# After these comes an empty line.
_ENDS = frozenset(
    {
        "paragraph_close",
        "heading_close",
        "hr",
        "blockquote_close",
        "bullet_list_close",
        "ordered_list_close",
    }
)


def _inline(tokens: Sequence[Token]) -> str:
    written: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            written.append("\n")
        elif token.type == "link_open":
            links.append((str(token.attrGet("href")), len(written)))
        elif token.type == "link_close":
            address, begins = links.pop()
            if _bare("".join(written[begins:])) != _bare(address):
                written.append(f" ({_bare(address)})")
        else:
            written.append(token.content)
    return "".join(written)


def _bare(address: str) -> str:
    return address.removeprefix("mailto:").removeprefix("tel:")
