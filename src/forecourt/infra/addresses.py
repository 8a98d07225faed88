"""Which network addresses a stranger may have us connect to: public ones, and none that lead elsewhere. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

# Python's own is_global calls these public, or did in a version that we run on (IANA's registries of special addresses).
_NEVER = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "fec0::/10",  # site-local (RFC 3879)
        "ff00::/8",  # multicast
        "100:0:0:1::/64",  # dummies (RFC 9780)
        "2001:2::/48",  # benchmarking (RFC 5180)
        "2001:10::/28",  # ORCHID (RFC 4843)
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
    )
)
# IPv6 addresses that carry an IPv4 address, and where it begins, in bits from the right.
_EMBEDDED: tuple[tuple[IPv6Network, int], ...] = (
    (IPv6Network("::/96"), 0),
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("64:ff9b:1::/48"), 0),
    (IPv6Network("2002::/16"), 80),
)
_TEREDO = IPv6Network("2001::/32")
_IPV4 = 2**32 - 1


def is_public(text: str) -> bool:
    """Whether *text*, an IP address, leads to the public internet, by itself and by every address inside it."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(one) for one in (address, *_inside(address)))


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    # An address that embeds another is judged by that one.
    return address.is_global or any(True for _ in _inside(address))


def _inside(address: Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    number = int(address)
    found = [IPv4Address(number >> shift & _IPV4) for network, shift in _EMBEDDED if address in network]
    if address in _TEREDO:
        found += [IPv4Address(number >> 64 & _IPV4), IPv4Address(~number & _IPV4)]
    return found
