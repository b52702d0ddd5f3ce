"""Which addresses are of the open internet, so that nobody has the server send into a network."""

import ipaddress
from collections.abc import Callable
from typing import Final

import trio

#: Where a cloud answers with secrets although the address is a public one, or taken for one.
_METADATA: Final = (
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.0/24"),
)
#: All of IPv6 that is given out to the open internet (RFC 4291, 2.4). What else there is, as old
#: site-local addresses and IPv4 that is translated within a network, leads who knows where.
_GIVEN_OUT: Final = ipaddress.ip_network("2000::/3")
#: Of these, IPv4 written inside IPv6, behind which anything can be, and what nobody has.
_NOT_GIVEN_OUT: Final = (
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
    # For documentation (RFC 9637), which older tables do not know.
    ipaddress.ip_network("3fff::/20"),
)


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, however it is written. Raises ValueError for
    what is no address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif parsed not in _GIVEN_OUT or any(parsed in network for network in _NOT_GIVEN_OUT):
            return False
    if any(parsed in network for network in _METADATA):
        return False
    return parsed.is_global and not parsed.is_multicast


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
