"""What happened in a run, one happening a line: who, what, and what was lost on the way.

Made of the run's trace. The lanes are the participants and, first of all, the server.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from property_tests.fuzz_report.values import plain, shown
from property_tests.simulation import Outcome

SERVER = "server"

#: Characters of an operation in a line.
_OPERATION_LENGTH = 160


class Happening(msgspec.Struct, frozen=True):
    """``to``: the lane at which a frame of ``lane`` arrives; ``is_fault``: something goes wrong."""

    step: int
    lane: str
    what: str
    to: str | None = None
    is_fault: bool = False


class _Wire(msgspec.Struct):
    """What is on a link, by what a reader calls it."""

    owner: str
    up: deque[str] = msgspec.field(default_factory=deque)
    down: deque[str] = msgspec.field(default_factory=deque)
    is_cut: bool = False


def timeline_of(trace: Iterable[str]) -> list[Happening]:
    """From the lines of ``Outcome.trace``."""
    rows = [json.loads(line) for line in trace]
    teller = _Teller(_owners(rows))
    for step, what, *rest in rows:
        teller.tell(step, what, rest)
    return teller.out


def story_of(outcome: Outcome) -> list[Happening]:
    """The run's timeline, and at the end of it what broke, in the lane of whom it is about."""
    happenings = timeline_of(outcome.trace)
    failure = outcome.failure
    if failure is not None:
        about = [name for name in lanes_of(happenings) if name in failure.message]
        what = f"BROKEN: {failure.law}: {plain(failure.message)}"
        lane = about[0] if about else SERVER
        happenings.append(Happening(outcome.steps, lane, what, is_fault=True))
    return happenings


def lanes_of(happenings: Sequence[Happening]) -> list[str]:
    """The server, then the others as their numbers are."""
    names = {each.lane for each in happenings} | {each.to for each in happenings if each.to}
    return [SERVER, *sorted(names - {SERVER}, key=_number_in)]


def _number_in(name: str) -> tuple[int, str]:
    digits = "".join(letter for letter in name if letter.isdigit())
    return int(digits or 0), name


def _owners(rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Who is at the end of each link. Tools do not say: theirs carries what they submit."""
    owners: dict[int, str] = {}
    tools = list(dict.fromkeys(row[2] for row in rows if row[1] == "submits"))
    waiting: list[str] = []
    for row in rows:
        if row[1] == "connects":
            owners[row[3]] = row[2]
        elif row[1] == "submits":
            waiting.append(row[2])
        elif row[1] == "carries" and row[2] not in owners and row[3] == "Submit" and waiting:
            owners[row[2]] = waiting.pop(0)
    for row in rows:
        if row[1] in {"carries", "hears", "tells", "cut"}:
            owners.setdefault(row[2], tools[0] if len(tools) == 1 else "a tool")
    return owners


class _Teller:
    """Knows what is on every link, so that it can say what a cut has lost."""

    def __init__(self, owners: dict[int, str]) -> None:
        self.out: list[Happening] = []
        self._owners = owners
        self._wires: dict[int, _Wire] = {}
        self._names = list(dict.fromkeys(owners.values()))
        self._link_of: dict[str, int] = {}
        self._step = 0

    def tell(self, step: int, what: str, rest: list[Any]) -> None:
        self._step = step
        how: Callable[..., None] | None = getattr(self, f"_{what.replace(' ', '_')}", None)
        if how is None:
            self._say(SERVER, " ".join([what, *map(shown, rest)]))
        else:
            how(*rest)

    def _say(self, lane: str, what: str, to: str | None = None, *, is_fault: bool = False) -> None:
        self.out.append(Happening(self._step, lane, what, to, is_fault))

    def _wire(self, link: int) -> _Wire:
        return self._wires.setdefault(link, _Wire(self._owners.get(link, "a tool")))

    def _participant(self, index: int) -> str:
        mine = [name for name in self._names if name.endswith(str(index))]
        return mine[0] if mine else f"participant {index}"

    # Participants --------------------------------------------------------------------------------

    def _connects(self, name: str, link: int) -> None:
        self._link_of[name] = link
        self._wire(link).up.append("Subscribe")
        self._say(name, f"connects over link {link}")

    def _edits(self, index: int, operation: Any) -> None:
        self._say(self._participant(index), f"edits: {shown(operation, _OPERATION_LENGTH)}")

    def _sends(self, name: str, sequence: int, base: int | None) -> None:
        link = self._link_of.get(name)
        if link is not None:
            self._wire(link).up.append(f"Submit {sequence}")
        self._say(name, f"sends its edit {sequence}, made at revision {base}")

    def _submits(self, name: str, sequence: int, base: int | None) -> None:
        self._say(name, f"submits an edit made at revision {base}")

    def _resends(self, name: str) -> None:
        self._say(name, "sends again what was refused for now")

    def _undoes(self, name: str, revision: int) -> None:
        self._say(name, f"undoes revision {revision}")

    def _reloads(self, name: str) -> None:
        self._say(name, "reloads the page and forgets what it had not sent", is_fault=True)

    def _takes(self, name: str, revision: int, state: str) -> None:
        self._say(name, f"takes in revision {revision} while {state}")

    # Links ---------------------------------------------------------------------------------------

    def _carries(self, link: int, frame: str) -> None:
        wire = self._wire(link)
        name = wire.up.popleft() if wire.up else frame
        self._say(wire.owner, f"{name} arrives over link {link}", SERVER)

    def _tells(self, link: int, event: str, gist: Any) -> None:
        wire = self._wire(link)
        name = f"{event} {_gist(event, gist)}".strip()
        if wire.is_cut:
            self._say(SERVER, f"tells {wire.owner} {name}: link {link} is cut", is_fault=True)
        else:
            wire.down.append(name)
            self._say(SERVER, f"tells {wire.owner} {name}")

    def _hears(self, link: int, event: str) -> None:
        wire = self._wire(link)
        name = wire.down.popleft() if wire.down else event
        self._say(SERVER, f"{name} reaches {wire.owner} over link {link}", wire.owner)

    def _cut(self, link: int, arriving: int) -> None:
        wire = self._wire(link)
        lost = [*list(wire.up)[arriving:], *wire.down]
        still = list(wire.up)[:arriving]
        wire.up, wire.is_cut = deque(still), True
        wire.down.clear()
        what = f"link {link} drops" + (f" and loses {', '.join(lost)}" if lost else "")
        self._say(
            wire.owner,
            what + (f"; {', '.join(still)} still arrives" if still else ""),
            is_fault=True,
        )

    def _hangs_up(self, link: int) -> None:
        self._say(SERVER, f"notices that link {link} is gone")

    # The server ----------------------------------------------------------------------------------

    def _starts(self, policy: str, sizes: Any, state: Any) -> None:
        self._say(SERVER, f"starts under {policy} with {shown(state, 2 * _OPERATION_LENGTH)}")

    def _turn(self, most: int, failing: int) -> None:
        what = f"handles {most} of what has arrived"
        self._say(SERVER, what + (", reading fails" if failing else ""), is_fault=bool(failing))

    def _commit(self, revision: int, outcome: str, is_in_doubt: bool) -> None:
        doubt = ", but the answer is lost" if is_in_doubt else ""
        is_fault = outcome != "committed" or is_in_doubt
        self._say(SERVER, f"commit up to revision {revision}: {outcome}{doubt}", is_fault=is_fault)

    def _late_commit(self, revision: int, outcome: str) -> None:
        what = f"a dead process's commit up to revision {revision}: {outcome}"
        self._say(SERVER, what, is_fault=True)

    def _crash(self, at: int, is_late: bool) -> None:
        when = "once it was staged" if is_late else "before it"
        self._say(SERVER, f"the actor crashes at command {at + 1}, {when}", is_fault=True)

    def _process_crash(self) -> None:
        for wire in self._wires.values():
            wire.up.clear()
            wire.down.clear()
            wire.is_cut = True
        self._say(SERVER, "the process dies, and with it every link", is_fault=True)

    def _passivates(self) -> None:
        self._say(SERVER, "the actor goes to sleep")

    def _closes(self) -> None:
        self._say(SERVER, "the actor is closed", is_fault=True)


def _gist(event: str, gist: Any) -> str:
    if event == "Updated":
        return f"with revision {', '.join(map(str, gist))}"
    if event == "Subscribed":
        return f"at revision {gist[0]}" + (", with a snapshot" if gist[2] else "")
    if event == "Read":
        return f"at revision {gist}"
    return " ".join(str(each) for each in gist if each is not None)
