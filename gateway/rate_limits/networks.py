"""Addresses, as they are counted."""

import ipaddress

_MAX_SHOWN = 64


def network_of(address: str | None) -> str:
    """What is counted together: an address, or of IPv6 the network that one household has."""
    if address is None:
        return "unknown"
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_MAX_SHOWN]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
