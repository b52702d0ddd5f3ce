"""What can be asked of a diagram's core. Time and the results of commits arrive this way too."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from actors.ports import Author, CommitOutcome, JournalEntry, LastSubmission, Origin
from actors.sessions import Receiver, Subscription
from ot.diagram import Json
from ot.operation import Operation


class Submit(msgspec.Struct, kw_only=True):
    """An edit. ``base_revision`` ``None`` means the latest durable one.

    ``seen_revision`` is what its author had seen when making it, where the client has brought it up
    to date since: what it overrides after that, nobody meant to override.

    ``alone``: it is refused with ``conflict`` rather than merged where it meets anything since.

    ``older``, ``last_submission`` and ``stored_revision`` are filled in by the task where memory
    does not reach back; an unset ``last_submission`` means that nobody has asked the journal,
    ``stored_revision`` that the journal holds this very submission.
    """

    receiver: Receiver
    author: Author
    operation: Operation
    base_revision: int | None = None
    seen_revision: int | None = None
    alone: bool = False
    client_id: str | None = None
    sequence: int | None = None
    label: str = "submit"
    origin: Origin | None = None
    older: Sequence[JournalEntry] = ()
    last_submission: LastSubmission | UnsetType | None = UNSET
    stored_revision: int | None = None


class Subscribe(msgspec.Struct, kw_only=True):
    """Follow the diagram. ``revision`` is the last one the client has, ``None`` for none.

    ``pending``: the client holds unsent edits on ``revision`` and needs the operations since,
    however many they are.
    """

    subscription: Subscription
    revision: int | None = None
    pending: bool = False
    older: Sequence[JournalEntry] = ()
    last_submission: LastSubmission | UnsetType | None = UNSET


class Unsubscribe(msgspec.Struct):
    receiver: Receiver


class Withdraw(msgspec.Struct):
    """The receiver may edit no more: what it has submitted and waits in the inbox is refused."""

    receiver: Receiver


class ShowPresence(msgspec.Struct):
    """What the receiver's session is doing now.

    ``guest`` is set for somebody who is seen without following the diagram; ``Unsubscribe`` ends
    that, too.
    """

    receiver: Receiver
    state: Mapping[str, Json]
    guest: Subscription | None = None


class ReadDiagram(msgspec.Struct):
    receiver: Receiver


class Committed(msgspec.Struct):
    """The commit in flight has ended."""

    outcome: CommitOutcome


Command: TypeAlias = (
    Submit | Subscribe | Unsubscribe | Withdraw | ShowPresence | ReadDiagram | Committed
)


def receiver_of(command: Command | None) -> Receiver | None:
    """Who waits for an answer to the command, if anybody does."""
    if isinstance(command, Submit | ReadDiagram):
        return command.receiver
    return command.subscription.receiver if isinstance(command, Subscribe) else None
