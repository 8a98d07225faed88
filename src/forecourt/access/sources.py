"""Where a request comes from: what tries are counted by. Pure."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def source_of(peer: str | None, forwarded: str | None, trusted: Sequence[str]) -> str:
    """The address that a request came from, as one name for all that one household can have.

    Args:
        peer: whoever opened the connection.
        forwarded: the ``X-Forwarded-For`` that came along: each proxy adds whom it heard, so the last entries are the
            nearest. Anybody can send one; it is believed only as far as trusted proxies wrote it.
        trusted: addresses and networks of our own proxies.
    """
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted]
    heard = [entry.strip() for entry in (forwarded or "").split(",") if entry.strip()]
    address = peer or "unknown"
    while heard and _within(address, networks):
        address = heard.pop()
    return _household(address)


def proxies_in(setting: str | None) -> tuple[str, ...]:
    """The addresses and networks of the setting.

    Raises:
        ValueError: one is none.
    """
    found = tuple(one.strip() for one in (setting or "").split(",") if one.strip())
    for one in found:
        ipaddress.ip_network(one, strict=False)
    return found


def _within(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(read in network for network in networks)


def _household(address: str) -> str:
    """An IPv6 address stands for its /64: whoever has one has them all."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(read, ipaddress.IPv6Address):
        if read.ipv4_mapped is not None:
            return str(read.ipv4_mapped)
        return str(ipaddress.ip_network((read, 64), strict=False))
    return str(read)
