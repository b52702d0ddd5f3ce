"""Keeping a diagram within its bounds without measuring it at every edit."""

from collections.abc import Iterable

import msgspec

from actors.limits import MAX_DIAGRAM_BYTES, MAX_ELEMENTS
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.lengths import check_text_lengths
from ot.operation import Create, Delete, Operation

#: Operations up to this much are sent without measuring the diagram.
_SNAPSHOT_OVERHEAD_BYTES = 1_024


class SizeGuard:
    """An upper estimate of a diagram's JSON size, made exact before anything is refused."""

    def __init__(self, diagram: Diagram) -> None:
        self.estimated_bytes = _measure(diagram)

    def grow(self, operation_bytes: int) -> None:
        """An operation cannot make the diagram grow by more than its own size."""
        self.estimated_bytes += operation_bytes

    def check(self, diagram: Diagram, a: Operation) -> None:
        """Raises ``diagram_too_large`` or ``string_too_long`` where ``a`` would not fit any more.

        Texts are measured here, where everybody's typing has come together, and not by ``ot``:
        two edits that fit may make one text that does not.
        """
        check_text_lengths(diagram, a)
        created = _created(a)
        if created > 0 and len(diagram.nodes) + len(diagram.edges) + created > MAX_ELEMENTS:
            message = f"A diagram holds at most {MAX_ELEMENTS} nodes and edges; split it."
            raise OperationError("diagram_too_large", message)
        if self.estimated_bytes <= MAX_DIAGRAM_BYTES:
            return
        self.estimated_bytes = _measure(diagram)
        if self.estimated_bytes > MAX_DIAGRAM_BYTES and created >= 0:
            message = f"A diagram's JSON has at most {MAX_DIAGRAM_BYTES} bytes; delete something."
            raise OperationError("diagram_too_large", message)

    def is_less_than_snapshot(self, diagram: Diagram, sizes: Iterable[int]) -> bool:
        """Whether operations of these sizes are less to send than the diagram itself."""
        total = sum(sizes)
        if total <= _SNAPSHOT_OVERHEAD_BYTES:
            return True
        self.estimated_bytes = _measure(diagram)
        return total < self.estimated_bytes


def _created(a: Operation) -> int:
    """How many elements more there are after ``a``."""
    changes = (*a.nodes.values(), *a.edges.values())
    creates = sum(isinstance(change, Create) for change in changes)
    return creates - sum(isinstance(change, Delete) for change in changes)


def _measure(diagram: Diagram) -> int:
    return len(msgspec.json.encode(diagram))
