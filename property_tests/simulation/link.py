"""One connection: frames in order both ways, until it is cut."""

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from actors.commands import Command
from actors.events import AnyEvent
from actors.ports import Author

if TYPE_CHECKING:
    from property_tests.simulation.stage import Stage


class HangUp(msgspec.Struct):
    """The last frame: the server notices that nobody is there any more."""


class Link:
    """What an actor knows as a receiver. ``speed`` weighs how soon its frames move on.

    Of a cut link, what had left already may still arrive, after the frames of newer links.
    """

    def __init__(
        self, world: "Stage", number: int, author: Author, client_id: str | None, speed: int
    ) -> None:
        self.world = world
        self.number = number
        self.author = author
        self.client_id = client_id
        self.speed = speed
        self.up: deque[Command | HangUp] = deque()
        self.down: deque[AnyEvent] = deque()
        self.is_cut = False
        #: By sequence: how often a submission arrived over this link, less the answers to it.
        self.owed: dict[int | None, int] = {}
        #: Revisions of which it was told what gave way.
        self.conflicts_told: dict[int, None] = {}

    def deliver(self, event: AnyEvent) -> None:
        """Takes an event of the server's, once the laws have looked at it."""
        self.world.check_told(self, event)
        if not self.is_cut:
            self.down.append(self.world.through(event))

    def send(self, command: Command) -> None:
        self.up.append(command)

    def cut(self, arriving: int) -> None:
        """Loses everything but the first ``arriving`` frames on their way up."""
        while len(self.up) > arriving:
            self.up.pop()
        self.up.append(HangUp())
        self.down.clear()
        self.is_cut = True
