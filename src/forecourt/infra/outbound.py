"""HTTP to strangers: one request, to an address that was checked, answered in time and not at length.

A host's name is resolved once, every address it has is checked, and the connection goes to one of these: a name that
means something else a moment later means nothing here. Redirects are not followed; they are answers.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

from forecourt.infra.addresses import is_public
from forecourt.infra.exchange import BrokenOff, Exchange, NotHttp

DEADLINE_SECONDS = 15.0
# Shorter than most servers keep theirs: one that is closed while a request goes out costs an attempt.
_IDLE_SECONDS = 4.0
# For each address of a host but the last.
_CONNECT_SECONDS = 4.0
# A name that is not resolved holds a thread up for as long as the system likes.
_LOOKUPS = 64

# From a host and a port to the host's addresses; raises OSError where it has none.
Resolve: TypeAlias = "Callable[[str, int], Awaitable[list[str]]]"


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


class AddressNotAllowed(Exception):
    """The host has an address that is not public."""


class HostUnknown(Exception):
    """The host has no address."""


class Origin(NamedTuple):
    """Whom connections lead to: what one may be used for again."""

    scheme: str
    host: str
    port: int


class Outbound:
    """Connections to strangers, kept open for a moment between requests."""

    def __init__(
        self, *, private_too: bool, deadline: float = DEADLINE_SECONDS, resolve: Resolve | None = None
    ) -> None:
        """No connection yet.

        Args:
            private_too: whether addresses that are not public, and plain HTTP, are fine: on a laptop they are.
            deadline: seconds for all of a request, from resolving the name to the last byte that is read.
            resolve: how a host's addresses are found; as the system does it, where nothing else is said.
        """
        self.private_too = private_too
        self._deadline = deadline
        self._lookups = ThreadPoolExecutor(_LOOKUPS, "lookup")
        self._resolve = resolve or self._by_the_system
        self._idle: defaultdict[Origin, deque[Exchange]] = defaultdict(deque)
        self._sweeping = False

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send *body* to *url*; whatever goes wrong is an outcome.

        Args:
            url: as ``problem_with`` found nothing wrong with it.
            body: what is sent.
            headers: of the request, with its Content-Type.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._deadline):
                origin, sent = _written(url, body, headers)
                exchange = self._kept(origin) or await self._connected(origin)
                try:
                    reply = await exchange.request(sent)
                finally:
                    if exchange.reusable:
                        self._keep(origin, exchange)
        except (BrokenOff, NotHttp, AddressNotAllowed, HostUnknown, OSError, ValueError) as error:
            return Answered(outcome=_outcome_of(error), seconds=time.monotonic() - began)
        return Answered(
            outcome="answered",
            seconds=time.monotonic() - began,
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
        )

    def _kept(self, origin: Origin) -> Exchange | None:
        """A connection from before that is still good; those that have been idle for too long are closed."""
        kept = self._idle[origin]
        oldest = asyncio.get_running_loop().time() - _IDLE_SECONDS
        while kept:
            exchange = kept.pop()
            if exchange.reusable and exchange.idle_since > oldest:
                return exchange
            exchange.close()
        return None

    def _keep(self, origin: Origin, exchange: Exchange) -> None:
        self._idle[origin].append(exchange)
        if not self._sweeping:
            self._sweeping = True
            asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for too long, and again as long as anything is."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - _IDLE_SECONDS
        for origin in list(self._idle):
            kept = self._idle[origin]
            while kept and (kept[0].idle_since < oldest or not kept[0].reusable):
                kept.popleft().close()
            if not kept:
                del self._idle[origin]
        self._sweeping = bool(self._idle)
        if self._sweeping:
            loop.call_later(_IDLE_SECONDS, self._sweep)

    async def _connected(self, origin: Origin) -> Exchange:
        """A new connection, to one of the host's addresses, all of which were checked."""
        addresses = await self._addresses_of(origin)
        for address in addresses[:-1]:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    return await self._connect(origin, address)
            except OSError:
                continue
        return await self._connect(origin, addresses[-1])

    async def _addresses_of(self, origin: Origin) -> list[str]:
        try:
            addresses = await self._resolve(origin.host, origin.port)
        except (OSError, UnicodeError):
            raise HostUnknown from None
        if not addresses:
            raise HostUnknown
        if not self.private_too and not all(is_public(one) and not _is_ours(one) for one in addresses):
            raise AddressNotAllowed
        return addresses

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    async def _connect(self, origin: Origin, address: str) -> Exchange:
        secure = origin.scheme == "https"
        _, exchange = await asyncio.get_running_loop().create_connection(
            Exchange,
            address,
            origin.port,
            ssl=self._tls if secure else None,
            server_hostname=origin.host if secure else None,
        )
        return exchange

    async def _by_the_system(self, host: str, port: int) -> list[str]:
        def find() -> list[str]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(str(entry[4][0]) for entry in found))

        return await asyncio.get_running_loop().run_in_executor(self._lookups, find)

    async def close(self) -> None:
        """Close every connection."""
        for kept in self._idle.values():
            for exchange in kept:
                exchange.close()
        self._idle.clear()
        self._lookups.shutdown(wait=False, cancel_futures=True)


def _written(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[Origin, bytes]:
    """To whom a request goes, and the whole of it as bytes."""
    parsed = urlsplit(url)
    port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
    target = parsed.path or "/"
    if parsed.query:
        target = f"{target}?{parsed.query}"
    lines = [f"POST {target} HTTP/1.1", f"Host: {parsed.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    if any(letter in line for line in lines for letter in "\r\n\0"):
        raise NotHttp
    head = "\r\n".join(lines).encode("utf-8")
    return Origin(parsed.scheme, parsed.hostname or "", port), head + b"\r\n\r\n" + body


def _is_ours(address: str) -> bool:
    """Whether *address* is one of this machine's: what is sent there leaves from there. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)


_OUTCOMES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (AddressNotAllowed, "not_allowed"),
    (HostUnknown, "unknown_host"),
    (BrokenOff, "broken_off"),
    (NotHttp, "not_http"),
    (ssl.SSLError, "tls_failed"),
    (TimeoutError, "timed_out"),
    (ConnectionRefusedError, "refused"),
    ((ConnectionResetError, BrokenPipeError, ConnectionAbortedError), "broken_off"),
    (OSError, "unreachable"),
    (ValueError, "unknown_host"),
)


def _outcome_of(error: Exception) -> str:
    return next(outcome for kinds, outcome in _OUTCOMES if isinstance(error, kinds))


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
