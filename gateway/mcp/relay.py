"""The relay between a client's pipes and a server: who carries which message, and how often."""

from collections.abc import AsyncIterable, Callable
from contextlib import aclosing
from typing import Final, Protocol

import anyio
import httpx2
from anyio.abc import TaskGroup
from mcp.shared.jsonrpc_dispatcher import cancelled_request_id_from_params
from mcp.shared.message import SessionMessage
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)

from gateway.mcp.relay_limits import MAX_LISTENING, MAX_REQUESTS, PATIENCE_SECONDS
from gateway.mcp.relay_listening import LISTEN, Listening
from gateway.mcp.relay_session import RelaySession
from gateway.mcp.relay_wire import Backoff, Failed, NotNow, SessionLost, Wire, error_answer
from gateway.mcp_headers import EraHeaders

_UNKNOWN_OUTCOME: Final = (
    "The connection to DiagramAI broke before it answered, so the edit may or may not have been "
    "made. Read the diagram, then decide whether to repeat it."
)
_NO_MESSAGE: Final = ErrorData(code=PARSE_ERROR, message="A line is one JSON-RPC message.")
_TOO_MANY: Final = ErrorData(
    code=INVALID_REQUEST, message=f"At most {MAX_LISTENING} requests listen at a time; end some."
)


class Answers(Protocol):
    """Where messages for the client go."""

    async def send(self, item: SessionMessage, /) -> None: ...


class Relay:
    """Carries messages between a client's two streams and one URL."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        url: str,
        answers: Answers,
        tell: Callable[[str], None],
    ) -> None:
        self._answers = answers
        self._wire = Wire(http, url, tell)
        self._session = RelaySession(self._wire, EraHeaders(), self._deliver)
        self._slots = anyio.Semaphore(MAX_REQUESTS)
        self._listening: set[RequestId] = set()
        self._under_way: dict[RequestId, anyio.CancelScope] = {}

    async def run(self, messages: AsyncIterable[SessionMessage | Exception]) -> None:
        """Relays until the client has no more to say and every answer is out."""
        async with anyio.create_task_group() as streams:
            streams.start_soon(self._session.listen)
            async with anyio.create_task_group() as tasks:
                async for item in messages:
                    if isinstance(item, SessionMessage):
                        await self._take(item.message, tasks)
                    else:
                        await self._deliver(error_answer(None, _NO_MESSAGE))
                for identifier in list(self._listening):
                    self._hang_up(identifier)
            await self._session.end()
            streams.cancel_scope.cancel()

    async def _take(self, message: JSONRPCMessage, tasks: TaskGroup) -> None:
        if isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            self._hang_up(cancelled_request_id_from_params(message.params))
            if self._session.identifier is None:
                # The server has nothing but the hanging up by which it would know the request.
                return
        if not isinstance(message, JSONRPCRequest):
            # Answers to the server's questions must not wait for the very calls that ask.
            tasks.start_soon(self._carry, message)
            return
        scope = anyio.CancelScope()
        if message.method == LISTEN:
            if len(self._listening) >= MAX_LISTENING:
                await self._deliver(error_answer(message.id, _TOO_MANY))
                return
            self._listening.add(message.id)
        else:
            await self._slots.acquire()
        self._under_way[message.id] = scope
        tasks.start_soon(self._carry_request, message, scope)

    def _hang_up(self, identifier: RequestId | None) -> None:
        scope = None if identifier is None else self._under_way.get(identifier)
        if scope is not None:
            scope.cancel()

    async def _carry_request(self, message: JSONRPCRequest, scope: anyio.CancelScope) -> None:
        try:
            with scope:
                await self._carry(message)
        finally:
            if message.method == LISTEN:
                self._listening.discard(message.id)
            else:
                self._slots.release()
            if self._under_way.get(message.id) is scope:
                del self._under_way[message.id]

    async def _carry(self, message: JSONRPCMessage) -> None:
        try:
            if isinstance(message, JSONRPCRequest) and message.method == LISTEN:
                headers = self._session.headers_of(message)
                await Listening(self._wire, message, headers, self._deliver).run()
            else:
                await self._exchange(message)
        except Failed as failure:
            if isinstance(message, JSONRPCRequest):
                await self._deliver(error_answer(message.id, failure.error))

    async def _exchange(self, message: JSONRPCMessage) -> None:
        """Sends and delivers the answer; waits for a server that is away. Raises Failed."""
        deadline = anyio.current_time() + PATIENCE_SECONDS
        backoff = Backoff()
        while True:
            session = self._session.identifier
            try:
                await self._send(message)
            except (httpx2.ConnectError, httpx2.ConnectTimeout, NotNow) as error:
                reason = str(error) or type(error).__name__
            except SessionLost:
                # A restart. Whatever is no request was for the session that is gone.
                await self._session.try_reopen(session)
                reason = "its session is gone"
                if not isinstance(message, JSONRPCRequest):
                    return
            except httpx2.RequestError as error:
                if _is_tool_call(message):
                    raise Failed(CONNECTION_CLOSED, _UNKNOWN_OUTCOME) from error
                reason = str(error) or type(error).__name__
            else:
                return
            text = self._wire.tell_unreachable(reason)
            if anyio.current_time() >= deadline:
                raise Failed(CONNECTION_CLOSED, text)
            await backoff.wait()

    async def _send(self, message: JSONRPCMessage) -> None:
        headers = self._session.headers_of(message)
        async with self._wire.request("POST", message, headers) as response:
            self._session.note_sent(message)
            if not isinstance(message, JSONRPCRequest):
                return
            async with aclosing(self._wire.messages(response)) as messages:
                async for answer in messages:
                    if isinstance(answer, JSONRPCError):
                        # A request that was refused unread is answered without its id.
                        await self._deliver(error_answer(message.id, answer.error))
                        return
                    self._session.learn(message, answer, response)
                    await self._deliver(answer)
                    if isinstance(answer, JSONRPCResponse):
                        return
        raise Failed(CONNECTION_CLOSED, "DiagramAI ended its answer too early; try again.")

    async def _deliver(self, message: JSONRPCMessage) -> None:
        await self._answers.send(SessionMessage(message))


def _is_tool_call(message: JSONRPCMessage) -> bool:
    """Whether sending it twice could do something twice."""
    return isinstance(message, JSONRPCRequest) and message.method == "tools/call"
