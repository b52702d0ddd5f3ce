"""Who else is here and what they do; and what this client shows of itself."""

from typing import Any

import msgspec

from client.errors import ClientError
from client.limits import MAX_PEERS, MAX_PRESENCE_BYTES
from client.messages import Author, PresenceShown, ShowPresence, encode


class Peer(msgspec.Struct, frozen=True):
    """Somebody else's session. ``state`` is what it shows: not checked, by convention ``cursor``,
    ``selection`` and ``activity``."""

    session_id: str
    participant: Author
    state: dict[str, Any]


class Peers:
    """Sessions of others, by id."""

    def __init__(self) -> None:
        self._peers: dict[str, Peer] = {}

    @property
    def list(self) -> tuple[Peer, ...]:
        return tuple(self._peers.values())

    def shown(self, message: PresenceShown) -> None:
        session_id = message.session_id
        if message.state is None:
            self._peers.pop(session_id, None)
        elif session_id in self._peers or len(self._peers) < MAX_PEERS:
            self._peers[session_id] = Peer(session_id, message.participant, message.state)

    def clear(self) -> None:
        self._peers.clear()


def check_presence(diagram_id: str, state: dict[str, Any]) -> None:
    """Raises ClientError where the server would refuse it for its size."""
    if len(encode(ShowPresence(diagram_id, state))) > MAX_PRESENCE_BYTES:
        raise ClientError("presence_too_large", "Show less: fewer ids, a shorter activity.")
