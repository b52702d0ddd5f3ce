"""The newest operations of a diagram, kept in memory to transform late ones against."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from actors.events import CommittedOperation
from actors.limits import HISTORY_LENGTH, MAX_FOOTPRINT_IDS
from ot.footprint import Footprints
from ot.operation import Operation


class History:
    """Consecutive operations up to the head; ``floor`` is the revision before the oldest one."""

    def __init__(self, floor: int, length: int = HISTORY_LENGTH) -> None:
        self._operations: deque[CommittedOperation] = deque()
        self._length = length
        self._footprints = Footprints()
        #: The footprints of all operations after this revision are known.
        self._footprints_since = floor
        self.floor = floor

    @property
    def head(self) -> int:
        return self.floor + len(self._operations)

    def append(self, operation: CommittedOperation) -> None:
        """Adds the next revision."""
        self._operations.append(operation)
        self._footprints.add(operation.operation, operation.entry.revision)
        if len(self._footprints) > MAX_FOOTPRINT_IDS:
            self._footprints = Footprints()
            self._footprints_since = operation.entry.revision

    def pop(self) -> CommittedOperation:
        """Takes the newest one back, which never became durable."""
        return self._operations.pop()

    def trim(self, durable_revision: int) -> None:
        """Forgets the oldest; what is not durable yet stays."""
        while len(self._operations) > self._length and self.floor < durable_revision:
            self._operations.popleft()
            self.floor += 1

    def may_meet(self, a: Operation, since: int) -> bool:
        """Whether ``a``, made at ``since``, may have to be transformed over what came after.

        What was taken back still counts: a needless yes costs time, nothing else.
        """
        return since < self._footprints_since or self._footprints.may_meet(a, since)

    def since(self, revision: int, up_to: int | None = None) -> Sequence[CommittedOperation]:
        """Operations with ``revision < theirs <= up_to``; ``revision`` must reach the floor."""
        assert revision >= self.floor, "the caller has read older ones from the journal"
        missing = (self.head if up_to is None else up_to) - revision
        if missing <= 0:
            return ()
        if up_to is None:
            newest = list(islice(reversed(self._operations), missing))
            newest.reverse()
            return newest
        start = revision - self.floor
        return list(islice(self._operations, start, start + missing))

    def __iter__(self) -> Iterator[CommittedOperation]:
        return iter(self._operations)

    def __len__(self) -> int:
        return len(self._operations)
