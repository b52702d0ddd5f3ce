"""What can go wrong, by stable codes. An edit that does not fit raises ``ot``'s OperationError."""


class ClientError(Exception):
    """``code`` is stable and meant for programs, ``message`` says what to do, ``at`` where."""

    def __init__(self, code: str, message: str, at: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at

    def __str__(self) -> str:
        where = f" (at {self.at})" if self.at else ""
        return f"{self.code}: {self.message}{where}"


class ConnectionFailed(ClientError):
    """There is no connection, and none will come by itself."""


class DiagramUnavailable(ClientError):
    """The diagram is not there for this client: not found, not allowed, deleted, or closed."""


class EditRefused(ClientError):
    """The server refused an edit for good, and it was taken back here."""


class NotSaved(ClientError):
    """Edits are not known to be durable; they are no longer being sent."""


class SessionEnded(Exception):
    """One socket is over; another may be opened. ``retry_after`` is what the server asked for."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
