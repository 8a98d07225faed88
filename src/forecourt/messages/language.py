"""The small language of templates: text with variables, conditions and a few filters. Pure.

It is Liquid without loops, assignments and files: what somebody writes in it can neither take long nor grow, nor reach
anything but the variables it is given.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.content import Literal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.filters.misc import default
from liquid.builtin.filters.string import capitalize, downcase, squish, strip, truncate, truncatewords, upcase
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.case_tag import CaseTag
from liquid.builtin.tags.comment_tag import CommentTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import TextIO

MOST_WRITTEN = 200_000

TAGS = ("if", "unless", "case", "comment")
FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": default,
    "capitalize": capitalize,
    "downcase": downcase,
    "upcase": upcase,
    "strip": strip,
    "squish": squish,
    "truncate": truncate,
    "truncatewords": truncatewords,
}

_NEW_LINE = re.compile(r"\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, and marks that turn the direction in which a line is read.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_EMPTY_LINE = "&#160;"


class BadTemplate(ValueError):
    """A template that nothing can be written from; the message says where and why.

    Attributes:
        allowed: what could stand there, where there is a list of it.
    """

    def __init__(self, message: str, allowed: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.allowed = allowed


class Link(str):
    """An address of ours: written as it is, where every other value is only text."""

    __slots__ = ()


def lines_of(value: str) -> list[str]:
    """The lines of a *value*, without what cannot be seen and without empty ones around it."""
    lines = [_UNSEEN.sub("", line).strip() for line in _NEW_LINE.split(value)]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def as_markdown(value: str) -> str:
    """*value* as Markdown that reads exactly so: nothing in it is markup, its lines stay lines of one paragraph."""
    return "\n".join(_PUNCTUATION.sub(r"\\\1", line) or _EMPTY_LINE for line in lines_of(value))


def as_text(value: str) -> str:
    """*value* as plain text."""
    return "\n".join(lines_of(value))


def as_line(value: str) -> str:
    """*value* as one line."""
    return " ".join(line for line in lines_of(value) if line)


class _Context(RenderContext):
    """What a template is rendered in; notes the variables that had nothing to say."""

    __slots__ = ("missing",)

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*given, **named)
        self.missing: dict[str, None] = {}


class _OutputNode(OutputNode):
    """Writes a value as text of its surroundings, whoever it comes from."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        text = to_liquid_string(value, autoescape=False)
        if not text.strip() and isinstance(context, _Context):
            context.missing.update(dict.fromkeys(_named(self.expression)))
        assert isinstance(context.env, _Language)  # noqa: S101 - no other makes these nodes
        return buffer.write(text if isinstance(value, Link) else context.env.written(text))


class _Output(Output):
    node_class = _OutputNode


def _named(expression: object) -> list[str]:
    left = expression.left if isinstance(expression, FilteredExpression) else None
    return [str(left)] if isinstance(left, Path) else []


class Template(BoundTemplate):
    """A text that was read, and can be written with values."""

    context_class = _Context

    def write(self, values: Mapping[str, object]) -> tuple[str, tuple[str, ...]]:
        """The text with *values*, and the variables that had none and no default.

        Raises:
            BadTemplate: it cannot be written.
        """
        context = _Context(self, globals=self.make_globals(values))
        buffer = self._get_buffer()
        try:
            self.render_with_context(context, buffer)
        except LiquidError as error:
            raise BadTemplate(_said(error)) from None
        except RecursionError:
            raise BadTemplate("has too much inside each other") from None
        return buffer.getvalue(), tuple(context.missing)


class _Language(Environment):
    """The language, for texts of one kind."""

    block_nesting_limit = 10
    context_depth_limit = 10
    loop_iteration_limit = 100
    output_stream_limit = MOST_WRITTEN
    local_namespace_limit = 1_000
    template_class = Template

    def __init__(self, written: Callable[[str], str]) -> None:
        self.written = written
        super().__init__()

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:  # noqa: ARG002
        for tag in (Literal, _Output, Illegal, IfTag, UnlessTag, CaseTag, CommentTag):
            self.add_tag(tag)
        for name, work in FILTERS.items():
            self.add_filter(name, work)


_MARKDOWN, _TEXT, _LINE = _Language(as_markdown), _Language(as_text), _Language(as_line)


@lru_cache(maxsize=512)
def _read(language: _Language, source: str) -> Template:
    try:
        template = language.from_string(source)
    except LiquidError as error:
        raise BadTemplate(_said(error)) from None
    except RecursionError:
        raise BadTemplate("has too much inside each other") from None
    assert isinstance(template, Template)  # noqa: S101 - as the language says
    return template


read_markdown = partial(_read, _MARKDOWN)
read_text = partial(_read, _TEXT)
read_line = partial(_read, _LINE)


def hold_against(template: Template, source: str, variables: Collection[str]) -> None:
    """See that *template*, which was read from *source*, uses what there is.

    Raises:
        BadTemplate: it names a variable that is none of *variables*, or a filter that is none of ours.
    """
    used = template.analyze(include_partials=False)
    for name, spans in used.filters.items():
        if name not in FILTERS:
            place = _place(source, spans[0].index)
            raise BadTemplate(f"{place}: there is no filter {name[:50]}", tuple(FILTERS))
    for found in used.variables.values():
        for variable in found:
            name = str(variable)
            if name not in variables:
                near = difflib.get_close_matches(name, variables, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                place = _place(source, variable.span.index)
                raise BadTemplate(f"{place}: there is no variable {name[:50]}{hint}", tuple(variables))


def variables_in(template: Template) -> frozenset[str]:
    """The variables that *template* asks for."""
    used = template.analyze(include_partials=False)
    return frozenset(str(variable) for found in used.variables.values() for variable in found)


def _place(source: str, index: int) -> str:
    before = source[:index]
    return f"line {before.count(chr(10)) + 1}, column {index - before.rfind(chr(10))}"


def _said(error: LiquidError) -> str:
    """The library's sentence, with its place and without the text around it."""
    message = str(error.message or "cannot be read").splitlines()[0][:200]
    message = message.replace("unexpected liquid parsing error", "cannot be read: it is too long or too deep")
    try:
        context = error.context()
    except ValueError:
        context = None
    if context is None:
        return message
    line, column, *_ = context
    return f"line {line}, column {column + 1}: {message}"
