"""The journal of a protocol world, and what may be told when it is all that is durable."""

from collections.abc import Sequence

import msgspec

from actors.events import AnyEvent, Rejected, Subscribed, Updated
from actors.ports import JournalEntry
from ot.diagram import Diagram
from ot.wire import wire_form
from property_tests.laws import encoded
from property_tests.model import model_apply
from property_tests.simulation.diagram import check_acyclic
from property_tests.simulation.laws import Violation


class Journal(msgspec.Struct):
    """What is durable. ``states[r]`` is the replay up to revision ``r``, ``codes[r]`` encoded."""

    entries: tuple[JournalEntry, ...]
    states: tuple[Diagram, ...]
    codes: tuple[bytes, ...]


def extend(before: Journal, entries: Sequence[JournalEntry]) -> Journal:
    """Raises Violation where the entries do not belong there."""
    states, codes = list(before.states), list(before.codes)
    done = {(entry.client_id, entry.sequence) for entry in before.entries}
    for entry in entries:
        if entry.revision != len(states):
            raise Violation("order", "a commit leaves a gap", len(states), entry.revision)
        if entry.client_id is not None and (entry.client_id, entry.sequence) in done:
            raise Violation("once", f"{entry.client_id} {entry.sequence} is committed twice")
        done.add((entry.client_id, entry.sequence))
        states.append(model_apply(states[-1], wire_form(entry.operation)))
        codes.append(encoded(states[-1]))
    check_acyclic(states[-1])
    return Journal((*before.entries, *entries), tuple(states), tuple(codes))


def check_state(journal: Journal, revision: int, state: Diagram) -> None:
    if revision >= len(journal.codes):
        raise Violation("durable", f"revision {revision} is told and not durable")
    if encoded(state) != journal.codes[revision]:
        raise Violation("durable", f"a snapshot is not the journal's state at {revision}")


def check_told(journal: Journal, event: AnyEvent) -> None:
    """Raises Violation where an event tells of what is not durable."""
    if isinstance(event, Updated):
        for told in event.operations:
            at = told.entry.revision - 1
            if at >= len(journal.entries) or journal.entries[at] != told.entry:
                raise Violation("durable", f"revision {at + 1} is told and not durable")
    elif isinstance(event, Subscribed) and event.snapshot is not None:
        check_state(journal, event.revision, event.snapshot)
    elif isinstance(event, Rejected) and not event.retry:
        raise Violation("accepted", f"{event.code}: {event.message}")
    else:
        revision = getattr(event, "revision", None)
        if revision is not None and revision >= len(journal.codes):
            raise Violation("durable", f"revision {revision} is told and not durable")


def newest_sequence(entries: Sequence[JournalEntry], client_id: str) -> int:
    found = [entry.sequence or 0 for entry in entries if entry.client_id == client_id]
    return max(found, default=0)
