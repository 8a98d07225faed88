"""HTTP to strangers: one request, to an address that was checked, answered in time and not at length.

A host's name is resolved once, every address it has is checked, and the connection goes to one of these: a name that
means something else a moment later means nothing here. Redirects are not followed; they are answers.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpcore2 as httpcore
import msgspec

from forecourt.infra.addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Iterable

DEADLINE_SECONDS = 15.0
MOST_READ = 64 * 1024
_CONNECTIONS = 256
_IDLE_SECONDS = 15.0


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """How a request ended.

    Attributes:
        outcome: ``answered``, or the way in which it failed: ``not_allowed`` (an address that is not public), ``unknown_host``,
            ``refused``, ``unreachable``, ``tls_failed``, ``timed_out``, ``broken_off``, ``not_http``.
        status: of the answer; None without one.
        headers: of the answer.
        body: its first 64 KiB.
    """

    outcome: str
    seconds: float
    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes = b""


class AddressNotAllowed(httpcore.ConnectError):
    """The host has an address that is not public."""


class HostUnknown(httpcore.ConnectError):
    """The host has no address."""


class _Checked(httpcore.AnyIOBackend):
    """Connects to addresses that were checked, and to no names."""

    def __init__(self, *, private_too: bool) -> None:
        self._private_too = private_too

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _addresses_of(host, port)
        if not self._private_too and not all(is_public(one) and not _is_ours(one) for one in addresses):
            raise AddressNotAllowed
        failure: httpcore.ConnectError | None = None
        for address in addresses:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure or HostUnknown


async def _addresses_of(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostUnknown from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_ours(address: str) -> bool:
    """Whether *address* is one of this machine's: what is sent there leaves from there. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)


class Outbound:
    """Connections to strangers, kept open for a while between requests."""

    def __init__(self, *, private_too: bool) -> None:
        """No connection yet.

        Args:
            private_too: whether addresses that are not public, and plain HTTP, are fine: on a laptop they are.
        """
        self.private_too = private_too
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_Checked(private_too=private_too),
        )

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float = DEADLINE_SECONDS
    ) -> Answered:
        """Send *body* to *url*; whatever goes wrong is an outcome.

        Args:
            url: as ``problem_with`` found nothing wrong with it.
            body: what is sent.
            headers: of the request, with its Content-Type.
            deadline: seconds for all of it, from resolving the name to the last byte that is read.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline):
                status, told, read = await self._exchange(url, body, headers)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            return Answered(outcome=_outcome_of(error), seconds=time.monotonic() - began)
        return Answered(
            outcome="answered", seconds=time.monotonic() - began, status=status, headers=told, body=read
        )

    async def _exchange(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        sent = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
        sent.append((b"Content-Length", str(len(body)).encode()))
        read = bytearray()
        async with self._pool.stream("POST", url, headers=sent, content=body) as response:
            async for piece in response.aiter_stream():
                read += piece
                if len(read) >= MOST_READ:
                    break
            told = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            return response.status, told, bytes(read[:MOST_READ])

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


_OUTCOMES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (AddressNotAllowed, "not_allowed"),
    (HostUnknown, "unknown_host"),
    ((httpcore.TimeoutException, TimeoutError), "timed_out"),
    (httpcore.ProtocolError, "not_http"),
    (httpcore.ConnectError, "unreachable"),
    (BaseException, "broken_off"),
)


def _outcome_of(error: BaseException) -> str:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls_failed"
    if any(isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED for cause in causes):
        return "refused"
    return next(outcome for kinds, outcome in _OUTCOMES if isinstance(error, kinds))


def _causes(error: BaseException) -> Iterable[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        if isinstance(seen, BaseExceptionGroup):
            yield from seen.exceptions
        seen = seen.__cause__ or seen.__context__


def problem_with(url: str, *, private_too: bool) -> str | None:
    """What is wrong with *url* as an address of a stranger's server; None where nothing is."""
    if not url.isascii() or any(letter <= " " for letter in url):
        return "must be ASCII without spaces: write an international name in its xn-- form"
    try:
        parsed = urlsplit(url)
        host, port = parsed.hostname, parsed.port
    except ValueError:
        host, port = None, None
    if host is None or parsed.scheme not in {"http", "https"}:
        return "must be an address such as https://example.com/hook"
    if parsed.username is not None or parsed.password is not None:
        return "must not hold a name or a password"
    return None if private_too else _problem_in_public(parsed.scheme, host, port)


def _problem_in_public(scheme: str, host: str, port: int | None) -> str | None:
    if scheme != "https":
        return "must begin with https://"
    if port not in {None, 443, 8443}:
        return "must use port 443 or 8443"
    if (":" in host or host.replace(".", "").isdigit()) and not is_public(host):
        return "must not be an address inside a network"
    return None
