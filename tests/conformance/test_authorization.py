"""Our authorization server holds what the protocol's authors test of one."""

import re
import subprocess
from functools import partial

import trio

from tests.conformance.suite import authorization_command, install_in_thread
from tests.support.mcp import McpWorld, free_port, world
from tests.support.oauth import bare_client, browser_of

__all__ = ["world"]

SCENARIOS = ("authorization-server-metadata-endpoint", "authorization-code-grant")
TIMEOUT_SECONDS = 60.0


async def deliver(url: str, port: int) -> None:
    """Goes where the browser is led, as plainly as can be: HTTP clients log the code in it."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream:
        target = url.partition(f":{port}")[2]
        await stream.send_all(f"GET {target} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert b" 200 " in await stream.receive_some()


async def test_the_authorization_server_holds_what_the_protocol_requires(world: McpWorld) -> None:
    await install_in_thread()
    port, browser = free_port(), await browser_of(world)
    client = await bare_client(world, redirect_uris=[f"http://127.0.0.1:{port}/callback"])
    command, environment = authorization_command(
        f"{client.base}/oauth", client.client_id, client.resource, port
    )
    output, sent_to = "", ""
    async with trio.open_nursery() as nursery:
        start = partial(
            trio.run_process,
            command,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        process: trio.Process = await nursery.start(start)
        assert process.stdout is not None, "its output is piped"
        with trio.fail_after(TIMEOUT_SECONDS):
            async for chunk in process.stdout:
                output += chunk.decode()
                asked = re.search(r"http://\S+/oauth/authorize\?\S+\s", output)
                if asked is not None and not sent_to:
                    # It asks for a person at a browser, and prints where to send them.
                    sent_to = await browser.approve(asked[0].strip())
                    await deliver(sent_to, port)
    for scenario in SCENARIOS:
        assert re.search(rf"^✓ {scenario}: [1-9]\d* passed, 0 failed$", output, re.M), output
