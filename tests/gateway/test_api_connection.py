"""How connections end: whatever the client does, none is left open and no answer is lost."""

import trio

from gateway.api.lingering import LINGER_SECONDS
from gateway.front_door import FrontDoorSettings
from persistence.bridge import Bridge
from tests.support.api import Api, serve_api


async def open_stream(api: Api) -> trio.SocketStream:
    host, _, port = api.url.removeprefix("http://").partition(":")
    return await trio.open_tcp_stream(host, int(port))


def head(api: Api, line: str, *headers: str) -> bytes:
    """The head of a request."""
    host = api.url.removeprefix("http://")
    return "\r\n".join([f"{line} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


async def read_answer(stream: trio.SocketStream) -> bytes:
    """One answer, whose body is an envelope."""
    answer = b""
    while not answer.endswith(b"}"):
        part = await stream.receive_some()
        assert part, answer
        answer += part
    return answer


async def read_to_end(stream: trio.SocketStream) -> bytes:
    """Everything until the server hangs up."""
    return b"".join([part async for part in stream])


async def test_a_connection_that_falls_silent_is_hung_up_on(bridge: Bridge) -> None:
    settings = FrontDoorSettings(keep_alive_seconds=0.2)
    async with serve_api(bridge, settings) as api, await open_stream(api) as stream:
        with trio.fail_after(10):
            for _ in range(3):
                await stream.send_all(head(api, "GET /api/version"))
                assert (await read_answer(stream)).startswith(b"HTTP/1.1 200 ")
            assert await read_to_end(stream) == b""


async def test_a_client_that_stops_in_the_midst_of_a_refused_body_is_hung_up_on(api: Api) -> None:
    async with await open_stream(api) as stream:
        await stream.send_all(head(api, "POST /api/diagrams", "Content-Length: 9") + b"x")
        with trio.fail_after(LINGER_SECONDS + 10):
            answer = await read_to_end(stream)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'"unauthenticated"' in answer


async def test_a_client_that_sends_the_whole_of_a_refused_body_gets_the_answer(api: Api) -> None:
    size = 4 * 1024 * 1024
    async with await open_stream(api) as stream:
        with trio.fail_after(20):
            await stream.send_all(head(api, "POST /api/diagrams", f"Content-Length: {size}"))
            await stream.send_all(b" " * size)
            assert (await read_answer(stream)).startswith(b"HTTP/1.1 401 ")
            await stream.send_all(head(api, "GET /api/version"))
            assert (await read_answer(stream)).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_leaves_before_its_answer_disturbs_nobody(api: Api) -> None:
    for _ in range(5):
        async with await open_stream(api) as stream:
            await stream.send_all(head(api, "GET /api/health"))
    async with api.client() as client:
        assert (await client.get("/api/health")).status_code == 200
