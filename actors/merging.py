"""Bringing a submission up to date: transformed over everything applied since its base."""

from collections.abc import Iterable

from actors.commands import Submit
from actors.events import CommittedOperation, Conflict
from actors.limits import MAX_MERGE_WORK
from actors.ports import Author
from ot.conflicts import Lost, find_lost
from ot.errors import OperationError
from ot.operation import Changes, Create, Operation, Replace, Text, Update
from ot.policy import Policy, later_wins_over
from ot.transform import may_meet, transform


def merge(
    operation: Operation,
    command: Submit,
    concurrent: Iterable[tuple[Author, Operation]],
    policy: Policy,
    revision: int,
) -> tuple[Operation, list[Conflict]]:
    """The operation as it applies now, and what was lost on either side.

    ``revision`` is the one the operation will get. Raises OperationError ``not_concurrent``, or
    ``base_too_old`` where merging would hold everybody else up.
    """
    conflicts: list[Conflict] = []
    work = 0
    for author, theirs in concurrent:
        work += 1
        if not may_meet(operation, theirs):
            continue
        work += text_size(operation) + text_size(theirs)
        if work > MAX_MERGE_WORK:
            message = "Too much was changed since; read the diagram again and repeat the edit."
            raise OperationError("base_too_old", message, "base_revision")
        wins = later_wins_over(policy, command.author.kind, author.kind)
        for lost in find_lost(operation, theirs, wins):
            conflicts.append(_conflict(lost, command.author, author, revision))
        operation = transform(operation, theirs, wins)
    return operation, conflicts


def find_overridden(
    operation: Operation,
    command: Submit,
    unseen: Iterable[CommittedOperation],
    revision: int,
) -> list[Conflict]:
    """What others lose to an edit whose client has transformed it over them already.

    ``operation`` applies after all of ``unseen``: what its author had not seen when making it. So
    it wins wherever the two still meet; where it did not, its own client has told its author.
    """
    conflicts: list[Conflict] = []
    for committed in unseen:
        entry = committed.entry
        is_own = entry.author == command.author and entry.client_id == command.client_id
        if is_own or not may_meet(operation, committed.operation):
            continue
        theirs = Operation(
            committed.operation.diagram,
            _as_there(committed.operation.nodes),
            _as_there(committed.operation.edges),
        )
        conflicts += [
            _conflict(lost, command.author, entry.author, revision)
            for lost in find_lost(operation, theirs, a_wins=True)
            if lost.loser == "b"
        ]
    return conflicts


def _as_there(changes: Changes) -> Changes:
    """What was created is there by now, and can be written to."""
    return {
        identifier: Replace(change.element) if isinstance(change, Create) else change
        for identifier, change in changes.items()
    }


def text_size(a: Operation) -> int:
    """Components of the text edits of ``a``: what a transformation of texts takes time by."""
    changes = (*a.nodes.values(), *a.edges.values(), a.diagram)
    return sum(
        len(write.edit)
        for change in changes
        if isinstance(change, Update)
        for write in change.writes.values()
        if isinstance(write, Text)
    )


def _conflict(lost: Lost, mine: Author, theirs: Author, revision: int) -> Conflict:
    """``a`` in the algebra is the submission, ``b`` what was committed before it."""
    mine_lost = lost.loser == "a"
    return Conflict(
        kind=lost.kind,
        target=lost.target,
        id=lost.id,
        path=lost.path,
        revision=revision,
        kept_author=theirs if mine_lost else mine,
        dropped_author=mine if mine_lost else theirs,
        kept=lost.kept,
        dropped=lost.dropped,
    )
