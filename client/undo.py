"""Undo and redo of one's own edits: a stack of inverses.

::

    S0 --edit 1--> S1 --edit 2--> S2 (shown)
    S0 <-inverse1- S1 <-inverse2- S2

The newest inverse is valid on what is shown, the one below it on what that leaves, and so on. What
others do is carried down the stack: each inverse is transformed over it and gives way to it.
"""

from collections.abc import Iterable

import msgspec

from client.claims import Claims
from client.hidden import Hidden, as_operation, reveal
from client.limits import MAX_UNDO_STEPS
from ot.diagram import Diagram
from ot.invert import invert
from ot.operation import Operation
from ot.transform import transform


class Step(msgspec.Struct, frozen=True):
    """What takes an edit back, and that edit's number."""

    inverse: Operation
    number: int


class UndoStacks:
    """Edits are numbered by the caller, each higher than the one before."""

    def __init__(self) -> None:
        self._undo: list[Step] = []
        self._redo: list[Step] = []
        #: The newest edit that put no step on the stack: undone or redone.
        self._last_aside = 0

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def peek_undo(self) -> Operation | None:
        """The inverse to apply for an undo; None where there is nothing to take back."""
        return self._undo[-1].inverse if self._undo else None

    def peek_redo(self) -> Operation | None:
        return self._redo[-1].inverse if self._redo else None

    def edited(self, logged: Operation, number: int) -> None:
        """An edit was made; ``logged`` is its log form."""
        step = Step(invert(logged), number)
        if not step.inverse.is_empty():
            _push(self._undo, step)
        self._redo.clear()

    def undone(self, logged: Operation, number: int) -> None:
        """The newest inverse of ``undo`` was applied as an edit."""
        self._last_aside = number
        self._undo.pop()
        _push(self._redo, Step(invert(logged), number))

    def redone(self, logged: Operation, number: int) -> None:
        self._last_aside = number
        self._redo.pop()
        _push(self._undo, Step(invert(logged), number))

    def passed(self, b: Operation, shown: Diagram) -> None:
        """Somebody else's ``b`` was applied to what is shown; ``shown`` is the diagram then."""
        if b.is_empty() or not (self._undo or self._redo):
            return
        self._undo = _carry(self._undo, b, shown)
        self._redo = _carry(self._redo, b, shown)

    def hid(self, hidden: Hidden, durable: int, shown: Diagram) -> None:
        """What others wrote and my edits after number ``durable`` hide.

        Undoing those leads to it, and what is below gives way to it.
        """
        if not hidden:
            return
        older = [step for step in self._undo if step.number <= durable]
        newer = self._undo[len(older) :]
        older = _carry(older, as_operation(hidden), shown)
        # The oldest of my edits hides it first; what those above took back leads to mine.
        self._undo = [*older, *(Step(reveal(each.inverse, hidden), each.number) for each in newer)]

    def refused(self, durable: int, newest: int, rest: Operation) -> None:
        """The edits after number ``durable`` were taken back, of which ``rest`` was done again.

        ``rest``, in log form, is one step from now on. Where that does not lead back to what the
        older steps stand on, there is nothing to undo any more.
        """
        if self._last_aside > durable:
            self.clear()
            return
        self._undo = [step for step in self._undo if step.number <= durable]
        if not rest.is_empty():
            _push(self._undo, Step(invert(rest), newest))
        self._redo.clear()

    def clear(self) -> None:
        self._undo.clear()
        self._redo.clear()


def _push(stack: list[Step], step: Step) -> None:
    stack.append(step)
    if len(stack) > MAX_UNDO_STEPS:
        del stack[0]


def _carry(stack: Iterable[Step], b: Operation, shown: Diagram) -> list[Step]:
    """Each step over ``b``, which wins::

    . <--inverse-- S
    |              |
    b'             b
    |              |
    . <--inverse'- .
    """
    claims = Claims(b, shown)
    out: list[Step] = []
    for step in reversed(list(stack)):
        kept = claims.keep(step.inverse, b)
        inverse = transform(kept, b, False)
        b = transform(b, kept, True)
        if not inverse.is_empty():
            out.append(Step(inverse, step.number))
    return out[::-1]
