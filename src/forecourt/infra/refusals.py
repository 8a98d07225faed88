"""How the domain says no."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with what was sent.

    Attributes:
        field: the path of the value from the body's root, as in ``lead.address_attributes.city``.
        message: what is wrong and what is allowed; never the value of a personal field.
        allowed: every allowed value, where there is a list of them.
    """

    field: str
    message: str
    allowed: tuple[str, ...] | None = None


class Refusal(Exception):
    """A rule of the domain says no.

    A refusal names itself once and knows nothing of HTTP: ``infra/problems.py`` alone knows the status.

    Attributes:
        code: the name of the rule, in kebab case; the last part of the problem's ``type``.
        title: one sentence that is the same for every case of the rule.
        error: the contract's own text for the rule, where it has one.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    error: ClassVar[str | None] = None

    def __init__(self, detail: str | None = None, *, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.problems = problems


class Erased(Refusal):
    """The person whom this was about was erased; nothing brings their data back."""

    code = "erased"
    title = "The person was erased"


class BadBody(Refusal):
    """The body cannot be read: it is not what its Content-Type says, or ambiguous."""

    code = "bad-body"
    title = "The body cannot be read"


class BodyTooLarge(Refusal):
    """The body, or something in it, is larger than the server takes."""

    code = "body-too-large"
    title = "The body is too large"


class UnsupportedBody(Refusal):
    """The body's Content-Type is none of those that are read."""

    code = "unsupported-media-type"
    title = "The Content-Type is not supported"


class Invalid(Refusal):
    """The body was read and does not fit; ``problems`` lists everything that is wrong."""

    code = "invalid"
    title = "The request does not fit"
