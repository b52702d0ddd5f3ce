"""What an actor remembers: clients' last submissions, and the operations since a revision."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import TypeAlias

import msgspec
from msgspec import UNSET

from actors import history as history_module
from actors.catch_up import committed, operations_since
from actors.dedup import Submissions
from actors.history import History
from actors.ports import Author, JournalEntry, LastSubmission
from ot.apply import apply
from ot.operation import NOTHING, Operation
from ot.transform import transform
from property_tests.generate import make_diagram, make_operation
from property_tests.laws import Broken, same

_AUTHORS = (Author("user", "x", "X"), Author("agent", "x", "X"), Author("user", "y", "Y"))
_CLIENTS = ("one", "two")

_Client: TypeAlias = tuple[Author, str]


def _entry(
    revision: int, client: _Client = (_AUTHORS[0], "one"), sequence: int = 1
) -> JournalEntry:
    return JournalEntry(
        diagram_id="d",
        revision=revision,
        author=client[0],
        client_id=client[1],
        sequence=sequence,
        operation=NOTHING,
        committed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def check_submissions(rnd: Random) -> None:
    """What is known of a client is the newest that was applied, whatever was forgotten or heard.

    Two authors may use the same client id. What is not durable yet is never forgotten.
    """
    submissions = Submissions(most=rnd.randint(1, 3))
    newest: dict[_Client, LastSubmission] = {}
    durable = 0
    for revision in range(1, 13):
        client = (rnd.choice(_AUTHORS), rnd.choice(_CLIENTS))
        _ask(rnd, submissions, client, newest)
        sequence = newest[client].sequence + 1 if client in newest else 1
        entry = _entry(revision, client, sequence)
        previous = submissions.remember(entry)
        if rnd.random() < 0.2:
            submissions.forget(entry, previous)
        else:
            newest[client] = LastSubmission(sequence, revision)
        durable = rnd.randint(durable, revision)
        submissions.trim(durable)
        _check_known(submissions, newest, durable)


def _ask(
    rnd: Random, submissions: Submissions, client: _Client, newest: dict[_Client, LastSubmission]
) -> None:
    """The journal is asked where nothing is known; where something is, it may say less."""
    if not submissions.knows(*client):
        submissions.learn(*client, UNSET)
        if submissions.knows(*client):
            raise Broken("once", "nobody was asked, and something is known", client=client)
        submissions.learn(*client, newest.get(client))
    submissions.learn(*client, rnd.choice((UNSET, None, LastSubmission(0, 0))))


def _check_known(
    submissions: Submissions, newest: dict[_Client, LastSubmission], durable: int
) -> None:
    for client, last in newest.items():
        known = submissions.knows(*client)
        if known and submissions.last(*client) != last:
            found = submissions.last(*client)
            raise Broken("once", "not the newest", client=client, found=found, newest=last)
        if not known and last.revision > durable:
            raise Broken("once", "forgotten before it was durable", client=client, newest=last)


@contextmanager
def _small_footprints(ids: int) -> Iterator[None]:
    """A history made here forgets its footprints after as many ids."""
    bound = vars(history_module)["MAX_FOOTPRINT_IDS"]
    vars(history_module)["MAX_FOOTPRINT_IDS"] = ids
    try:
        yield
    finally:
        vars(history_module)["MAX_FOOTPRINT_IDS"] = bound


def check_history(rnd: Random) -> None:
    """Who is let pass meets nothing since its base, though footprints are thrown away at times."""
    S = make_diagram(rnd, 3, 3)
    with _small_footprints(rnd.randint(2, 9)):
        history, states = History(0), [S]
        for revision in range(1, 7):
            b = make_operation(rnd, states[-1], 2)
            states.append(apply(states[-1], b)[0])
            entry = msgspec.structs.replace(_entry(revision), operation=b)
            history.append(committed(entry, b))
    for base, state in enumerate(states):
        a, w = make_operation(rnd, state, 2), rnd.random() < 0.5
        if not history.may_meet(a, base):
            for each in history.since(base):
                _check_passes(a, each.operation, w)


def _check_passes(a: Operation, b: Operation, w: bool) -> None:
    if not (same(transform(a, b, w), a) and same(transform(b, a, not w), b)):
        raise Broken("M", "they met", a=a, b=b, w=w)


def check_catching_up(rnd: Random) -> None:
    """From memory and what was read of the journal: all operations without a gap, or none."""
    floor, head = rnd.randint(0, 4), 8
    history = History(floor)
    for revision in range(floor + 1, head + 1):
        history.append(committed(_entry(revision), NOTHING))
    read_from, read_to = rnd.randint(0, floor), rnd.randint(0, head)
    older = [_entry(revision) for revision in range(read_from + 1, read_to + 1)]
    since, up_to = rnd.randint(0, head), head
    found = operations_since(history, since, up_to, older)
    reaches = since >= floor or (read_from <= since and read_to >= floor)
    expected = list(range(since + 1, up_to + 1)) if reaches else None
    revisions = None if found is None else [each.entry.revision for each in found]
    if revisions != expected:
        raise Broken("order", "a gap", floor=floor, since=since, older=len(older), found=revisions)
