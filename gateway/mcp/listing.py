"""The list of diagrams has changed: told once for many changes that come close together."""

from collections.abc import Callable

import trio

from gateway.mcp.limits import DEBOUNCE_SECONDS


class ListingChanges:
    """``note`` what has changed; ``run`` calls ``tell`` soon after."""

    def __init__(self) -> None:
        self._changed = trio.Event()

    def note(self) -> None:
        self._changed.set()

    async def run(self, tell: Callable[[], None]) -> None:
        """Until cancelled."""
        while True:
            await self._changed.wait()
            await trio.sleep(DEBOUNCE_SECONDS)
            # From here on, what happens is told anew.
            self._changed = trio.Event()
            tell()
