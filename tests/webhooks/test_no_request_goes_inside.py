"""Webhooks go to public addresses only, however an address is written, and whatever its name means a moment later."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from forecourt.infra.outbound import Outbound, problem_with
from tests.clusters.asking import enquiry
from tests.conftest import bearer, serving
from tests.webhooks.asking import HOOKS, delivery, planned
from tests.webhooks.receiving import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.world import World

# What names mean here.
NAMES = {
    "metadata.google.internal": ["169.254.169.254"],
    "printer.local": ["192.168.1.2"],
    "intranet.example.com": ["10.1.1.1"],
    "both.example.com": ["93.184.216.34", "127.0.0.1"],
    "both-first.example.com": ["127.0.0.1", "93.184.216.34"],
    "six.example.com": ["fd00::1"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
    "nat64.example.com": ["64:ff9b::a9fe:a9fe"],
}
LITERALS = [
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001",
    "0177.0.0.1", "127.000.000.001", "127.255.255.254", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.",
    "ip6-localhost", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "192.168.255.255", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1",
    "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "0.1.2.3", "0xa9fea9fe",
    "2852039166", "0251.0376.0251.0376", "169.254.43518", "0xa.1", "012.0.0.1", "3232235521", "[::1]", "[::]",
    "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]", "[2002:a00:1::]", "[2001:0:7f00:1::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]", "[febf::1]", "[fec0::1]", "[fc00::1]", "[fdff::1]", "[ff01::1]", "[ff02::1]", "[ff0e::1]",
    "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[100::1]", "[2001:10::1]", "[2001:2::1]",
    "[::ffff:169.254.169.254]", "100.100.100.200", "10.1", "172.16.1", "192.168.257", "0xc0.0xa8.0.1",
    "[100:0:0:1::1]", "[::ffff:0a00:0001]",
]  # fmt: skip
# Refused for how it is written, before anybody is asked.
WRITTEN = [
    "http://example.com/hook",
    "ftp://example.com/hook",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/hook",
    "example.com/hook",
    "https://",
    "https:///hook",
    "https://user@example.com/hook",
    "https://user:pass@127.0.0.1/hook",
    "https://example.com@127.0.0.1/hook",
    "https://example.com:22/hook",
    "https://example.com:80/hook",
    "https://example.com:6379/hook",
    "https://example.com:65536/hook",
    "https://example.com:x/hook",
    "https://example.com /hook",
    "https://example.com/a b",
    "https://example.com/\r\nX-Evil: 1",
    "https://exámple.com/hook",
    "https://ⓛocalhost/hook",
    "https://[::1/hook",
    "https://127.0.0.1/hook",
    "https://127.1/hook",
    "https://2130706433/hook",
    "https://0/hook",
    "https://[::1]/hook",
    "https://[::ffff:127.0.0.1]/hook",
    "https://[64:ff9b::7f00:1]:8443/hook",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.168.0.1:8443/hook",
    "https://224.0.0.1/hook",
]


async def resolve(host: str, port: int) -> list[str]:
    """What a name means here; of an address as it is written, what the system makes of it. Nobody outside is asked."""
    if host in NAMES:
        return NAMES[host]
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=0 if "local" in host else socket.AI_NUMERICHOST
    )
    return [str(entry[4][0]) for entry in found]


@asynccontextmanager
async def everywhere() -> AsyncGenerator[tuple[Receiver, int]]:
    """A receiver on every address of this machine, and its port."""
    running = Receiver()
    server = await asyncio.start_server(running.serve, "0.0.0.0", 0)
    port = server.sockets[0].getsockname()[1]
    six = await asyncio.start_server(running.serve, "::", port) if socket.has_ipv6 else None
    try:
        yield running, port
    finally:
        server.close()
        if six is not None:
            six.close()


def own_addresses() -> list[str]:
    """Those by which others reach this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only chooses.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


async def test_no_address_inside_is_ever_connected_to() -> None:
    hosts = [*LITERALS, *NAMES, *own_addresses()]
    outbound = Outbound(private_too=False, deadline=3, resolve=resolve)
    async with everywhere() as (inside, port):
        for scheme in ("http", "https"):
            outcomes = {
                host: (await outbound.post(f"{scheme}://{host}:{port}/hook", b"{}", {})).outcome
                for host in hosts
            }
            assert {
                host: one for host, one in outcomes.items() if one not in {"not_allowed", "unknown_host"}
            } == {}
        assert inside.connections == 0
    await outbound.close()
    assert len(hosts) >= 90


@pytest.mark.parametrize("url", WRITTEN)
def test_an_address_that_is_written_so_is_refused(url: str) -> None:
    assert problem_with(url, private_too=False) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "https://example.com:8443/a?b=c",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/x",
    ],
)
def test_an_address_of_a_stranger_is_fine(url: str) -> None:
    assert problem_with(url, private_too=False) is None


async def test_a_name_is_resolved_once_and_that_address_connected_to() -> None:
    async with receiver() as meant:
        port = int(meant.url.rpartition(":")[2])
        for _ in range(100):
            asked: list[str] = []

            async def flips(host: str, _: int, asked: list[str] = asked) -> list[str]:
                asked.append(host)
                return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

            outbound = Outbound(private_too=True, deadline=3, resolve=flips)
            answered = await outbound.post(f"http://flip.example.com:{port}/", b"", {})
            await outbound.close()
            assert (answered.outcome, asked) == ("answered", ["flip.example.com"])
        assert {request.headers["Host"] for request in meant.requests} == {f"flip.example.com:{port}"}


async def test_a_name_that_flips_between_outside_and_inside_gets_nowhere() -> None:
    asked: list[str] = []

    async def flips(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) % 2 else ["93.184.216.34", "127.0.0.1"]

    outbound = Outbound(private_too=False, deadline=3, resolve=flips)
    async with everywhere() as (inside, port):
        url = f"https://rebinding.example.com:{port}/hook"
        outcomes = {(await outbound.post(url, b"", {})).outcome for _ in range(1_000)}
        assert inside.connections == 0
    await outbound.close()

    assert outcomes == {"not_allowed"}
    assert len(asked) == 1_000


async def test_a_redirect_leads_nowhere() -> None:
    outbound = Outbound(private_too=True)
    async with receiver() as front, receiver() as behind:
        front.says = lambda _: (302, {"Location": behind.url})
        answered = await outbound.post(front.url, b"", {})
        await asyncio.sleep(0.05)

        assert answered.status == 302
        assert behind.connections == 0
    await outbound.close()


async def test_the_door_refuses_them_and_the_worker_does_too(
    database_url: str, world: World, tmp_path: Path
) -> None:
    async with (
        everywhere() as (inside, port),
        serving(database_url, tmp_path, worker=True) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(world.token)) as api,
    ):
        for url in ("http://example.com/hook", "https://127.0.0.1/hook", f"https://localhost:{port}/"):
            body = {"url": url, "events": ["lead.created"], "schema": "v1"}
            refused = await api.post(HOOKS, json=body)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
        made = await api.post(HOOKS, json=body | {"url": "https://localhost:8443/hook"})
        assert made.status_code == 201
        # As it may have been made when the server was told to allow it.
        plain = (await api.post(HOOKS, json=body | {"url": "https://example.com/"})).json()["id"]
        await world.run(
            "update webhook_endpoint set url = $2 where id = $1", plain, f"http://127.0.0.1:{port}/"
        )
        await enquiry(api)
        await planned(world)

        for webhook_id in (made.json()["id"], plain):
            [listed] = (await api.get(f"{HOOKS}/{webhook_id}/deliveries")).json()["deliveries"]
            [attempt] = (await delivery(api, webhook_id, listed["id"]))["all_attempts"]
            assert (attempt["outcome"], attempt["status"], attempt["response_body"]) == (
                "not_allowed",
                None,
                None,
            )
        assert inside.connections == 0
