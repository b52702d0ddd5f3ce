"""Replays a diagram's journal from its first snapshot, with nothing but ``ot``, and prints it.

``python -m tests.support.replay DATA_DIR_OR_URL DIAGRAM_ID`` prints one line of JSON. Without an id
it answers each line of standard input, which is an id, with one line.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ot.apply import apply_in_place
from ot.diagram import Diagram
from ot.wire import wire_form
from persistence.bridge import run_blocking
from persistence.embedded import start_embedded
from persistence.pool import Row, connect
from persistence.queries import sql
from persistence.rows import decode_diagram, decode_entry

_FIRST_SNAPSHOT = """
SELECT d.id, d.revision AS head, s.revision, s.document
FROM diagrams AS d JOIN snapshots AS s ON s.diagram_id = d.id
WHERE d.id = $1 OR d.uuid = $1
ORDER BY s.revision
LIMIT 1
"""
_MAX_REVISION = 2**63 - 1


class Replayed(msgspec.Struct):
    """A diagram as its journal gives it, at the journal's last revision."""

    id: str
    revision: int
    diagram: Diagram


class ReplayFailed(Exception):
    """The journal has a gap, or does not say what it did; the message names the revision."""


def replay(first: Row, rows: list[Row]) -> Replayed:
    """From the first snapshot through every entry. Raises ReplayFailed, OperationError."""
    identifier, revision = str(first["id"]), int(first["revision"])
    diagram = decode_diagram(first["document"], f"snapshots/{identifier}/{revision}")
    for entry in map(decode_entry, rows):
        if entry.revision != revision + 1:
            raise ReplayFailed(f"after revision {revision} comes {entry.revision}")
        revision = entry.revision
        if apply_in_place(diagram, wire_form(entry.operation)) != entry.operation:
            raise ReplayFailed(f"revision {revision} does not say what it replaced")
    if revision != first["head"]:
        raise ReplayFailed(f"the journal ends at {revision}, the diagram is at {first['head']}")
    return Replayed(identifier, revision, diagram)


async def read_journal(url: str, diagram_id: str) -> tuple[Row, list[Row]]:
    connection = await connect(url, {})
    try:
        # One view of both tables, though edits may be committed meanwhile.
        async with connection.transaction(isolation="repeatable_read"):
            found = await connection.fetch(_FIRST_SNAPSHOT, diagram_id)
            if not found:
                raise ReplayFailed(f"there is no diagram {diagram_id}")
            (first,) = found
            start = (first["id"], first["revision"], _MAX_REVISION)
            return first, await connection.fetch(sql("read_entries"), *start)
    finally:
        await connection.close(timeout=5)


@contextmanager
def _database(data_dir_or_url: str) -> Iterator[str]:
    if "://" in data_dir_or_url:
        yield data_dir_or_url
        return
    server = start_embedded(data_dir_or_url)
    try:
        yield server.url
    finally:
        server.stop()


def _line(url: str, diagram_id: str) -> str:
    answer: Any = replay(*run_blocking(read_journal, url, diagram_id))
    return msgspec.json.encode(answer).decode()


def main() -> None:
    """The command; a diagram that cannot be replayed ends it with a traceback and status 1."""
    place, *ids = sys.argv[1:]
    with _database(place) as url:
        for diagram_id in ids or map(str.strip, sys.stdin):
            print(_line(url, diagram_id), flush=True)


if __name__ == "__main__":
    main()
