"""A site, what its agents and people have open, and how that ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
import trio
import trio_websocket

from gateway.identity import FULL_ACCESS
from gateway.local_access import MAX_RATE_LIMIT, NewAgent, create_agent
from tests.support.serving import Site
from tests.support.socket_client import Socket, open_socket

#: What is promised.
PROMPTLY_SECONDS: Final = 1.0
#: For the machine that the tests run on, which has much to do.
SLACK_SECONDS: Final = 2.0


async def join(socket: Socket, diagram_id: str) -> dict[str, Any]:
    await socket.send({"type": "subscribe", "diagram_id": diagram_id})
    return await socket.receive_kind("snapshot")


async def closed(socket: Socket) -> tuple[int, str]:
    """The close code and its reason, once it comes; what is said before is passed over."""
    with trio.fail_after(PROMPTLY_SECONDS + SLACK_SECONDS):
        while True:
            try:
                await socket.connection.get_message()
            except trio_websocket.ConnectionClosed:
                break
    reason = socket.connection.closed
    assert reason is not None, "the server says why"
    return reason.code, str(reason.reason)


@asynccontextmanager
async def agent_socket(site: Site, key: str) -> AsyncIterator[Socket]:
    async with open_socket(site.socket_url, {"authorization": f"Bearer {key}"}) as socket:
        yield socket


def http(site: Site, **headers: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=site.serving.base_url, headers=headers, trust_env=False, timeout=20
    )


async def agent(site: Site, name: str, **more: Any) -> NewAgent:
    """A new agent that nothing else limits."""
    return await create_agent(
        site.serving.credentials, name, [FULL_ACCESS], rate_limit=MAX_RATE_LIMIT, **more
    )


@asynccontextmanager
async def rejected_socket(site: Site, headers: dict[str, str]) -> AsyncIterator[None]:
    """trio hides what a nursery raises inside a group."""
    try:
        async with open_socket(site.socket_url, headers):
            yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
