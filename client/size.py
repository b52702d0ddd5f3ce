"""A message over the server's bound would end the connection, so it is refused here."""

import msgspec

from client.limits import SUBMISSION_OVERHEAD_BYTES
from ot.compose import compose
from ot.errors import OperationError
from ot.operation import Operation


class SizeBound:
    """Watches that what gathers for the next submission stays within one message."""

    def __init__(self) -> None:
        #: At least the bytes of what has gathered.
        self._gathered = 0

    def has_room(self, a: Operation, buffer: Operation | None, max_message_bytes: int) -> bool:
        """Whether ``a``, after what waits already, goes into one message.

        Raises OperationError ``too_large`` where it does not even by itself.
        """
        most = max_message_bytes - SUBMISSION_OVERHEAD_BYTES
        size = len(msgspec.json.encode(a))
        if size > most:
            raise OperationError("too_large", "This is too much at once; do it in smaller parts.")
        gathered = size + (0 if buffer is None else self._gathered)
        if gathered > most and buffer is not None:
            gathered = len(msgspec.json.encode(compose(buffer, a)))
        if gathered > most:
            return False
        self._gathered = gathered
        return True
