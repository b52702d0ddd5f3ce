"""The WebSocket door: who may enter at ``/ws/diagrams``, and the session behind it."""

from collections.abc import Set as AbstractSet

from actors.registry import Registry
from gateway.authentication import Authenticator, fold_headers
from gateway.frame_reader import MAX_MESSAGE_BYTES
from gateway.handshake import SUBPROTOCOL, Handshake, Refusal
from gateway.identity import Principal
from gateway.messages import Welcome
from gateway.service import DiagramService
from gateway.session import Session, new_session_id
from gateway.settings import VERSION
from gateway.websocket_connection import PING_INTERVAL_SECONDS, WebSocketConnection
from persistence.errors import PersistenceError

PATH = "/ws/diagrams"


class SocketDoor:
    """Admits principals and serves their sessions."""

    def __init__(
        self,
        authenticator: Authenticator,
        service: DiagramService,
        registry: Registry,
        hosts: AbstractSet[str],
        origins: AbstractSet[str],
    ) -> None:
        self._authenticator = authenticator
        self._service = service
        self._registry = registry
        self._hosts = hosts
        self._origins = origins

    async def admit(self, handshake: Handshake) -> Principal | Refusal:
        """Checks Host, Origin, path and credentials, in this order."""
        if handshake.host.lower() not in self._hosts:
            return Refusal(421, "wrong_host", "This server does not answer to that host name.")
        origin = handshake.header(b"origin")
        if origin is not None and origin.lower() not in self._origins:
            return Refusal(403, "wrong_origin", "Pages of other sites may not connect.")
        if handshake.path.split("?", 1)[0] != PATH:
            return Refusal(404, "not_found", f"The WebSocket is at {PATH}.")
        try:
            who = await self._authenticator.identify(fold_headers(handshake.headers))
        except PersistenceError:
            return Refusal(503, "unavailable", "The database is away; try again in a moment.")
        if who is None:
            text = "Sign in first, or send an agent's key as 'Authorization: Bearer KEY'."
            challenge = ((b"www-authenticate", b"Bearer"),)
            return Refusal(401, "unauthenticated", text, challenge)
        return who

    async def serve(self, connection: WebSocketConnection, who: Principal) -> None:
        """Converses until the socket closes."""
        session_id = new_session_id()
        welcome = Welcome(
            session_id=session_id,
            client_id=session_id,
            participant=who.author,
            protocol=SUBPROTOCOL,
            server_version=VERSION,
            ping_interval_ms=int(PING_INTERVAL_SECONDS * 1000),
            max_message_bytes=MAX_MESSAGE_BYTES,
        )
        await Session(connection, who, self._service, self._registry, welcome).run()
