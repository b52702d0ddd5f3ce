"""What agents do and try is put on record, and what anybody does is counted, through every door.

:meth:`Trail.calling` is around each call: the service puts it around its own methods, and a door
that knows a better name for a call, or refuses some before the service hears of them, puts it
around that. Calls inside a call belong to the outermost one, so each leaves one row.
"""

import functools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeAlias, TypeVar

import trio
from pydantic import ValidationError

from actors.ports import Origin
from gateway.alerts.events import Happened, What
from gateway.identity import Principal
from gateway.rate_limits.holdings import Holdings
from gateway.rate_limits.limiter import Kind, RateLimits, is_limited
from persistence.audit import Audit, Note
from persistence.errors import PersistenceError
from persistence.limits import AUDIT_FLUSH_SECONDS

log = logging.getLogger("diagramai.trail")

P = ParamSpec("P")
T = TypeVar("T")

#: Hears of what agents do and try.
Watch: TypeAlias = Callable[[Happened], object]


class Calling:
    """A call under way. What is not known at its beginning is told as it goes on."""

    __slots__ = (
        "_token",
        "_trail",
        "charged",
        "diagram",
        "error",
        "has_own_label",
        "is_stored",
        "label",
        "revision",
        "started_at",
        "who",
    )

    def __init__(
        self, trail: "Trail", who: Principal, label: str, diagram: str | None, *, weak: bool
    ) -> None:
        self._trail = trail
        self._token: Token[Calling | None] | None = None
        self.who = who
        self.label = label
        #: A call inside may have the better word.
        self.has_own_label = not weak
        self.diagram = diagram
        self.started_at = time.monotonic()
        self.charged: set[Kind] = set()
        self.revision: int | None = None
        self.error: str | None = None
        #: Its row is there already, beside what it committed.
        self.is_stored = False

    def join(self, label: str, diagram: str | None, *, weak: bool) -> None:
        """A call inside this one has begun."""
        if not self.has_own_label:
            self.label, self.has_own_label = label, not weak
        if self.diagram is None:
            self.diagram = diagram

    def charge(self, kind: Kind) -> None:
        self._trail.charge(self.who, kind)

    @property
    def origin(self) -> Origin:
        """For what it commits."""
        return Origin(self.started_at, self.who.address)

    async def __aenter__(self) -> "Calling":
        self._token = _CURRENT.set(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._token is not None, "it was entered"
        _CURRENT.reset(self._token)
        if self.who.is_agent:
            if error is not None:
                self.error = code_of(error)
            if self.error is not None or not self.is_stored:
                await self._trail.put(self, is_hurried=error is not None)
            self._trail.tell(self.who, self.label, self.error, edited=self.is_stored)


class _Inside:
    """A call inside another one: whatever it tells belongs to that."""

    def __init__(self, outer: Calling | None) -> None:
        self._outer = outer

    async def __aenter__(self) -> Calling | None:
        return self._outer

    async def __aexit__(self, *_: object) -> None:
        return


_CURRENT: ContextVar[Calling | None] = ContextVar("diagramai.calling", default=None)
_NOTHING: Final = _Inside(None)


class Trail:
    """Where calls are put on record and counted."""

    def __init__(
        self, audit: Audit, limits: RateLimits | None = None, watch: Watch | None = None
    ) -> None:
        self._audit = audit
        self.limits = limits or RateLimits()
        self.holdings = Holdings()
        self._watch = watch

    def calling(
        self, who: Principal, label: str, diagram: str | None = None, *, weak: bool = False
    ) -> AbstractAsyncContextManager[Calling | None]:
        """Around a call of an agent, or of somebody who is limited; else around nothing.

        ``diagram`` is an id or a uuid. ``weak``: a call inside may have the better word for it.
        """
        outer = _CURRENT.get()
        if outer is not None and outer.who.author == who.author:
            outer.join(label, diagram, weak=weak)
            return _Inside(outer)
        if not who.is_agent and not is_limited(who):
            return _NOTHING
        return Calling(self, who, label, diagram, weak=weak)

    def charge(self, who: Principal, kind: Kind) -> None:
        """Counts an operation of this kind, once for a call, and nothing for reading what is then
        written. Raises ServiceError ``rate_limited``."""
        if not is_limited(who):
            return
        call = _CURRENT.get()
        if call is not None and call.who.author == who.author:
            if kind in call.charged or (kind == "read" and call.charged):
                return
            call.charged.add(kind)
        self.limits.check(who, kind)

    # Rows ---------------------------------------------------------------------------------------

    async def put(self, call: Calling, *, is_hurried: bool = False) -> None:
        """Has the row of a call written. ``is_hurried``: even where the caller is cancelled."""
        asked = call.diagram
        note = Note(
            agent_id=call.who.author.id,
            operation_type=call.label,
            diagram=asked,
            error=call.error,
            data=None if call.error is None or asked is None else {"diagram": asked},
            session_id=call.who.credential,
            revision=call.revision,
            duration_ms=int(1000 * (time.monotonic() - call.started_at)),
            address=call.who.address,
        )
        with trio.CancelScope(shield=is_hurried) as scope:
            if is_hurried:
                scope.deadline = trio.current_time() + AUDIT_FLUSH_SECONDS
            await self.note(note)
        if scope.cancelled_caught:
            log.error("an agent's %s is not on record: too much waits", call.label)

    async def note_each(self, who: Principal, diagram_ids: Sequence[str]) -> None:
        """A call concerned many diagrams: it leaves a row for each."""
        call = current_call(who)
        if call is None or not who.is_agent:
            return
        for diagram_id in diagram_ids:
            call.diagram = diagram_id
            await self.put(call)
        call.is_stored = True

    def refused_nowait(self, who: Principal, label: str, diagram: str, code: str) -> Note | None:
        """What was refused later than the call; the note, where there is no room for it."""
        self.tell(who, label, code)
        note = Note(
            agent_id=who.author.id,
            operation_type=label,
            diagram=diagram,
            error=code,
            session_id=who.credential,
            address=who.address,
        )
        return None if self._audit.note_nowait(note) else note

    async def note_owed(self, owed: list[Note]) -> None:
        """Keeps what could not be kept at once, even where the caller is cancelled."""
        with trio.CancelScope(shield=True), trio.move_on_after(AUDIT_FLUSH_SECONDS):
            while owed:
                await self.note(owed.pop(0))

    async def note(self, note: Note) -> None:
        """Keeps what an agent did or tried. Failing at that does not change what was done."""
        try:
            await self._audit.note(note)
        except PersistenceError as trouble:
            log.error("an agent's %s is not on record: %s", note.operation_type, trouble.code)

    def tell(self, who: Principal, label: str, error: str | None, *, edited: bool = False) -> None:
        """Lets the rules of alerts know."""
        if self._watch is not None:
            what: What = "done"
            if error is not None:
                what = "refused"
            elif label == "delete_diagram":
                what = "deleted"
            elif edited:
                what = "edited"
            self._watch(Happened(what, f"agent:{who.author.id}", error or label, who.address))


def current_call(who: Principal) -> Calling | None:
    """The call of ``who`` that is under way here."""
    call = _CURRENT.get()
    return call if call is not None and call.who.author == who.author else None


def charge_engine() -> None:
    """Counts work of the diagram engine for whoever's call is under way here. Raises ServiceError
    ``rate_limited``."""
    call = _CURRENT.get()
    if call is not None:
        call.charge("engine")


def code_of(error: BaseException) -> str:
    """What is put on record about it: its code, also where a tool's error is around it."""
    for each in (error, error.__cause__):
        code = getattr(each, "code", None)
        if isinstance(code, str):
            return code
    if isinstance(error, trio.Cancelled):
        return "cancelled"
    if isinstance(error.__cause__, ValidationError):
        return "invalid_arguments"
    return "internal_error"


class HasTrail(Protocol):
    @property
    def trail(self) -> Trail: ...


ServiceT = TypeVar("ServiceT", bound=HasTrail)


def on_record(
    label: str, *, weak: bool = False
) -> Callable[
    [Callable[Concatenate[ServiceT, Principal, P], Awaitable[T]]],
    Callable[Concatenate[ServiceT, Principal, P], Awaitable[T]],
]:
    """Around a method whose first argument is who calls, and whose second, where it is a text, is
    the diagram."""

    def decorate(
        method: Callable[Concatenate[ServiceT, Principal, P], Awaitable[T]],
    ) -> Callable[Concatenate[ServiceT, Principal, P], Awaitable[T]]:
        @functools.wraps(method)
        async def call(self: ServiceT, who: Principal, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if not who.is_agent and not is_limited(who):
                return await method(self, who, *args, **kwargs)
            word = kwargs.get("label", label)
            async with self.trail.calling(
                who, word if isinstance(word, str) else label, _diagram_in(args), weak=weak
            ):
                return await method(self, who, *args, **kwargs)

        return call

    return decorate


def _diagram_in(args: tuple[Any, ...]) -> str | None:
    return args[0] if args and isinstance(args[0], str) else None
