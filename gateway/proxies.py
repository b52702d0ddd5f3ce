"""The address that a request comes from, and whether it came by TLS: told by the connection itself,
or by a proxy that the settings name."""

import ipaddress
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Final, TypeAlias

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

from gateway.errors import ServiceError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Of a forwarding header's addresses, as many as are looked at, the nearest first.
MAX_FORWARDED: Final = 20

#: Where the HTTP request that is being served comes from.
PEER: ContextVar[str | None] = ContextVar("diagramai_peer", default=None)


class Proxies:
    """Which proxies are believed what they say of others."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = [_network(text) for text in trusted]

    def address_of(self, peer: str, headers: Mapping[str, str]) -> str:
        """Whose connection it is: the peer's or, where that is a trusted proxy, the nearest address
        in ``X-Forwarded-For`` that is none. Header names are lower case."""
        address = plain_address(peer)
        if not self._is_trusted(address):
            return address
        forwarded = headers.get("x-forwarded-for", "").split(",")
        for text in reversed(forwarded[-MAX_FORWARDED:]):
            found = plain_address(text.strip())
            if not _is_address(found):
                break
            address = found
            if not self._is_trusted(address):
                break
        return address

    def scheme_of(self, peer: str, headers: Mapping[str, str], scheme: str) -> str:
        """``https`` where a trusted proxy says so in ``X-Forwarded-Proto``."""
        if not self._is_trusted(plain_address(peer)):
            return scheme
        said = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        return said if said in ("http", "https") else scheme

    def is_shared(self, address: str) -> bool:
        """Whether many may come by this address: a named proxy's, or this machine's own."""
        return self._is_trusted(address) or ipaddress.ip_address(address).is_loopback

    def _is_trusted(self, address: str) -> bool:
        if not self._trusted or not _is_address(address):
            return False
        return any(ipaddress.ip_address(address) in network for network in self._trusted)


def behind_proxies(app: ASGIFramework, proxies: Proxies) -> ASGIFramework:
    """The application, told in its scope where each request really comes from."""

    async def proxied(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        peer = (scope.get("client") or ("", 0))[0]
        # Repeated ones are one list, as HTTP has it.
        said = _joined(scope["headers"])
        address = proxies.address_of(peer, said)
        scope["client"] = (address, 0)
        scope["scheme"] = proxies.scheme_of(peer, said, scope["scheme"])
        PEER.set(address)
        await app(scope, receive, send)

    return proxied


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if name in (b"x-forwarded-for", b"x-forwarded-proto"):
            key, text = name.decode(), value.decode("latin-1")
            found[key] = f"{found[key]},{text}" if key in found else text
    return found


def plain_address(peer: str) -> str:
    """The address alone, without a port, a zone or the form of IPv4 inside IPv6."""
    text = peer.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        message = f"A trusted proxy is an address or a network such as 10.0.0.0/8, not {text!r}."
        raise ServiceError("invalid", message, "trusted_proxies") from None
