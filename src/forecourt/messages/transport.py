"""The ways out: a mail server, a gateway for text messages, and the outbox, from which nothing leaves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import msgspec

from forecourt.infra import mail
from forecourt.infra.mail import HandedOver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from email.message import EmailMessage
    from typing import TypeAlias

    from forecourt.infra.mail import MailServer
    from forecourt.infra.outbound import Outbound

    # Asked at the last moment at which a message can be called back; see infra/mail.py.
    MayGo: TypeAlias = Callable[[], Awaitable[bool]]

_OK, _NO = 2, 4
_ID = re.compile(r"[!-~]{1,200}")
# What a gateway answers where it has certainly not taken the message, and may take it later.
_LATER = frozenset({408, 425, 429, 503})
# Nothing was sent: the connection never stood.
_NEVER_BEGAN = frozenset({"not_allowed", "unknown_host", "refused", "unreachable", "tls_failed"})


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text message.

    Attributes:
        id: ours, the same however often it is handed over.
    """

    sender: str
    to: str
    text: str
    id: str


class Mails(Protocol):
    """Takes mail."""

    name: str

    async def hand_over(self, message: EmailMessage, recipient: str, may_go: MayGo) -> HandedOver:
        """Hand *message* over for one recipient; *may_go* is asked before any of it is sent."""
        ...


class Texts(Protocol):
    """Takes text messages."""

    name: str

    async def hand_over(self, text: Text, may_go: MayGo) -> tuple[HandedOver, str | None]:
        """Hand *text* over; with how it ended, the other side's id for it."""
        ...


class SmtpMails:
    """Hands mail to an SMTP server."""

    name = "smtp"

    def __init__(self, server: MailServer, seconds: float, step_seconds: float) -> None:
        """Mail to *server*, which has so long for a mail and for each of its replies."""
        self._server = server
        self._seconds = seconds
        self._step_seconds = step_seconds

    async def hand_over(self, message: EmailMessage, recipient: str, may_go: MayGo) -> HandedOver:
        """Hand it over, as ``infra/mail.py`` does."""
        return await mail.hand_over(
            self._server,
            message,
            recipient,
            may_go=may_go,
            seconds=self._seconds,
            step_seconds=self._step_seconds,
        )


class OutboxMails:
    """Keeps mail where it can be read, and sends none."""

    name = "outbox"

    async def hand_over(self, message: EmailMessage, recipient: str, may_go: MayGo) -> HandedOver:  # noqa: ARG002
        """Keep it: *may_go* has written it down."""
        return HandedOver(outcome="accepted" if await may_go() else "called_back")


class HttpTexts:
    """Posts text messages to a gateway: ``{"from", "to", "text", "id"}``, with a bearer token."""

    name = "http"

    def __init__(self, outbound: Outbound, url: str, token: str | None) -> None:
        """Texts to *url*; *outbound* may go wherever the operator says."""
        self._outbound = outbound
        self._url = url
        self._token = token

    async def hand_over(self, text: Text, may_go: MayGo) -> tuple[HandedOver, str | None]:
        """Post it; an answer that leaves open whether it was sent is ``unknown``."""
        if not await may_go():
            return HandedOver(outcome="called_back"), None
        body = msgspec.json.encode({"from": text.sender, "to": text.to, "text": text.text, "id": text.id})
        headers = {"Content-Type": "application/json", "Idempotency-Key": text.id}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        answered = await self._outbound.post(self._url, body, headers)
        if answered.status is None:
            outcome = "unreachable" if answered.outcome in _NEVER_BEGAN else "unknown"
            return HandedOver(outcome=outcome, reply=answered.outcome), None
        if answered.status // 100 == _OK:
            return HandedOver(outcome="accepted", code=answered.status), _id_in(answered.body)
        outcome = "unknown"
        if answered.status in _LATER:
            outcome = "put_off"
        elif answered.status // 100 == _NO:
            outcome = "refused"
        return HandedOver(outcome=outcome, code=answered.status), None


class OutboxTexts:
    """Keeps text messages where they can be read, and sends none."""

    name = "outbox"

    async def hand_over(self, text: Text, may_go: MayGo) -> tuple[HandedOver, str | None]:  # noqa: ARG002
        """Keep it: *may_go* has written it down."""
        return HandedOver(outcome="accepted" if await may_go() else "called_back"), None


def _id_in(body: bytes) -> str | None:
    """The gateway's id in its answer, under one of the names that gateways have for it."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    found = next((str(told[name]) for name in ("id", "message_id", "sid") if told.get(name)), "")
    return found if _ID.fullmatch(found) else None
