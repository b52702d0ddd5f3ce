"""What a diagram needs of its connection."""

from typing import Protocol, TypeVar

from client.messages import Outbound
from client.replica import Submitter

DiagramT_contra = TypeVar("DiagramT_contra", contravariant=True)


class Link(Protocol[DiagramT_contra]):
    """The connection, as its diagrams see it."""

    @property
    def submitter(self) -> Submitter | None:
        """Who submits; None before the first `welcome`."""

    @property
    def max_message_bytes(self) -> int:
        """The largest message that the server takes."""

    def send(self, message: Outbound) -> None:
        """Sends it, or loses it where there is no connection."""

    def send_encoded(self, message: bytes) -> None:
        """As ``send``."""

    def resubscribe(self, diagram: DiagramT_contra) -> None:
        """Asks where the diagram stands, where there is a connection."""

    def restart(self, reason: str) -> None:
        """Ends the socket, and comes back."""
