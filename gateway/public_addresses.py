"""Which addresses are of the open internet, so that nobody has the server send into a network."""

import ipaddress
from collections.abc import Callable
from typing import Final

import trio

#: Where a cloud answers with secrets although the address is a public one.
_METADATA: Final = frozenset({ipaddress.ip_address("168.63.129.16")})
#: Addresses of IPv4 written inside IPv6, behind which anything can be.
_TRANSLATED: Final = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
    ipaddress.ip_network("::/96"),
)


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, however it is written. Raises ValueError for
    what is no address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif any(parsed in network for network in _TRANSLATED):
            return False
    return parsed.is_global and not parsed.is_multicast and parsed not in _METADATA


class NotPublicError(Exception):
    """A name leads to ``address``, which is not allowed."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def look_up(host: str, port: int, is_allowed: Callable[[str], bool]) -> list[str]:
    """All addresses of a name, one or more. Raises NotPublicError where one of them is not allowed,
    and OSError where it has none. Whoever connects must connect to these, not to the name."""
    found = await trio.socket.getaddrinfo(host, port, type=trio.socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not is_allowed(address):
            raise NotPublicError(address)
    if not addresses:
        raise OSError(f"{host} has no address")
    return addresses
