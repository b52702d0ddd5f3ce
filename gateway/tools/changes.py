"""What others have done since, and taking back what one has done oneself."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Final, Literal

import trio
from mcp.server.mcpserver.tools import Tool
from msgspec import UNSET
from pydantic import Field

from actors.ports import JournalEntry
from gateway.changes import Elements
from gateway.errors import ServiceError
from gateway.identity import EDIT, Principal
from gateway.service import DiagramService, Reading
from gateway.tools.arguments import DiagramId
from gateway.tools.context import ToolContext, gone_of, principal_of
from gateway.tools.outcome import nothing_submitted, outcome_of, told_within
from gateway.tools.registry import as_tool
from gateway.tools.replies import ChangesSeen, ChangesUndone, NotUndone
from gateway.tools.telling import named
from gateway.undoing import UNDO_LABEL, Left, OwnOperations, Span, Undoing, UndoPlan, is_by
from gateway.waiting import MAX_WAIT_SECONDS, Waiting

#: Revisions that one call of get_changes looks at.
MAX_CHANGES_READ: Final = 500
#: Bytes of what it answers.
MAX_CHANGES_BYTES: Final = 24 * 1024
#: Operations that ``last_n`` may ask to take back, and those that ``since_revision`` takes back.
MAX_UNDONE: Final = 100
MAX_UNDONE_SINCE: Final = 1_000
#: Revisions that it looks back.
MAX_UNDO_AGE: Final = 5_000
#: Revisions of the journal that are read at a time.
UNDO_PAGE: Final = 200
#: Times that an undo is worked out anew because somebody edits the same elements meanwhile.
MAX_UNDO_ATTEMPTS: Final = 10
#: Elements that an undo tells of because they stay as they are; the rest is counted.
MAX_TOLD_LEFT: Final = 50
#: Bytes of the lines that tell what was undone.
MAX_UNDONE_BYTES: Final = 4 * 1024
#: Entries worked through before others get their turn.
_SLICE: Final = 25

Since = Annotated[int, Field(ge=0, description="Last revision that you know")]


class ChangesTools:
    def __init__(self, service: DiagramService) -> None:
        self._service = service
        self.waiting = Waiting(service)
        self._turns: dict[tuple[str, str], trio.Lock] = {}
        self._in_turn: Counter[tuple[str, str]] = Counter()

    def tools(self) -> list[Tool]:
        return [
            as_tool(self.get_changes, "See what has changed", reads=True),
            as_tool(self.undo_changes, "Undo your changes"),
        ]

    async def get_changes(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        since_revision: Since,
        wait_seconds: Annotated[
            float,
            Field(
                ge=0,
                le=MAX_WAIT_SECONDS,
                description="Wait so long for a change, if there is none yet",
            ),
        ] = 0,
        wait_for: Annotated[
            Literal["people", "anyone"],
            Field(description="Whose change ends the waiting; your own never does"),
        ] = "people",
    ) -> ChangesSeen:
        """Who did what to a diagram since a revision, summarised by element. Pass the answer's
        revision as the next since_revision; while more is true, call again at once."""
        who = principal_of(context)
        reading, entries = await self._since(who, diagram_id, since_revision)

        def wanted(entry: JournalEntry) -> bool:
            return not is_by(entry, who.author) and (
                wait_for == "anyone" or entry.author.kind == "user"
            )

        has_all = since_revision + len(entries) >= reading.revision
        if wait_seconds and has_all and not any(map(wanted, entries)):
            await self.waiting.wait_change(
                who.author,
                reading.record.id,
                reading.revision,
                wanted,
                seconds=wait_seconds,
                gone=gone_of(context),
            )
            reading, entries = await self._since(who, diagram_id, since_revision)
        return _seen(reading, since_revision, entries, who)

    async def _since(
        self, who: Principal, diagram_id: str, since: int
    ) -> tuple[Reading, Sequence[JournalEntry]]:
        reading = await self._service.read(who, diagram_id)
        _check_past(since, reading.revision)
        up_to = min(reading.revision, since + MAX_CHANGES_READ)
        return reading, await self._service.entries(reading, since, up_to)

    async def undo_changes(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        last_n: Annotated[
            Annotated[int, Field(ge=1, le=MAX_UNDONE)] | None,
            Field(description="How many of your operations, the newest first. Default: 1"),
        ] = None,
        since_revision: Annotated[
            Annotated[int, Field(ge=0)] | None,
            Field(
                description="Instead of last_n: all that you did after this revision; while more "
                "is true, call again"
            ),
        ] = None,
    ) -> ChangesUndone:
        """Take back your own last operations, as one new operation. What others have done stays;
        not_undone says what could not be taken back because of it. Calling again goes further
        back."""
        who = principal_of(context)
        if last_n is not None and since_revision is not None:
            message = "Give either last_n or since_revision, not both."
            raise ServiceError("invalid_arguments", message, "since_revision")
        record = await self._service.access(who, diagram_id, EDIT)
        async with self._turn(record.id, who):
            return await self._undo(who, record.id, last_n or 1, since_revision)

    @asynccontextmanager
    async def _turn(self, diagram_id: str, who: Principal) -> AsyncIterator[None]:
        """One undo of an agent after another: each goes further back than the one before."""
        key = (diagram_id, f"{who.author.kind} {who.author.id}")
        lock = self._turns.setdefault(key, trio.Lock())
        self._in_turn[key] += 1
        try:
            async with lock:
                yield
        finally:
            self._in_turn[key] -= 1
            if not self._in_turn[key]:
                del self._in_turn[key], self._turns[key]

    async def _undo(
        self, who: Principal, diagram_id: str, count: int, since: int | None
    ) -> ChangesUndone:
        for _ in range(MAX_UNDO_ATTEMPTS):
            reading = await self._service.read(who, diagram_id)
            entries, chosen, has_more = await self._choose(who, reading, count, since)
            if not chosen:
                outcome = await outcome_of(self._service, who, reading, nothing_submitted(reading))
                return ChangesUndone(undone=[], undone_revisions=[], **outcome)
            plan = await _planned(who, reading, entries, chosen)
            try:
                submitted = await self._service.submit(
                    who,
                    diagram_id,
                    plan.operation,
                    reading,
                    label=UNDO_LABEL,
                    mark=Span(chosen[0].revision, reading.revision).mark(),
                )
            except ServiceError as error:
                if error.code != "conflict":
                    raise
                # Somebody has just changed the same elements; how they are now is to be kept.
                continue
            outcome = await outcome_of(self._service, who, reading, submitted)
            undone, _ = told_within(
                MAX_UNDONE_BYTES, chosen, Elements(reading.diagram, entries), who.author
            )
            return ChangesUndone(
                undone=undone,
                undone_revisions=[entry.revision for entry in chosen],
                more=has_more or UNSET,
                not_undone=_told_left(plan, reading, entries, who) or UNSET,
                more_not_undone=max(0, len(plan.left) - MAX_TOLD_LEFT) or UNSET,
                **outcome,
            )
        message = "Others keep changing the same elements; nothing was undone. Try again."
        raise ServiceError("overloaded", message, retry=True)

    async def _choose(
        self, who: Principal, reading: Reading, count: int, since: int | None
    ) -> tuple[list[JournalEntry], list[JournalEntry], bool]:
        """The entries from the oldest one to undo up to what was read, those to undo, and whether
        there are more after ``since``."""
        floor = max(0, reading.revision - MAX_UNDO_AGE)
        if since is not None:
            _check_past(since, reading.revision)
            _check_age(since, floor)
            count, floor = MAX_UNDONE_SINCE, since
        own = OwnOperations(who.author)
        entries: list[JournalEntry] = []
        chosen: list[JournalEntry] = []
        # One more than are taken back, to tell whether there is one.
        enough = count if since is None else count + 1
        up_to = reading.revision
        while up_to > floor and len(chosen) < enough:
            page = await self._service.entries(reading, max(floor, up_to - UNDO_PAGE), up_to)
            for entry in reversed(page):
                entries.append(entry)
                if own.stands(entry):
                    chosen.append(entry)
                    if len(chosen) == enough:
                        break
            up_to -= UNDO_PAGE
        has_more = len(chosen) > count
        chosen = chosen[:count]
        oldest = chosen[-1].revision if chosen else 0
        return (
            [entry for entry in reversed(entries) if entry.revision >= oldest],
            chosen[::-1],
            has_more,
        )


def _check_past(since: int, revision: int) -> None:
    if since > revision:
        message = f"The diagram has revisions 0 to {revision}."
        raise ServiceError("future_revision", message, "since_revision")


def _check_age(since: int, floor: int) -> None:
    if since < floor:
        message = f"That is too far back; undo since revision {floor} or a later one."
        raise ServiceError("too_much_to_undo", message, "since_revision")


def _seen(
    reading: Reading, since: int, entries: Sequence[JournalEntry], who: Principal
) -> ChangesSeen:
    elements = Elements(reading.diagram, entries)
    changes, taken = told_within(MAX_CHANGES_BYTES, entries, elements, who.author, with_times=True)
    revision = since + taken
    has_more = revision < reading.revision
    return ChangesSeen(
        diagram_id=reading.record.id,
        since_revision=since,
        revision=revision,
        changes=changes,
        more=has_more or UNSET,
        latest_revision=reading.revision if has_more else UNSET,
    )


async def _planned(
    who: Principal,
    reading: Reading,
    entries: Sequence[JournalEntry],
    chosen: Sequence[JournalEntry],
) -> UndoPlan:
    undoing = Undoing(
        who.author, [entry.revision for entry in chosen], reading.diagram.copy(), entries
    )
    plan: UndoPlan | None = None
    for count, step in enumerate(undoing.steps(), start=1):
        plan = step
        if count % _SLICE == 0:
            await trio.lowlevel.checkpoint()
    assert plan is not None, "the plan comes last"
    return plan


def _told_left(
    plan: UndoPlan, reading: Reading, entries: Sequence[JournalEntry], who: Principal
) -> list[NotUndone]:
    elements = Elements(reading.diagram, entries)
    return [_not_undone(left, elements, who) for left in plan.left[:MAX_TOLD_LEFT]]


def _not_undone(left: Left, elements: Elements, who: Principal) -> NotUndone:
    by = named(left.author, who.author)
    name = elements.name((left.target, left.id))
    what = f"{left.path[1:].replace('/', '.')} of {name}" if left.path else name
    return NotUndone(
        target=left.target,
        id=left.id,
        path=left.path,
        by=by,
        message=f"{what} is left as it is now: {by} has changed it or connected it since.",
    )
