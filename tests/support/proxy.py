"""A wire to Postgres that a test can hold up and cut, on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.parse import parse_qs, urlsplit

import trio

_CHUNK = 64 * 1024


class Link:
    """One connection through the proxy."""

    def __init__(self, client: trio.SocketStream, server: trio.SocketStream) -> None:
        self._client = client
        self._server = server
        self.requests = Gate()
        self.answers = Gate()

    async def pump(self) -> None:
        """Passes bytes both ways until both sides have ended."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_pump, self._client, self._server, self.requests)
            nursery.start_soon(_pump, self._server, self._client, self.answers)

    async def cut_client(self) -> None:
        """The program loses the connection; the server has not noticed yet."""
        await trio.aclose_forcefully(self._client)

    async def close(self) -> None:
        await trio.aclose_forcefully(self._client)
        await trio.aclose_forcefully(self._server)


class Gate:
    """Open, or holding back whatever arrives."""

    def __init__(self) -> None:
        self._open = trio.Event()
        self._open.set()
        self.held_bytes = 0
        self._arrived = trio.Event()

    def hold(self) -> None:
        self._open = trio.Event()

    def release(self) -> None:
        self._open.set()

    async def wait_held(self) -> None:
        """Returns once something has arrived and is held."""
        await self._arrived.wait()

    async def wait_open(self, data: bytes) -> None:
        if not self._open.is_set():
            self.held_bytes += len(data)
            self._arrived.set()
            await self._open.wait()


async def _pump(source: trio.SocketStream, sink: trio.SocketStream, gate: Gate) -> None:
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        while data := await source.receive_some(_CHUNK):
            await gate.wait_open(data)
            await sink.send_all(data)
        await sink.send_eof()


class Proxy:
    """Where to connect instead, and the connections made so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.links: list[Link] = []
        self._is_refusing = False

    def refuse_connections(self) -> None:
        """New connections are closed at once, as if nobody were there."""
        self._is_refusing = True

    def accept_connections(self) -> None:
        self._is_refusing = False

    async def serve(self, client: trio.SocketStream, socket_path: str) -> None:
        """One new connection, until it ends."""
        if self._is_refusing:
            await client.aclose()
            return
        link = Link(client, await trio.open_unix_socket(socket_path))
        self.links.append(link)
        await link.pump()

    async def close(self) -> None:
        for link in self.links:
            link.requests.release()
            link.answers.release()
            await link.close()


@asynccontextmanager
async def open_proxy(server_url: str) -> AsyncIterator[Proxy]:
    """A proxy to the server behind ``server_url``, which names a folder with its socket."""
    parts = urlsplit(server_url)
    socket_path = parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432"
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    proxy = Proxy(f"postgresql://postgres@127.0.0.1:{port}{parts.path}?sslmode=disable")

    async with trio.open_nursery() as nursery:
        handler = partial(proxy.serve, socket_path=socket_path)
        nursery.start_soon(trio.serve_listeners, handler, [listener])
        try:
            yield proxy
        finally:
            await proxy.close()
            nursery.cancel_scope.cancel()
