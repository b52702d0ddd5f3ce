"""``diagramai mcp``: MCP over stdin and stdout, carried to a running DiagramAI over HTTP.

A plain relay: every message goes on as it came, in whichever protocol era the client speaks, and
so do the answers. All it adds are the HTTP headers that either era asks for, and what it takes that
a restart of the server is nothing but a request that takes longer.
"""

import logging
import signal
import sys
from typing import Final

import anyio
import httpx2
from mcp.server.stdio import stdio_server

from gateway.mcp.relay import Relay
from gateway.mcp.relay_limits import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
from gateway.settings import is_loopback

logger = logging.getLogger(__name__)

_NO_KEY: Final = (
    "DIAGRAMAI_KEY is not set. Make a key with 'diagramai agents create <name>' "
    "and put it into the environment of this command."
)
_BAD_URL: Final = "DIAGRAMAI_URL must be like http://127.0.0.1:8080, not {url!r}."


async def relay_stdio(url: str, key: str) -> None:
    """Serves this process's stdin and stdout until stdin ends."""
    http = httpx2.AsyncClient(
        headers={
            "authorization": f"Bearer {key}",
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
        },
        timeout=httpx2.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS, pool=None),
        limits=httpx2.Limits(max_connections=None),
        # A proxy set for the internet has no way to this machine's own ports.
        trust_env=not is_loopback(httpx2.URL(url).host),
    )
    async with http, stdio_server() as (messages, answers), answers:
        await Relay(http, url, answers, _tell).run(messages)


def _tell(text: str) -> None:
    print(f"diagramai mcp: {text}", file=sys.stderr, flush=True)


def mcp_url(base: str) -> str | None:
    """The address of ``/mcp`` for a server's address; ``None`` if that is none."""
    try:
        url = httpx2.URL(base.strip())
    except httpx2.InvalidURL:
        return None
    if url.scheme not in {"http", "https"} or not url.host:
        return None
    path = url.path.rstrip("/")
    return str(url.copy_with(path=path if path.endswith("/mcp") else f"{path}/mcp"))


def run_stdio(url: str, key: str | None) -> int:
    """Runs the command for the server at ``url`` and returns its exit status."""
    endpoint = mcp_url(url)
    if endpoint is None:
        _tell(_BAD_URL.format(url=url))
        return 2
    key = (key or "").strip()
    if not key or not key.isascii() or not key.isprintable():
        _tell(_NO_KEY)
        return 2
    # It notes every request.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    # Nothing here needs tidying up, and the thread that reads stdin cannot be woken otherwise.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        anyio.run(relay_stdio, endpoint, key, backend="trio")
    except* BrokenPipeError:
        logger.debug("the client has left without waiting for its answers")
    return 0
