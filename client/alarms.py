"""Named alarms of one owner, rung one after the other by one task."""

import math
from collections.abc import Callable

import anyio


class Alarms:
    """An alarm has one time; setting it again moves it. ``run`` rings what is due."""

    def __init__(self) -> None:
        self._due: dict[Callable[[], None], float] = {}
        self._changed = anyio.Event()

    def set(self, action: Callable[[], None], seconds: float) -> None:
        """Rings in so many seconds, and not when it was to ring before."""
        self._due[action] = anyio.current_time() + seconds
        self._changed.set()

    def set_once(self, action: Callable[[], None], seconds: float) -> None:
        """Does not move it where it is set already."""
        if action not in self._due:
            self.set(action, seconds)

    def stop(self, action: Callable[[], None]) -> None:
        self._due.pop(action, None)

    def stop_all(self) -> None:
        self._due.clear()

    def is_set(self, action: Callable[[], None]) -> bool:
        return action in self._due

    async def run(self) -> None:
        """Rings alarms until it is cancelled. What an action raises ends it."""
        while True:
            self._changed = anyio.Event()
            with anyio.CancelScope(deadline=min(self._due.values(), default=math.inf)):
                await self._changed.wait()
            now = anyio.current_time()
            for action in [action for action, due in self._due.items() if due <= now]:
                if self._due.pop(action, None) is not None:
                    action()
