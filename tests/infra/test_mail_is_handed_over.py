"""Handing mail to a server: encrypted where that is asked for, and never in the clear instead."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from forecourt.infra.mail import BadMailServer, MailServer, composed, hand_over, see_address, server_of
from tests.messages.sink import Sink, a_sink

if TYPE_CHECKING:
    from pathlib import Path

MAIL = composed(
    sender=("Brisbane Motors", "leads@ours.example"),
    recipient="mia@theirs.example",
    reply_to=None,
    subject="Hi",
    text=".\n..\n.hidden\nlast",
    html=None,
    message_id="1@ours.example",
    headers={},
)


async def yes() -> bool:
    return True


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer(host="mail.example", port=25, tls="offered")),
        ("smtps://mail.example", MailServer(host="mail.example", port=465, tls="always")),
        (
            "smtp+starttls://me%40x:p%3Aw@mail.example:2525",
            MailServer(host="mail.example", port=2525, tls="upgrade", user="me@x", password="p:w"),
        ),
    ],
)
def test_the_address_of_a_server(url: str, server: MailServer) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://x:port", "smtp://[::1"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadMailServer):
        server_of(url)


@pytest.mark.parametrize(
    "address", ["", "somebody", "a b@ours.example", "é@ours.example", "@ours.example", "<a@b.example>", "a@"]
)
def test_mail_comes_from_an_address(address: str) -> None:
    see_address("forecourt@localhost")
    with pytest.raises(BadMailServer):
        see_address(address)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls", "smtp"])
async def test_it_is_encrypted_where_it_can_be(scheme: str, certificate: ssl.SSLContext) -> None:
    async with a_sink(tls=certificate, always=scheme == "smtps") as sink:
        server = server_of(f"{scheme}://localhost:{sink.port}")
        handed = await hand_over(server, MAIL, "mia@theirs.example", may_go=yes)

    assert (handed.outcome, handed.code) == ("accepted", 250)
    assert sink.encrypted == [True]


async def test_it_is_signed_in_where_there_is_a_name(certificate: ssl.SSLContext) -> None:
    async with a_sink(tls=certificate, users={"me": "secret"}) as sink:
        server = server_of(f"smtp+starttls://me:secret@localhost:{sink.port}")
        handed = await hand_over(server, MAIL, "mia@theirs.example", may_go=yes)

    assert (handed.outcome, sink.signed_in, sink.encrypted) == ("accepted", ["me"], [True])


async def test_without_encryption_nothing_is_sent_where_it_is_asked_for() -> None:
    async with a_sink() as sink:
        server = server_of(f"smtp+starttls://me:secret@localhost:{sink.port}")
        handed = await hand_over(server, MAIL, "mia@theirs.example", may_go=yes)

    assert handed.outcome == "unreachable"
    assert (sink.journal, sink.asked, sink.signed_in) == ([], [], [])


async def test_a_certificate_that_is_nobodys_is_not_trusted(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with a_sink(tls=certificate) as sink:
        server = server_of(f"smtp+starttls://localhost:{sink.port}")
        handed = await hand_over(server, MAIL, "mia@theirs.example", may_go=yes)

    assert (handed.outcome, sink.journal) == ("unreachable", [])


async def test_a_wrong_password_is_no_reason_to_give_a_mail_up(certificate: ssl.SSLContext) -> None:
    async with a_sink(tls=certificate, users={"me": "secret"}) as sink:
        server = server_of(f"smtp+starttls://me:wrong@localhost:{sink.port}")
        handed = await hand_over(server, MAIL, "mia@theirs.example", may_go=yes)

    assert (handed.outcome, handed.code) == ("put_off", 535)
    assert sink.journal == []


async def test_lines_that_begin_with_dots_arrive_as_they_were() -> None:
    async with a_sink() as sink:
        await hand_over(server_of(sink.url), MAIL, "mia@theirs.example", may_go=yes)

    [received] = sink.journal
    assert received.part("plain") == ".\n..\n.hidden\nlast\n"


async def test_a_mail_that_is_not_to_go_is_not_sent() -> None:
    async def no() -> bool:
        return False

    async with a_sink() as sink:
        handed = await hand_over(server_of(sink.url), MAIL, "mia@theirs.example", may_go=no)

    assert (handed.outcome, sink.asked, sink.journal) == ("called_back", ["mia@theirs.example"], [])


async def test_nobody_there_is_told_as_such() -> None:
    async with a_sink() as sink:
        gone = Sink(port=sink.port)
    handed = await hand_over(server_of(gone.url), MAIL, "mia@theirs.example", may_go=yes)

    assert (handed.outcome, handed.code) == ("unreachable", None)
