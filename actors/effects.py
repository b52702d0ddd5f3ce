"""What must happen after the core has decided; the task carries it out in this order."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from actors.events import AnyEvent
from actors.ports import CommitBatch
from actors.sessions import Receiver
from ot.diagram import Diagram


class Deliver(msgspec.Struct):
    """Give the event to each receiver."""

    receivers: Sequence[Receiver]
    event: AnyEvent


class Commit(msgspec.Struct):
    """Make the batch durable and report back with a ``Committed`` command."""

    batch: CommitBatch


class SaveSnapshot(msgspec.Struct):
    """Store the diagram at a durable revision; losing it costs only time at the next load."""

    revision: int
    diagram: Diagram


class Reload(msgspec.Struct):
    """What is in memory is not what is durable: start again from the journal."""


Effect: TypeAlias = Deliver | Commit | SaveSnapshot | Reload
