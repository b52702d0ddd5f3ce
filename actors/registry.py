"""The open diagrams: which actor serves which, opened on first use and dropped when it ends."""

from collections.abc import Callable
from datetime import datetime

import trio

from actors.commands import Command
from actors.events import CloseReason
from actors.limits import MAX_OPEN_DIAGRAMS, PASSIVATE_AFTER_SECONDS, SNAPSHOT_INTERVAL
from actors.ports import Storage
from actors.task import DiagramActor, utc_now


class Registry:
    """Owns the actors; every task of theirs runs in ``nursery``."""

    def __init__(
        self,
        storage: Storage,
        nursery: trio.Nursery,
        *,
        clock: Callable[[], datetime] = utc_now,
        passivate_after_seconds: float = PASSIVATE_AFTER_SECONDS,
        snapshot_interval: int = SNAPSHOT_INTERVAL,
    ) -> None:
        self._storage = storage
        self._nursery = nursery
        self._clock = clock
        self._passivate_after_seconds = passivate_after_seconds
        self._snapshot_interval = snapshot_interval
        self._actors: dict[str, DiagramActor] = {}
        self._is_closing = False

    def post_nowait(self, diagram_id: str, command: Command) -> None:
        """Gives the diagram a command. Whatever goes wrong reaches the receiver as Rejected."""
        actor = self.locate(diagram_id)
        if actor is None:
            message = "Too many diagrams are open; try again shortly."
            self._new_actor(diagram_id).refuse(command, "overloaded", message)
        else:
            actor.post_nowait(command)

    def post_if_open_nowait(self, diagram_id: str, command: Command) -> None:
        """Gives the diagram a command that means nothing to one that is not in memory."""
        actor = self._actors.get(diagram_id)
        if actor is not None and not actor.is_over:
            actor.post_nowait(command)

    def is_followed(self, diagram_id: str) -> bool:
        """Whether anybody would hear now of what happens to the diagram."""
        actor = self._actors.get(diagram_id)
        return actor is not None and actor.is_followed

    def locate(self, diagram_id: str) -> DiagramActor | None:
        """Where the diagram lives: its actor, started now if need be and if there is room."""
        actor = self._actors.get(diagram_id)
        if actor is None or actor.is_over:
            if len(self._actors) >= MAX_OPEN_DIAGRAMS:
                return None
            actor = self._new_actor(diagram_id)
            if self._is_closing:
                actor.is_over = True
            else:
                self._actors[diagram_id] = actor
                self._nursery.start_soon(self._run, actor, name=f"diagram {diagram_id}")
        return actor

    def _new_actor(self, diagram_id: str) -> DiagramActor:
        return DiagramActor(
            diagram_id,
            self._storage,
            clock=self._clock,
            passivate_after_seconds=self._passivate_after_seconds,
            snapshot_interval=self._snapshot_interval,
        )

    async def _run(self, actor: DiagramActor) -> None:
        try:
            await actor.run()
        finally:
            if self._actors.get(actor.diagram_id) is actor:
                del self._actors[actor.diagram_id]

    async def wait_closed(self, diagram_id: str, reason: CloseReason) -> None:
        """Ends the diagram's actor, if there is one, after its last edit is durable."""
        actor = self._actors.get(diagram_id)
        if actor is not None:
            actor.close_nowait(reason)
            await actor.wait_over()

    async def wait_all_closed(self) -> None:
        """For the end of the process: every diagram durable, every subscriber told."""
        self._is_closing = True
        actors = list(self._actors.values())
        for actor in actors:
            actor.close_nowait("shutdown")
        for actor in actors:
            await actor.wait_over()

    def statistics(self) -> dict[str, dict[str, int]]:
        return {identifier: actor.statistics() for identifier, actor in self._actors.items()}
