"""A real SMTP server that fails as it is told to, and keeps a journal of what it was handed."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator
    from email.message import EmailMessage

# What may go wrong with one attempt at a recipient.
FAULTS = (
    "drop before dot",
    "drop after dot",
    "put off",
    "refuse",
    "refuse the recipient",
    "nonsense",
    "hang",
    "greylist",
    "slow banner",
)


@dataclass(frozen=True)
class Received:
    """A mail whose last dot has come: as far as anybody can tell, it arrived."""

    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail as a mail program reads it."""
        return message_from_bytes(self.content, policy=policy.default)

    def part(self, kind: str) -> str:
        """Its plain or its HTML part, with line breaks as Python has them."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class Sink:
    """What the server does and has got.

    Attributes:
        faults: recipient -> what goes wrong at each attempt, the first in front; nothing after the last.
        journal: everything whose last dot has come.
        held: recipients who are only taken once their event is set.
        asked: recipients that were asked for, whatever became of it.
        slow_banners: how many conversations begin slowly.
        refusals: how many senders are refused.
        encrypted: of each mail in the journal, whether it came so.
        signed_in: who did.
        users: with their passwords; where there are some, nobody else is served.
    """

    port: int = 0
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    journal: list[Received] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    slow_banners: int = 0
    refusals: int = 0
    encrypted: list[bool] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The setting that sends mail here."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, recipient: str) -> list[Received]:
        """What *recipient* got."""
        return [one for one in self.journal if recipient.lower() in [to.lower() for to in one.recipients]]

    def _next_fault(self, recipient: str, *stages: str) -> str | None:
        waiting = self.faults[recipient.lower()]
        return waiting.pop(0) if waiting and waiting[0] in stages else None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        assert server
        assert session
        if self.refusals > 0:
            self.refusals -= 1
            return "530 5.7.0 sign in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        assert server
        assert session
        assert options is not None
        self.asked.append(address)
        if address.lower() in self.held:
            await self.held[address.lower()].wait()
        match self._next_fault(address, "refuse the recipient", "greylist"):
            case "refuse the recipient":
                return f"550 5.1.1 <{address}> is not known here"
            case "greylist":
                return "450 4.2.0 come back in a moment"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def sign_in(self, server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any) -> AuthResult:
        """Whether a name and a password are those of one of the users."""
        assert server
        assert session
        assert envelope
        assert mechanism
        assert isinstance(auth_data, LoginPassword)
        name, password = auth_data.login.decode(), auth_data.password.decode()
        self.signed_in.append(name)
        return AuthResult(success=self.users.get(name) == password, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        fault = self._next_fault(
            envelope.rcpt_tos[0], "drop after dot", "put off", "refuse", "hang", "nonsense"
        )
        if fault == "put off":
            return "451 4.3.0 not now"
        if fault == "refuse":
            return "554 5.7.1 not this"
        self.journal.append(Received(envelope.rcpt_tos, envelope.content))
        self.encrypted.append(
            server.transport.get_extra_info("sslcontext") is not None or session.ssl is not None
        )
        if fault == "drop after dot":
            server.transport.abort()
        if fault == "hang":
            await asyncio.sleep(60)
        return "wherever you are from" if fault == "nonsense" else "250 OK"


class _Server(SMTP):
    def __init__(self, sink: Sink, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            sink,
            hostname="sink.example",
            loop=asyncio.get_running_loop(),
            tls_context=tls,
            authenticator=sink.sign_in,
            auth_required=bool(sink.users),
        )
        self._sink = sink

    async def _handle_client(self) -> None:
        if self._sink.slow_banners > 0:
            self._sink.slow_banners -= 1
            await asyncio.sleep(0.3)
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        assert self.envelope is not None
        recipients = self.envelope.rcpt_tos
        if recipients and self._sink._next_fault(recipients[0], "drop before dot"):  # noqa: SLF001
            await self.push("354 go on")
            await self._reader.read(100)
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


@asynccontextmanager
async def a_sink(
    *, tls: ssl.SSLContext | None = None, always: bool = False, users: dict[str, str] | None = None
) -> AsyncGenerator[Sink]:
    """A server that takes mail, until the end; with *tls* when it is asked to, or *always*."""
    sink = Sink(users=users or {})
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    upgraded, whole = (None, tls) if always else (tls, None)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Server(sink, upgraded), sock=listener, ssl=whole
    )
    sink.port = listener.getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
