"""What a customer would read: the text of a message with its variables filled in. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup, escape

from forecourt.infra.refusals import Invalid, Problem
from forecourt.messages import language
from forecourt.messages.built_in import BUILT_IN, Wording
from forecourt.messages.language import BadTemplate
from forecourt.messages.markdown import html_of
from forecourt.messages.segments import Segments, segments_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEDIA = ("email", "sms", "note")
_NAMES = {"email": "Standard e-mail", "sms": "Standard text message"}
# Around the name of a variable that has nothing to say, where a preview shows it: letters that nobody writes.
_OPENS, _CLOSES = "\ue000", "\ue001"
_MARKED = re.compile(f"{_OPENS}([^{_CLOSES}]*){_CLOSES}")


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template that staff write with.

    Attributes:
        id: None of the built-in one.
    """

    id: int | None
    kind: str
    name: str
    subject: str | None
    body: str
    marketing: bool


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is sent.

    Attributes:
        body: of a mail in Markdown, of a text message as it is.
    """

    subject: str | None
    body: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the customer will see it.

    Attributes:
        html: of a mail; ``bubble`` of a text message.
        missing: variables that have nothing to say: shown where they stand, and never sent.
        problem: why it cannot be read.
    """

    subject: str | None = None
    html: Markup | None = None
    bubble: Markup | None = None
    segments: Segments | None = None
    missing: tuple[str, ...] = ()
    problem: str | None = None


def with_built_in(own: Sequence[Template]) -> list[Template]:
    """The dealership's templates, and the built-in ones after them."""
    built_in = [
        Template(
            id=None,
            kind=kind,
            name=name,
            subject=BUILT_IN[kind].subject,
            body=BUILT_IN[kind].body,
            marketing=False,
        )
        for kind, name in _NAMES.items()
    ]
    return [*own, *built_in]


def write(medium: str, wording: Wording, values: Mapping[str, Mapping[str, object]]) -> Written:
    """What staff wrote, with its variables filled in.

    Raises:
        Invalid: it cannot be read, or asks for what is not known.
    """
    try:
        subject, body, missing = _filled(medium, wording, values)
    except BadTemplate as error:
        raise Invalid(problems=(Problem("body", f"cannot be read: {error}"),)) from None
    if missing:
        raise Invalid(problems=(Problem("body", f"asks for what is not known: {', '.join(missing)}"),))
    return Written(subject=subject, body=body)


def preview(medium: str, wording: Wording, values: Mapping[str, Mapping[str, object]]) -> Preview:
    """What the customer would see; what is missing is marked where it stands."""
    try:
        _, _, missing = _filled(medium, wording, values)
        subject, body, _ = _filled(medium, wording, _with_marks(values, missing) if missing else values)
    except BadTemplate as error:
        return Preview(problem=f"Cannot be read: {error}")
    if medium == "sms":
        plain = _MARKED.sub(r"\1", body)
        return Preview(bubble=_marked(str(escape(body))), segments=segments_of(plain), missing=missing)
    return Preview(subject=_MARKED.sub(r"\1", subject or ""), html=_marked(html_of(body)), missing=missing)


def _filled(
    medium: str, wording: Wording, values: Mapping[str, Mapping[str, object]]
) -> tuple[str | None, str, tuple[str, ...]]:
    if medium == "sms":
        body, missing = language.read_text(wording.body).write(values)
        return None, body.strip(), missing
    subject, of_subject = language.read_line(wording.subject or "").write(values)
    body, of_body = language.read_markdown(wording.body).write(values)
    return subject.strip(), body.strip(), tuple(dict.fromkeys((*of_subject, *of_body)))


def _with_marks(
    values: Mapping[str, Mapping[str, object]], missing: Sequence[str]
) -> dict[str, dict[str, object]]:
    marked = {group: dict(members) for group, members in values.items()}
    for variable in missing:
        group, _, name = variable.partition(".")
        marked.setdefault(group, {})[name] = f"{_OPENS}{variable}{_CLOSES}"
    return marked


def _marked(html: str) -> Markup:
    """HTML that is safe already, with what is missing marked."""
    return Markup(_MARKED.sub(r'<mark title="Not known">\1</mark>', html))  # noqa: S704 - made of escaped text
