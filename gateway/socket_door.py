"""The WebSocket door: who may enter at ``/ws/diagrams``, and the session behind it."""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
import trio

from gateway import messages
from gateway.authentication import bearer_token, fold_headers
from gateway.codec import decode, frame
from gateway.errors import ServiceError
from gateway.frame_reader import MAX_MESSAGE_BYTES
from gateway.handshake import SUBPROTOCOL, Handshake, Refusal
from gateway.identity import Principal
from gateway.proxies import Proxies
from gateway.session import SIGNED_OUT, Session, Surroundings, new_session_id
from gateway.settings import VERSION
from gateway.websocket_connection import PING_INTERVAL_SECONDS, WebSocketConnection
from persistence.errors import PersistenceError

PATH = "/ws/diagrams"
#: Seconds for one who came without credentials to say hello with a token.
HELLO_TIMEOUT_SECONDS: Final = 5.0
#: Bytes of a message until then.
MAX_HELLO_BYTES: Final = 16 * 1024
#: Connections at a time that have not said yet who they are.
MAX_STRANGERS: Final = 200

_UNAUTHENTICATED: Final = (
    "Sign in first, send an agent's key as 'Authorization: Bearer KEY', or say hello with a token."
)


class Visitor(msgspec.Struct, frozen=True):
    """Somebody who may open a socket; one without ``who`` is going to say who it is."""

    who: Principal | None
    address: str


class SocketDoor:
    """Admits principals and serves their sessions."""

    def __init__(
        self,
        around: Surroundings,
        hosts: AbstractSet[str],
        origins: AbstractSet[str],
        proxies: Proxies | None = None,
    ) -> None:
        self._around = around
        self._authenticator = around.authenticator
        self._hosts = hosts
        self._origins = origins
        self._proxies = proxies or Proxies()
        self._strangers = 0

    async def admit(self, handshake: Handshake) -> Visitor | Refusal:
        """Checks Host, Origin, path and credentials, in this order."""
        if handshake.host.lower() not in self._hosts:
            return Refusal(421, "wrong_host", "This server does not answer to that host name.")
        origin = handshake.header(b"origin")
        if origin is not None and origin.lower() not in self._origins:
            return Refusal(403, "wrong_origin", "Pages of other sites may not connect.")
        if handshake.path.split("?", 1)[0] != PATH:
            return Refusal(404, "not_found", f"The WebSocket is at {PATH}.")
        headers = fold_headers(handshake.headers)
        address = self._proxies.address_of(handshake.peer, headers)
        try:
            who = await self._authenticator.identify(headers, address)
        except PersistenceError:
            return Refusal(503, "unavailable", "The database is away; try again in a moment.")
        except ServiceError as error:
            return _refusal(error)
        if who is not None:
            return self._admit_known(who, address)
        if bearer_token(headers) is None and self._authenticator.takes_tokens:
            return self._admit_stranger(address)
        challenge = ((b"www-authenticate", b"Bearer"),)
        return Refusal(401, "unauthenticated", _UNAUTHENTICATED, challenge)

    def _admit_known(self, who: Principal, address: str) -> Visitor | Refusal:
        try:
            self._around.service.trail.holdings.check_connection(who)
        except ServiceError as error:
            return _refusal(error)
        return Visitor(who, address)

    def _admit_stranger(self, address: str) -> Visitor | Refusal:
        if self._strangers >= MAX_STRANGERS:
            message = "Too many connections; try again in a few seconds."
            return Refusal(503, "overloaded", message, ((b"retry-after", b"5"),))
        return Visitor(None, address)

    async def serve(self, connection: WebSocketConnection, visitor: Visitor) -> None:
        """Converses until the socket closes."""
        if visitor.who is not None:
            await self._converse(connection, visitor.who, ())
        elif introduced := await self._introduce(connection, visitor):
            await self._converse(connection, *introduced)

    async def _converse(
        self, connection: WebSocketConnection, who: Principal, first: Sequence[bytes]
    ) -> None:
        session_id = new_session_id()
        welcome = messages.Welcome(
            session_id=session_id,
            client_id=session_id,
            participant=who.author,
            protocol=SUBPROTOCOL,
            server_version=VERSION,
            ping_interval_ms=int(PING_INTERVAL_SECONDS * 1000),
            max_message_bytes=MAX_MESSAGE_BYTES,
        )
        await Session(connection, who, self._around, welcome).run(first)

    async def _introduce(
        self, connection: WebSocketConnection, stranger: Visitor
    ) -> tuple[Principal, list[bytes]] | None:
        """Who it is, by the token in its first message, and what it has said; else it is closed."""
        self._strangers += 1
        connection.bound_messages(MAX_HELLO_BYTES)
        try:
            with trio.move_on_after(HELLO_TIMEOUT_SECONDS):
                said = await connection.receive_batch()
                who = await self._identify(said[0], stranger)
                if who is not None:
                    connection.bound_messages()
                    return who, said
        finally:
            self._strangers -= 1
        error = messages.Error("unauthenticated", _UNAUTHENTICATED, "token")
        connection.send_nowait(frame(error))
        await connection.aclose(SIGNED_OUT, "unauthenticated")
        return None

    async def _identify(self, said: bytes, stranger: Visitor) -> Principal | None:
        """Whatever is wrong with what was said, the answer is the same."""
        try:
            message = decode(said)
            if not isinstance(message, messages.Hello) or message.token is None:
                return None
            who = await self._authenticator.identify_bearer(message.token, stranger.address)
            if who is not None:
                self._around.service.trail.holdings.check_connection(who)
            return who
        except (ServiceError, PersistenceError):
            return None


def _refusal(error: ServiceError) -> Refusal:
    if error.code == "too_many_connections":
        return Refusal(429, "too_many_connections", error.message, ((b"retry-after", b"5"),))
    if error.code == "rate_limited":
        seconds = math.ceil(error.retry_after_seconds or 1)
        after = (b"retry-after", str(seconds).encode())
        return Refusal(429, "rate_limited", error.message, (after,))
    return Refusal(503, "unavailable", error.message)
