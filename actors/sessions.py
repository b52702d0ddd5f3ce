"""Who listens to a diagram, and who asks something of it."""

from typing import TYPE_CHECKING, Protocol

import msgspec

from actors.ports import Author

if TYPE_CHECKING:
    from actors.events import AnyEvent


class Receiver(Protocol):
    """Somebody an actor answers: a socket's session, or one waiting call."""

    def deliver(self, event: "AnyEvent") -> None:
        """Takes an event at once. Never blocks and never raises."""


class Subscription(msgspec.Struct, frozen=True):
    """A receiver that follows a diagram. ``may_edit`` is what it is told of its permission."""

    receiver: Receiver
    session_id: str
    author: Author
    client_id: str | None = None
    may_edit: bool = True
