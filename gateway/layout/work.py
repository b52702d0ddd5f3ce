"""A layout under way: it says how far it is, and ends early when it is asked to."""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias, get_args

#: What a layout is busy with. Of several groups and parts each is ordered and placed in turn.
Stage: TypeAlias = Literal["ordering", "placing", "joining"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)


class LayoutError(Exception):
    """A layout that could not be made. ``code`` is stable, ``message`` says what to do.

    Codes: ``stopped`` (whoever asked for it no longer wants it), ``unknown_node`` (``only`` names a
    node that is not there), ``invalid_spacing``.
    """

    def __init__(self, code: str, message: str, at: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at

    def __str__(self) -> str:
        where = f" (at {self.at})" if self.at else ""
        return f"{self.code}: {self.message}{where}"


def never() -> bool:
    return False


def nobody(_: float) -> None:
    """Takes progress that nobody asked for."""


def unheard(_: Stage) -> None:
    """Takes stages that nobody asked for."""


class Work:
    """Progress from 0 to 1, counted in steps, and the wish to stop; both are the caller's.

    The callbacks are called from the thread that works, often, and must be quick.
    """

    def __init__(
        self,
        total: int,
        should_stop: Callable[[], bool] = never,
        report: Callable[[float], None] = nobody,
        enter: Callable[[Stage], None] = unheard,
    ) -> None:
        self._total: Final = max(total, 1)
        self._done = 0
        self._should_stop = should_stop
        self._report = report
        #: To be called with each stage that begins.
        self.enter: Final = enter

    def check(self) -> None:
        """Raises LayoutError ``stopped`` where nobody wants the result any more."""
        if self._should_stop():
            raise LayoutError("stopped", "The layout was stopped; nothing was changed.")

    def finish(self, steps: int) -> None:
        """So many more steps are done."""
        self.check()
        self._done = min(self._done + steps, self._total)
        self._report(self._done / self._total)
