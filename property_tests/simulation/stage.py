"""Everybody and everything of one run: chance, links, the trace."""

import hashlib
from typing import Any

import msgspec

from actors.events import AnyEvent, CommittedOperation, Read, Subscribed, Updated
from actors.ports import Author
from ot.policy import AuthorKind
from property_tests.simulation.books import Books
from property_tests.simulation.decisions import Choices, Decisions
from property_tests.simulation.diagnosis import Diagnosis
from property_tests.simulation.engine import Engine, Sizes
from property_tests.simulation.kinds import Op, State
from property_tests.simulation.link import Link
from property_tests.simulation.participants import Editor, Participant, Tool
from property_tests.simulation.profiles import Profile
from property_tests.simulation.server import Server
from property_tests.simulation.store import Store

#: How soon the frames of a link move on, one against the other.
_SPEEDS = (4, 1, 16)


class Stage:
    """One diagram, its server and store, and those who edit it."""

    def __init__(
        self, profile: Profile, decisions: Decisions, engine: Engine, *, diagnose: bool = False
    ) -> None:
        self.profile = profile
        self.engine = engine
        self.below = decisions.below
        self.choices = Choices(decisions)
        self.trace: list[bytes] = []
        self.steps = 0
        self.policy = self._pick(profile.policies)
        sizes = Sizes(
            self._pick(profile.history_lengths),
            self._pick(profile.remembered_clients),
            self._pick(profile.snapshot_intervals),
        )
        self.start: State = engine.type.start(self.choices)
        kind = engine.type
        self.store = Store(kind, self.start, self.policy, kind.encode, engine.check_whole)
        self.diagnosis = Diagnosis(engine, self.policy) if diagnose else None
        self.books = Books(engine, self.store, self.diagnosis)
        self.sizes = sizes
        self.server = Server(engine, self.store, sizes, self.books)
        self.links: list[Link] = []
        self._link_count = 0
        self.editors: list[Editor] = []
        self.tools: list[Tool] = []
        self._populate()
        self.is_calm = False
        self.note("starts", self.policy, msgspec.structs.astuple(sizes), engine.shown(self.start))

    def _populate(self) -> None:
        editors = self._within(self.profile.editors)
        tools = self._within(self.profile.tools)
        for index in range(editors):
            kind: AuthorKind = "agent" if index % 3 == 1 else "user"
            self.editors.append(Editor(self, index, Author(kind, f"{kind}{index}", "")))
        for index in range(editors, editors + tools):
            client_id = f"tool{index}" if index % 2 == 0 else None
            self.tools.append(Tool(self, index, Author("agent", f"tool{index}", ""), client_id))

    @property
    def everybody(self) -> list[Participant]:
        return [*self.editors, *self.tools]

    # Chance, notes -----------------------------------------------------------------------------

    def _pick(self, values: Any) -> Any:
        return values[self.below(len(values))]

    def _within(self, bounds: tuple[int, int]) -> int:
        return bounds[0] + self.below(bounds[1] - bounds[0] + 1)

    def _happens(self, chance: int) -> bool:
        """Out of 1,000. The plainest choice, 0, is that it does not."""
        return chance > 0 and self.below(1_000) >= 1_000 - chance

    def note(self, *what: Any) -> None:
        """One line of the trace, as JSON."""
        self.trace.append(msgspec.json.encode((self.steps, *what)))

    def trace_hash(self) -> str:
        return hashlib.sha256(b"\n".join(self.trace)).hexdigest()

    def make_edit(self, who: int, state: State) -> Op:
        a = self.engine.type.edit(self.choices, state, who)
        self.note("edits", who, self.engine.shown(a))
        return a

    # Links -------------------------------------------------------------------------------------

    def new_link(self, author: Author, client_id: str | None) -> Link:
        self._link_count += 1
        speed = _SPEEDS[0] if self.is_calm else self._pick(_SPEEDS)
        link = Link(self, self._link_count, author, client_id, speed)
        self.links.append(link)
        return link

    def cut(self, participant: Participant, arriving: int) -> None:
        """The participant's link is gone; ``arriving`` frames had left already."""
        link = participant.link
        if link is not None:
            self.note("cut", link.number, arriving)
            link.cut(arriving)
            participant.lose_link()

    def check_told(self, link: Link, event: AnyEvent) -> None:
        self.books.check_told(link, event)
        self.note("tells", link.number, type(event).__name__, _gist(event))

    def through(self, event: AnyEvent) -> AnyEvent:
        """The event as it comes out at the other end of a link."""
        if not self.profile.through_json:
            return event
        carry = self.engine.carry_operation
        if isinstance(event, Updated):
            operations = [
                CommittedOperation(each.entry, carry(each.operation), each.encoded)
                for each in event.operations
            ]
            return Updated(diagram_id=event.diagram_id, operations=operations)
        if isinstance(event, Subscribed) and event.snapshot is not None:
            state = self.engine.carry_state(event.snapshot)
            return msgspec.structs.replace(event, snapshot=state)
        return event


def _gist(event: AnyEvent) -> Any:
    """What a trace line says of an event."""
    if isinstance(event, Updated):
        return [each.entry.revision for each in event.operations]
    if isinstance(event, Subscribed):
        return [event.revision, event.last_sequence, event.snapshot is not None]
    if isinstance(event, Read):
        return event.revision
    return [getattr(event, name, None) for name in ("sequence", "revision", "code")]
