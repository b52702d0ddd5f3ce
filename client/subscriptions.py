"""The order in which diagrams are subscribed to.

The server answers with a diagram's own id, also where another name was asked for. So of those whose
own id is not known yet only one is asked for at a time: the new id is that one's.
"""

from collections import deque

from client.diagram import LiveDiagram
from client.messages import DiagramMessage, Refused, Snapshot, Subscribed


class Subscriptions:
    """``unresolved``: the one that is asked for by a name that may not be its own."""

    def __init__(self) -> None:
        self.unresolved: LiveDiagram | None = None
        self._queue: deque[tuple[LiveDiagram, bool]] = deque()

    def add(self, diagram: LiveDiagram, *, is_new_socket: bool) -> None:
        if diagram.is_resolved or diagram is self.unresolved:
            diagram.ask(is_new_socket=is_new_socket)
            return
        self._queue.append((diagram, is_new_socket))
        self._next()

    def answered(self, diagram: LiveDiagram, message: DiagramMessage) -> None:
        """To be called once the diagram has its answer, which tells it its own id."""
        if diagram is self.unresolved and isinstance(message, Snapshot | Subscribed | Refused):
            self.unresolved = None
            self._next()

    def remove(self, diagram: LiveDiagram) -> None:
        self._queue = deque(each for each in self._queue if each[0] is not diagram)
        if diagram is self.unresolved:
            self.unresolved = None
        self._next()

    def clear(self) -> None:
        """The socket is gone, and all that was asked with it."""
        self._queue.clear()
        self.unresolved = None

    def _next(self) -> None:
        if self.unresolved is None and self._queue:
            self.unresolved, is_new_socket = self._queue.popleft()
            self.unresolved.ask(is_new_socket=is_new_socket)
