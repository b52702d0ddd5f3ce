"""An inverse gives way to whatever others have done since.

Between edits that are made at once a deletion wins over an update, and a value over an edit of the
text that it replaces. An inverse is not made at once with what came later: what somebody has since
edited, typed into or pointed at must not go because I take back what I did before.
"""

from collections.abc import Callable

from msgspec import UNSET

from ot.diagram import Diagram, Json
from ot.footprint import referred_nodes
from ot.operation import (
    Change,
    Changes,
    Delete,
    Operation,
    PropertiesChange,
    Replace,
    Text,
    Update,
    Write,
    Writes,
)
from ot.pointer import is_below
from ot.references import edge_references, node_references


class Claims:
    """What somebody's operation claims. Made for one operation, used down a whole stack."""

    def __init__(self, b: Operation, shown: Diagram) -> None:
        """``shown`` is the diagram on which ``b`` is valid, or was until it was applied."""
        self._shown = shown
        self._nodes = {key for key, change in b.nodes.items() if not isinstance(change, Delete)}
        self._nodes.update(referred_nodes(b))
        self._edges = {key for key, change in b.edges.items() if not isinstance(change, Delete)}
        #: Paths by target at which older inverses have nothing to do any more; ``""`` for all.
        self._paths: dict[str, set[str]] = {}

    def keep(self, inverse: Operation, b: Operation) -> Operation:
        """The inverse without what is claimed, what that in turn needs, and what would write over.

        ``b`` is the other's operation where the inverse is valid.
        """
        edges = _without(inverse.edges, self._is_kept_edge)
        nodes = inverse.nodes
        # A child that stays needs its parent, wherever in the operation that stands.
        while len(fewer := _without(nodes, self._is_kept_node)) < len(nodes):
            nodes = fewer
        return Operation(
            self._yield_properties(inverse.diagram, b.diagram),
            self._yield_changes("node", nodes, b.nodes),
            self._yield_changes("edge", edges, b.edges),
        )

    def _is_kept_edge(self, identifier: str, change: Change) -> bool:
        if not isinstance(change, Delete) or identifier not in self._edges:
            return False
        was = None if change.was is UNSET else change.was
        self._need(*edge_references(was), *edge_references(self._shown.edges.get(identifier)))
        return True

    def _is_kept_node(self, identifier: str, change: Change) -> bool:
        if not isinstance(change, Delete) or identifier not in self._nodes:
            return False
        was = None if change.was is UNSET else change.was
        self._need(*node_references(was), *node_references(self._shown.nodes.get(identifier)))
        return True

    def _need(self, *references: Json) -> None:
        self._nodes.update(each for each in references if isinstance(each, str))

    def _yield_changes(self, target: str, changes: Changes, theirs: Changes) -> Changes:
        if not theirs and not self._paths:
            return changes
        out: Changes = {}
        for identifier, change in changes.items():
            left = self._yield(f"{target} {identifier}", change, theirs.get(identifier))
            if left is not None:
                out[identifier] = left
        return out

    def _yield_properties(
        self, mine: PropertiesChange | None, theirs: PropertiesChange | None
    ) -> PropertiesChange | None:
        left = None if mine is None else self._yield("diagram", mine, theirs)
        return left if isinstance(left, Update | Replace) else None

    def _yield(self, place: str, mine: Change, theirs: Change | None) -> Change | None:
        """What is left of a change of mine where theirs has been made since."""
        if isinstance(mine, Replace):
            if theirs is None and place not in self._paths:
                return mine
            self._claim(place, "")
            return None
        return self._yield_writes(place, mine, theirs) if isinstance(mine, Update) else mine

    def _yield_writes(self, place: str, mine: Update, theirs: Change | None) -> Update | None:
        written = theirs.writes if isinstance(theirs, Update) else {}
        left: Writes = {}
        for path, write in mine.writes.items():
            if _is_written_over(path, write, written):
                self._claim(place, path)
            elif not self._is_claimed(place, path):
                left[path] = write
        if len(left) == len(mine.writes):
            return mine
        return Update(left) if left else None

    def _claim(self, place: str, path: str) -> None:
        self._paths.setdefault(place, set()).add(path)

    def _is_claimed(self, place: str, path: str) -> bool:
        return any(
            claimed == path or is_below(path, claimed) or is_below(claimed, path)
            for claimed in self._paths.get(place, ())
        )


def _is_written_over(path: str, mine: Write, theirs: Writes) -> bool:
    """Whether my value would replace what they typed, or what they wrote inside it."""
    return not isinstance(mine, Text) and any(
        is_below(other, path) or (other == path and isinstance(write, Text))
        for other, write in theirs.items()
    )


def _without(changes: Changes, is_out: Callable[[str, Change], bool]) -> Changes:
    return {key: change for key, change in changes.items() if not is_out(key, change)}
