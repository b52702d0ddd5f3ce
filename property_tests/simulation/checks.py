"""The laws of the end: what must be true once everything has come to rest."""

from typing import TYPE_CHECKING

from actors.commands import ReadDiagram
from ot.diagram import Diagram
from property_tests.model import Invalid, alike, model_apply
from property_tests.simulation.kinds import State
from property_tests.simulation.laws import Violation

if TYPE_CHECKING:
    from property_tests.simulation.world import World


def check_end(world: "World") -> None:
    """Raises Violation for the first law that does not hold of a settled world."""
    _check_answered(world)
    _catch_up(world)
    _check_replicas(world)
    _check_refused(world)
    _check_model(world)
    _check_reload(world)


def _check_answered(world: "World") -> None:
    for editor in world.editors:
        if not editor.is_settled:
            sequence = editor.client.sequence if editor.client else None
            raise Violation("answered", f"{editor.name} waits for the answer to {sequence}")
    for tool in world.tools:
        if not tool.is_settled:
            raise Violation("answered", f"{tool.name} waits for the answer to {tool.sequence}")


def _catch_up(world: "World") -> None:
    """A late commit of a dead process shows once the next edit is refused for it."""
    core = world.server.core
    if core is None or core.durable_revision == world.store.revision:
        return
    world.restart()
    world.settle()
    _check_answered(world)


def _check_replicas(world: "World") -> None:
    store = world.store
    for editor in world.editors:
        client = editor.client
        assert client is not None, "a settled editor has joined"
        if client.revision != store.revision:
            message = f"{editor.name} has not heard of everything"
            raise Violation("convergence", message, store.revision, client.revision)
        for what, state in (("confirmed", client.confirmed), ("shown", client.diagram)):
            name = f"what {editor.name} has {what}"
            store.check_state("convergence", name, client.revision, state)


def _check_refused(world: "World") -> None:
    submissions = world.store.submissions
    for key, code in world.books.refused.items():
        author, client_id, sequence = key
        if client_id is not None and sequence is not None:
            revision = submissions.get((author, client_id, sequence))
            if revision is not None and key not in world.books.excused:
                message = f"{client_id} {sequence} was refused as {code} and is {revision}"
                raise Violation("refused", message)


def _check_model(world: "World") -> None:
    """The journal once more, by the model that shares no code with ``ot``."""
    state: State = world.start
    if not isinstance(state, Diagram):
        return
    for entry in world.store.journal:
        try:
            state = model_apply(state, world.engine.operation_of(entry.operation))
        except Invalid as error:
            message = f"the model refuses revision {entry.revision}: {error}"
            raise Violation("model", message) from error
    expected, found = world.engine.type.encode(state), world.store.states[-1]
    if not alike(expected, world.engine.type.encode(found)):
        raise Violation("model", "the replay is not what the model says", expected, found)


def _check_reload(world: "World") -> None:
    """A process that starts now reads what everybody sees."""
    world.restart()
    link = world.new_link(world.editors[0].author, None)
    world.server.post(ReadDiagram(link))
    world.server.turn()
    if not link.down:
        raise Violation("answered", "a reader gets no answer")
