"""A wording written with a lead's values: what goes out, but for its envelope. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.mail import one_line
from forecourt.messages import language
from forecourt.messages.language import as_markdown
from forecourt.messages.layout import page
from forecourt.messages.markdown import html_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.messages.built_in import Wording

_LONGEST_SUBJECT = 200


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reads.

    Attributes:
        subject: one line; empty of a text message.
        html: a whole page; None of a text message.
        missing: the variables that had nothing to say and no default.
    """

    subject: str
    text: str
    html: str | None
    missing: tuple[str, ...] = ()


def mail(
    wording: Wording,
    values: Mapping[str, Mapping[str, object]],
    *,
    dealership: str,
    unsubscribe: str | None = None,
) -> Letter:
    """A mail with *values*.

    Args:
        wording: its subject and its body, in Markdown.
        values: the variables.
        dealership: its name, in the page's head.
        unsubscribe: where offers are called off, in the page's foot.

    Raises:
        BadTemplate: it cannot be written.
    """
    subject, of_subject = language.read_line(wording.subject or "").write(values)
    body, of_body = language.read_markdown(wording.body).write(values)
    return set_out(
        subject,
        body,
        dealership=dealership,
        unsubscribe=unsubscribe,
        missing=tuple(dict.fromkeys((*of_subject, *of_body))),
    )


def set_out(
    subject: str,
    body: str,
    *,
    dealership: str,
    unsubscribe: str | None = None,
    missing: tuple[str, ...] = (),
) -> Letter:
    """A mail whose *body* is Markdown without variables."""
    subject = one_line(subject)[:_LONGEST_SUBJECT]
    foot = _footer(dealership, unsubscribe)
    return Letter(
        subject=subject,
        text=text_of(f"{body}\n\n---\n\n{foot}") if unsubscribe else text_of(body),
        html=page(subject=subject, dealership=dealership, body=html_of(body), footer=html_of(foot)),
        missing=missing,
    )


def text_message(
    wording: Wording, values: Mapping[str, Mapping[str, object]], *, unsubscribe: str | None = None
) -> Letter:
    """A text message with *values*; one that is marketing ends with the way out of it.

    Raises:
        BadTemplate: it cannot be written.
    """
    text, missing = language.read_text(wording.body).write(values)
    return Letter(subject="", text=with_way_out(text.strip(), unsubscribe), html=None, missing=missing)


def with_way_out(text: str, unsubscribe: str | None) -> str:
    """*text*, with the address at which offers are called off."""
    return f"{text}\nOpt out: {unsubscribe}" if unsubscribe else text


def _footer(dealership: str, unsubscribe: str | None) -> str:
    named = as_markdown(dealership)
    return f"{named}. [Unsubscribe]({unsubscribe}) from offers." if unsubscribe else named
