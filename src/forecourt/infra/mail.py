"""Handing one message to an SMTP server, and knowing afterwards how far it got (RFC 5321; RFC 1047 for the doubt)."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_STEP_SECONDS = 20.0
_DEADLINE_SECONDS = 40.0
_START_INPUT = 354
# Headers of ids and addresses of ours, in ASCII: programs look for them letter by letter.
_VERBATIM = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})
# What the standard library raises for an address that is none, as the case may be.
NO_ADDRESS = (ValueError, IndexError, MessageError)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class BadMailServer(Refusal):
    """The address of the mail server, or the one that mail comes from, cannot be read."""

    code = "bad-mail-server"
    title = "The settings for mail do not fit"


class _Policy(EmailPolicy):
    """SMTP's, but that what programs read is never put into encoded words for its length."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _VERBATIM:
            folded = value.replace(" ", f"{self.linesep} ")
            return f"{name}: {folded}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


# Not every server takes eight bits.
_POLICY = _Policy(cte_type="7bit", linesep="\r\n")


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server that takes mail.

    Attributes:
        tls: ``always`` from the first byte; ``upgrade`` by STARTTLS, never without; ``offered``: where the server has it.
    """

    host: str
    port: int
    tls: str
    user: str | None = None
    password: str | None = None


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """How handing over ended.

    Attributes:
        outcome: ``accepted``; ``refused`` for good; ``put_off`` to try again; ``unreachable``, before anything was handed over;
            ``unknown``, when the connection ended between message and receipt, or the receipt made no sense; ``called_back``,
            when it was not to go any more. A server that refuses us, and not the recipient, puts off: that is a setting or a
            whim, and no property of the message.
        code: the server's reply code.
        reply: its words.
    """

    outcome: str
    code: int | None = None
    reply: str = ""


def server_of(url: str) -> MailServer:
    """The server at ``smtp://``, ``smtps://`` or ``smtp+starttls://``, with user and password where it has them.

    Raises:
        BadMailServer: it is none of these.
    """
    try:
        parsed = urlsplit(url)
        host, port = parsed.hostname, parsed.port
    except ValueError:
        host, port = None, None
    kinds = {"smtp": ("offered", 25), "smtps": ("always", 465), "smtp+starttls": ("upgrade", 587)}
    if host is None or parsed.scheme not in kinds:
        raise BadMailServer(
            "must be smtp://host:port, smtps://host:port or smtp+starttls://user:password@host:port"
        )
    tls, usual = kinds[parsed.scheme]
    return MailServer(
        host=host,
        port=port or usual,
        tls=tls,
        user=unquote(parsed.username) if parsed.username else None,
        password=unquote(parsed.password) if parsed.password else None,
    )


def see_address(address: str) -> None:
    """See that mail can come from *address*.

    Raises:
        BadMailServer: it is no address.
    """
    try:
        Address(addr_spec=address)
    except NO_ADDRESS:
        raise BadMailServer("FORECOURT_MAIL_FROM must be an address, such as leads@example.com") from None
    if not address.isascii() or "@" not in address:
        raise BadMailServer("FORECOURT_MAIL_FROM must be an address in ASCII, such as leads@example.com")


async def greet(server: MailServer, seconds: float) -> None:
    """Connect to *server*, sign in where there is a user, and take leave: whether it would take mail from us.

    Raises:
        aiosmtplib.SMTPException: it would not.
        OSError: nobody is there.
        TimeoutError: it did not answer in time.
    """
    async with asyncio.timeout(seconds), _client(server, seconds):
        pass


def _client(server: MailServer, step_seconds: float) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls == "always",
        start_tls={"upgrade": True, "always": False, "offered": None}[server.tls],
        timeout=step_seconds,
    )


async def hand_over(
    server: MailServer,
    message: EmailMessage,
    recipient: str,
    *,
    may_go: Callable[[], Awaitable[bool]],
    seconds: float = _DEADLINE_SECONDS,
    step_seconds: float = _STEP_SECONDS,
) -> HandedOver:
    """Hand *message* to *server* for one recipient.

    Args:
        server: who takes it.
        message: whole, with its headers.
        recipient: the only one; what the headers say counts for nothing.
        may_go: asked when the server is ready to take the content and nothing has been sent of it: the last moment at which
            a message can be called back. From then on its fate may be unknown. What it raises is raised, and nothing was sent.
        seconds: that all of it may take.
        step_seconds: that each reply may take.
    """
    client = _client(server, step_seconds)
    progress = _Progress()
    try:
        async with asyncio.timeout(seconds):
            return await _converse(client, message, recipient, may_go, progress)
    except aiosmtplib.SMTPResponseException as error:
        return _told(error.code, error.message, progress)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        outcome = "unknown" if progress.content_sent else "unreachable"
        return HandedOver(outcome=outcome, reply=type(error).__name__)
    finally:
        client.close()


class _Progress:
    """How far a conversation has come: what an exception cannot tell."""

    recipient_named = False
    content_sent = False


async def _converse(
    client: aiosmtplib.SMTP,
    message: EmailMessage,
    recipient: str,
    may_go: Callable[[], Awaitable[bool]],
    progress: _Progress,
) -> HandedOver:
    await client.connect()
    await client.mail(str(message["From"].addresses[0].addr_spec))
    progress.recipient_named = True
    await client.rcpt(recipient)
    if not await may_go():
        return HandedOver(outcome="called_back")
    content = _on_the_wire(message)
    started = await client.execute_command(b"DATA")
    if started.code != _START_INPUT:
        return _told(started.code, started.message, progress)
    protocol = client.protocol
    if protocol is None:
        return HandedOver(outcome="unreachable")
    # As the library's own DATA does it, but that we know from when on the content has been sent.
    protocol.write(content)
    progress.content_sent = True
    receipt = await protocol.read_response(timeout=client.timeout)
    with suppress(aiosmtplib.SMTPException):
        # Said, and not waited for: how it ended does not depend on it.
        protocol.write(b"QUIT\r\n")
    return _told(receipt.code, receipt.message, progress)


def _told(code: int, words: str, progress: _Progress) -> HandedOver:
    """What a reply means, as far as the conversation had come."""
    match code // 100:
        case 2 if progress.content_sent:
            outcome = "accepted"
        case 4:
            outcome = "put_off"
        case 5:
            outcome = "refused" if progress.recipient_named else "put_off"
        case _:
            outcome = "unknown" if progress.content_sent else "unreachable"
    return HandedOver(outcome=outcome, code=code, reply=_words(words))


def _words(reply: str) -> str:
    """What a server said, as text that can be kept."""
    return _CONTROL.sub(" ", reply.encode("utf-8", "replace").decode())


def _on_the_wire(message: EmailMessage) -> bytes:
    """The content as SMTP takes it: lines that begin with a dot get a second one; a dot alone ends it."""
    content = message.as_bytes(policy=_POLICY)
    content = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    content = re.sub(rb"(?m)^\.", b"..", content)
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def composed(
    *,
    sender: tuple[str, str],
    recipient: str,
    reply_to: str | None,
    subject: str,
    text: str,
    html: str | None,
    message_id: str,
    headers: Mapping[str, str],
) -> EmailMessage:
    """A mail to one recipient; whatever its texts hold, they stay texts.

    Args:
        sender: shown name and address.
        recipient: an address without a name.
        reply_to: an address without a name.
        subject: one line; line breaks in it become spaces.
        text: the plain part.
        html: the other part; None for a plain mail.
        message_id: without its angle brackets.
        headers: further ones, whose values are ours and not the customer's.

    Raises:
        ValueError, IndexError, MessageError: an address is none.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(display_name=one_line(sender[0]), addr_spec=sender[1])
    message["To"] = Address(addr_spec=recipient)
    if reply_to is not None:
        message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = one_line(subject)
    message["Message-ID"] = f"<{message_id}>"
    for name, value in headers.items():
        message[name] = one_line(value)
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def one_line(text: str) -> str:
    """*text* fit for a header: without line breaks or controls, and without what a reader would decode to some.

    Python before 3.11.10 decodes an encoded word in a header that it is given, and then writes the line break inside it
    (CVE-2024-6923); so none is left that could be decoded.
    """
    return _CONTROL.sub(" ", text).replace("=?", "= ?").strip()
