"""What a webhook that was sent means: every problem told at once. Pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from forecourt.infra.outbound import problem_with
from forecourt.infra.refusals import Problem
from forecourt.webhooks.bodies import SCHEMAS
from forecourt.webhooks.schema import TOKEN_HEADERS
from forecourt.webhooks.topics import ALL, KNOWN

if TYPE_CHECKING:
    from forecourt.webhooks.records import LoggedEndpoint
    from forecourt.webhooks.schema import WebhookIn

DEFAULT_PROVIDER = "Forecourt"


class WebhookFields(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook says, but for its secrets."""

    url: str
    events: list[str]
    schema: str
    provider: str
    token_header: str
    enabled: bool


_NEW = WebhookFields(
    url="", events=[], schema="", provider=DEFAULT_PROVIDER, token_header=TOKEN_HEADERS[0], enabled=True
)


def fields_of(endpoint: LoggedEndpoint) -> WebhookFields:
    """What a stored webhook says."""
    return WebhookFields(
        url=endpoint.url,
        events=endpoint.events,
        schema=endpoint.schema,
        provider=endpoint.provider,
        token_header=endpoint.token_header,
        enabled=endpoint.disabled_at is None,
    )


def read_webhook(
    sent: WebhookIn, before: WebhookFields | None, *, private_too: bool
) -> tuple[WebhookFields, list[Problem]]:
    """The webhook that *sent* makes of *before*, and what is wrong with it.

    Args:
        sent: what is left out stays as it was.
        before: None where the webhook is new.
        private_too: whether addresses that are not public are fine.
    """
    stored = before or _NEW
    problems: list[Problem] = []
    fields = WebhookFields(
        url=_url(sent.url, stored.url, problems, private_too=private_too),
        events=_events(sent.events, stored.events, problems),
        schema=_word("schema", sent.schema, stored.schema, tuple(SCHEMAS), problems),
        provider=_line(sent.provider, stored.provider, problems),
        token_header=_word("token_header", sent.token_header, stored.token_header, TOKEN_HEADERS, problems),
        enabled=sent.enabled if isinstance(sent.enabled, bool) else stored.enabled,
    )
    if sent.enabled is None:
        problems.append(Problem("enabled", "must be true or false"))
    if isinstance(sent.token, str) and not _may_stand_in_a_header(sent.token):
        problems.append(Problem("token", "must be printable ASCII, not empty, without spaces around it"))
    return fields, problems


def _url(sent: str | UnsetType | None, before: str, problems: list[Problem], *, private_too: bool) -> str:
    if sent is UNSET and before:
        return before
    if not isinstance(sent, str):
        problems.append(
            Problem("url", "is missing" if sent is UNSET else "must be an address such as https://…")
        )
        return before
    url = sent.strip()
    wrong = problem_with(url, private_too=private_too)
    if wrong is not None:
        problems.append(Problem("url", wrong))
    return url


def _events(sent: list[str] | UnsetType | None, before: list[str], problems: list[Problem]) -> list[str]:
    if sent is UNSET and before:
        return before
    if not isinstance(sent, list) or not sent:
        said = "is missing" if sent is UNSET else "must name at least one event"
        problems.append(Problem("events", said, KNOWN))
        return before
    events = [word.strip().lower() for word in sent]
    for index, word in enumerate(events):
        if word not in KNOWN:
            nearest = difflib.get_close_matches(word, KNOWN, 1)
            said = f"; the nearest is {nearest[0]}" if nearest else ""
            problems.append(Problem(f"events[{index}]", f"is no event that is told{said}", KNOWN))
    # All of them is all there is.
    return [ALL] if ALL in events else list(dict.fromkeys(events))


def _word(
    field: str,
    sent: str | UnsetType | None,
    before: str,
    allowed: tuple[str, ...],
    problems: list[Problem],
) -> str:
    if sent is UNSET and before:
        return before
    found = (
        {word.lower(): word for word in allowed}.get(sent.strip().lower()) if isinstance(sent, str) else None
    )
    if found is None:
        said = "is missing" if sent is UNSET else "is not one of the allowed values"
        problems.append(Problem(field, said, allowed))
        return before
    return found


def _line(sent: str | UnsetType | None, before: str, problems: list[Problem]) -> str:
    if not isinstance(sent, str):
        return before if sent is UNSET else DEFAULT_PROVIDER
    if not sent.strip() or not sent.isprintable():
        problems.append(Problem("provider", "must be one line, not empty"))
    return sent.strip()


def _may_stand_in_a_header(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and token == token.strip()
