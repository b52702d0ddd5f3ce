"""Fetching from an address that a stranger chose, so that it reaches nothing but the open internet.

The name is looked up once, every address found has to be a public one, and the connection goes to
exactly those: a name that means something else a moment later leads nowhere else. No redirects.
"""

import ipaddress
import ssl
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import h11
import trio

from gateway.oauth.limits import DOCUMENT_TIMEOUT_SECONDS, MAX_DOCUMENT_BYTES
from gateway.public_addresses import NotPublicError, is_public, look_up

_HTTPS_PORT: Final = 443
_CHUNK_BYTES: Final = 16 * 1024


class NotFetched(Exception):
    """Why, for the log and for who wrote the document."""


class Fetcher:
    """``allow_loopback`` and a ``context`` of one's own are for servers on this machine."""

    def __init__(
        self, *, allow_loopback: bool = False, context: ssl.SSLContext | None = None
    ) -> None:
        self._allow_loopback = allow_loopback
        self._context = context or ssl.create_default_context()

    async def fetch(self, url: str) -> bytes:
        """The JSON document at an https address. Raises NotFetched."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
        try:
            with trio.fail_after(DOCUMENT_TIMEOUT_SECONDS):
                stream = await self._connect(await self._addresses(host, port), port)
                async with stream:
                    secured = trio.SSLStream(
                        stream, self._context, server_hostname=host, https_compatible=True
                    )
                    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                    return await _get(secured, parts.netloc, target)
        except trio.TooSlowError:
            raise NotFetched(f"it takes more than {DOCUMENT_TIMEOUT_SECONDS:g} s") from None
        except (OSError, trio.BrokenResourceError, h11.ProtocolError) as error:
            raise NotFetched(str(error) or type(error).__name__) from error

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return await look_up(host, port, self._is_allowed)
        except NotPublicError:
            raise NotFetched("its host is not on the open internet") from None

    def _is_allowed(self, text: str) -> bool:
        if self._allow_loopback and ipaddress.ip_address(text.partition("%")[0]).is_loopback:
            return True
        return is_public(text)

    async def _connect(self, addresses: Sequence[str], port: int) -> trio.SocketStream:
        failure: OSError | None = None
        for address in addresses:
            try:
                return await trio.open_tcp_stream(address, port)
            except OSError as error:
                failure = error
        assert failure is not None, "there is at least one address"
        raise failure


async def _get(stream: trio.SSLStream[trio.SocketStream], host: str, target: str) -> bytes:
    """The body of a good answer. Raises NotFetched, OSError, h11.ProtocolError and trio's."""
    http = h11.Connection(h11.CLIENT)
    headers = [
        ("Host", host),
        ("Accept", "application/json"),
        ("User-Agent", "DiagramAI"),
        ("Connection", "close"),
    ]
    asked = http.send(h11.Request(method="GET", target=target, headers=headers))
    await stream.send_all((asked or b"") + (http.send(h11.EndOfMessage()) or b""))
    body = bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(bytes(await stream.receive_some(_CHUNK_BYTES)))
        elif isinstance(event, h11.Response):
            _check_answer(event)
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_DOCUMENT_BYTES:
                raise NotFetched(f"it has more than {MAX_DOCUMENT_BYTES} bytes")
        elif isinstance(event, h11.EndOfMessage):
            return bytes(body)
        elif isinstance(event, h11.ConnectionClosed):
            raise NotFetched("it ends too early")


def _check_answer(response: h11.Response) -> None:
    if response.status_code != 200:
        raise NotFetched(f"it answers with the status {response.status_code}")
    kinds = [value.decode("latin-1") for name, value in response.headers if name == b"content-type"]
    kind = kinds[0].partition(";")[0].strip().lower() if kinds else ""
    if kind != "application/json" and not kind.endswith("+json"):
        raise NotFetched("it is not application/json")
