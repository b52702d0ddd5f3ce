"""Where mine gave way: told once, whoever saw it."""

from collections import deque

import msgspec
from msgspec import UNSET, UnsetType

from client.limits import MAX_CONFLICTS, MAX_OWN_REVISIONS
from client.messages import Author, ConflictDetected
from ot.conflicts import Lost, TargetKind
from ot.diagram import Json
from ot.footprint import deleted_nodes
from ot.operation import Change, Delete, Operation


class Conflict(msgspec.Struct, frozen=True):
    """A value of mine that a merge dropped. ``by`` is who wrote what stands.

    ``path`` is empty where the whole element is meant; ``kept`` is unset where the value is gone,
    ``dropped`` where mine was a deletion.
    """

    kind: str
    target: TargetKind
    id: str
    path: str
    by: Author
    kept: Json | UnsetType = UNSET
    dropped: Json | UnsetType = UNSET


class Conflicts:
    """The newest conflicts, oldest first, one for each place and opponent."""

    def __init__(self) -> None:
        self.list: tuple[Conflict, ...] = ()
        self._told: deque[bytes] = deque(maxlen=MAX_CONFLICTS)
        self._own: dict[int, Operation] = {}

    def lost(self, lost: Lost, by: Author) -> None:
        """Something of mine that waits gives way here, and the server never sees it."""
        place = (lost.kind, lost.target, lost.id, lost.path)
        self._add(Conflict(*place, by, lost.kept, lost.dropped))

    def detected(self, message: ConflictDetected, me: Author) -> None:
        """The server has merged two edits; one of them may be mine."""
        if self._is_loser(message, me):
            place = (message.kind, message.target, message.id, message.path)
            self._add(Conflict(*place, message.kept_author, message.kept, message.dropped))

    def made(self, revision: int, a: Operation) -> None:
        """An edit of mine is durable: it tells which of my connections a conflict is about."""
        self._own[revision] = a
        if len(self._own) > MAX_OWN_REVISIONS:
            del self._own[next(iter(self._own))]

    def dismiss(self, conflict: Conflict) -> None:
        self.list = tuple(each for each in self.list if each is not conflict)

    def _add(self, conflict: Conflict) -> None:
        key = msgspec.json.encode(conflict)
        if key in self._told:
            return
        self._told.append(key)
        others = [each for each in self.list if _place(each) != _place(conflict)]
        self.list = (*others, conflict)[-MAX_CONFLICTS:]

    def _is_loser(self, message: ConflictDetected, me: Author) -> bool:
        """All connections of one agent are one author: where both sides are me, look closer."""
        if not message.dropped_author.is_same(me):
            return False
        mine = self._own.get(message.revision)
        if message.kept_author.is_same(me):
            return self._has_written(message) if mine is None else _is_gone(message, mine)
        return mine is not None or self._has_touched(message)

    def _has_touched(self, message: ConflictDetected) -> bool:
        return any(_change_in(a, message) is not None for a in self._own.values())

    def _has_written(self, message: ConflictDetected) -> bool:
        """Whether my newest edit of it is what was dropped: a deletion only for a deletion."""
        for a in reversed(self._own.values()):
            change = _change_in(a, message)
            if change is not None:
                return isinstance(change, Delete) is (message.dropped is UNSET)
        return False


def _place(conflict: Conflict) -> tuple[str, str, str, str, str, str]:
    by = conflict.by
    return conflict.kind, conflict.target, conflict.id, conflict.path, by.kind, by.id


def _change_in(a: Operation, message: ConflictDetected) -> Change | None:
    if message.target == "diagram":
        return a.diagram
    return (a.nodes if message.target == "node" else a.edges).get(message.id)


def _is_gone(message: ConflictDetected, mine: Operation) -> bool:
    """Whether the later edit, ``mine``, lost: it wrote to what had been deleted before."""
    if message.target == "diagram":
        return False
    if message.kind == "delete_while_editing":
        return not isinstance(_change_in(mine, message), Delete)
    is_edge = message.kind == "connection_conflict" and message.path == ""
    return is_edge and next(deleted_nodes(mine), None) is None
