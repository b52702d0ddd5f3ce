"""The storage an actor needs, and the values that cross into it. ``persistence`` supplies it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol

import msgspec

from ot.diagram import Diagram
from ot.operation import Operation
from ot.policy import AuthorKind, Policy

__all__ = [
    "SYSTEM",
    "Author",
    "AuthorKind",
    "CommitBatch",
    "CommitOutcome",
    "DiagramSummary",
    "JournalEntry",
    "LastSubmission",
    "Origin",
    "Policy",
    "Storage",
    "StorageUnavailable",
    "StoredDiagram",
]


class Author(msgspec.Struct, frozen=True):
    """Who made an edit: a person, an agent, or the server itself (repairs)."""

    kind: AuthorKind
    id: str
    name: str


SYSTEM = Author(kind="system", id="system", name="DiagramAI")


class Origin(msgspec.Struct, frozen=True):
    """Where an agent's edit came from, for the audit: at which moment of ``time.monotonic`` it
    came in, and from which address. People's edits have none."""

    came_in_at: float
    address: str | None


class JournalEntry(msgspec.Struct, frozen=True):
    """One committed, or about to be committed, operation in its log form.

    ``client_id`` and ``sequence`` identify a client's submission, so that a resend is recognised;
    both are ``None`` for submissions that are never resent (tools, repairs).
    ``label`` says what the author did in a word, for the audit (``add_node``, ``submit``).
    """

    diagram_id: str
    revision: int
    author: Author
    client_id: str | None
    sequence: int | None
    operation: Operation
    committed_at: datetime
    label: str = "submit"
    origin: Origin | None = None


class DiagramSummary(msgspec.Struct, frozen=True):
    """What the catalogue shows of a diagram without opening it; stored with every commit."""

    title: str
    description: str | None
    kind: str
    node_count: int
    edge_count: int


class CommitBatch(msgspec.Struct, frozen=True):
    """Consecutive entries of one diagram, to become durable all or none."""

    diagram_id: str
    entries: Sequence[JournalEntry]
    summary: DiagramSummary


class CommitOutcome(Enum):
    """How a commit ended. Never a guess: an unknown outcome is read back first."""

    COMMITTED = "committed"
    #: Nothing of it is stored; trying again may succeed.
    FAILED = "failed"
    #: Nothing of it is stored, and the same batch never will be: something in it is to blame.
    REFUSED = "refused"
    #: Another writer holds these revisions, or the diagram is gone: reload from the journal.
    FENCED = "fenced"


class StoredDiagram(msgspec.Struct, frozen=True):
    """A diagram as loaded: the newest snapshot and everything committed after it."""

    diagram_id: str
    policy: Policy
    snapshot_revision: int
    snapshot: Diagram
    tail: Sequence[JournalEntry]


class LastSubmission(msgspec.Struct, frozen=True):
    """The newest committed submission of one client: its sequence and revision."""

    sequence: int
    revision: int


class StorageUnavailable(Exception):
    """The store cannot be asked just now; asking again in a moment may succeed."""


class StorageUnreadable(Exception):
    """What is stored cannot be read, now or later: only who looks after the store can mend it."""


class Storage(Protocol):
    """What actors ask of the store. Both implementations pass ``tests/contracts``."""

    def commit_nowait(self, batch: CommitBatch, done: Callable[[CommitOutcome], None]) -> None:
        """Hands a batch to the committer; ``done`` is called on the trio thread, exactly once."""

    # What waits raises StorageUnavailable while the store is away, and StorageUnreadable where
    # what is stored is damaged.

    async def load_diagram(self, diagram_id: str) -> StoredDiagram | None:
        """The diagram, or ``None`` when there is none or it is in the trash."""

    async def read_entries(self, diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
        """Entries with ``after < revision <= up_to``, in order."""

    async def find_last_submission(
        self, diagram_id: str, author: Author, client_id: str
    ) -> LastSubmission | None:
        """The client's newest committed submission on this diagram."""

    async def find_submission(
        self, diagram_id: str, author: Author, client_id: str, sequence: int
    ) -> int | None:
        """The revision that this very submission was committed as, if it was."""

    def save_snapshot_nowait(self, diagram_id: str, revision: int, snapshot: Diagram) -> None:
        """Stores a snapshot of a committed revision in the background; older ones may be dropped.

        Failing only logs: the journal has everything, the next load merely takes longer.
        """
