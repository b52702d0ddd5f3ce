"""What I had seen when I made the edits that are on their way.

It lets the server tell those whose newer values they override, though they are brought up to date
before they arrive.
"""


class Seen:
    """``revision``: what was seen when the oldest edit of what is sent was made."""

    def __init__(self) -> None:
        self.revision: int | None = None
        self._buffer: int | None = None

    def edited(self, revision: int, *, was_awaiting: bool) -> None:
        """An edit was made at ``revision``, where something was on its way already or nothing."""
        if not was_awaiting:
            self.revision = revision
        elif self._buffer is None:
            self._buffer = revision

    def settled(self) -> None:
        """What was sent is answered; the buffer, if there is one, is sent next."""
        self.revision, self._buffer = self._buffer, None

    def joined(self) -> None:
        """Both go as one now."""
        if self.revision is None:
            self.revision = self._buffer
        self._buffer = None
