"""The client's state machine: with a server in between, and where the server is wrong."""

from random import Random

from ot.apply import apply
from ot.client import Client, ProtocolViolation
from ot.diagram import Diagram
from ot.operation import Operation
from property_tests import replicas
from property_tests.checks_operations import KINDS, POLICIES
from property_tests.generate import make_diagram, make_operation
from property_tests.laws import Broken, encoded, same


def check_replicas(rnd: Random) -> None:
    S = make_diagram(rnd, rnd.randint(0, 3), rnd.randint(0, 3))
    kinds = [rnd.choice(KINDS) for _ in range(rnd.randint(2, 3))]
    replicas.replicas_converge(rnd, S, rnd.choice(POLICIES), kinds, actions=30)


def check_violations(rnd: Random) -> None:
    """What is not on the way can be neither acknowledged nor rejected, and nothing changes."""
    S = make_diagram(rnd, rnd.randint(0, 3), rnd.randint(0, 3))
    client = Client(S, 0, sequence=rnd.randint(0, 3))
    for _ in range(rnd.randint(0, 2)):
        client.edit(make_operation(rnd, client.diagram, 2))
    sequence = client.sequence + rnd.choice((-1, 1) if client.sent else (-1, 0, 1))
    before = _standing(client)
    try:
        rnd.choice((client.acknowledge, client.reject))(sequence)
    except ProtocolViolation:
        if _standing(client) != before:
            raise Broken("R", "a violation changed the client", before=before) from None
        return
    raise Broken("R", f"took {sequence} while {client.sequence} was awaited", S=S)


def _standing(client: Client) -> list[object]:
    mine = (client.diagram, client.confirmed, client.sent, client.buffer)
    return [client.revision, client.sequence, *map(encoded, mine)]


def check_reset(rnd: Random) -> None:
    """Starting over: what is unsent stands on the snapshot, and is what is sent."""
    client = Client(make_diagram(rnd, 2, 2), 3)
    for _ in range(rnd.randint(0, 3)):
        client.edit(make_operation(rnd, client.diagram, 2))
    S = make_diagram(rnd, rnd.randint(0, 3), rnd.randint(0, 3))
    unsent, shown = _make_unsent(rnd, S)
    submission = client.reset(S, 7, unsent)
    sent = Operation() if submission is None else submission.operation
    if not (same(client.diagram, shown) and same(apply(S, sent)[0], shown)):
        raise Broken("R", "the unsent edits are not what is sent", S=S, unsent=unsent, sent=sent)
    if not same(client.confirmed, S) or client.buffer is not None or client.revision != 7:
        raise Broken("R", "something of before is left", S=S, buffer=client.buffer)


def _make_unsent(rnd: Random, S: Diagram) -> tuple[list[Operation], Diagram]:
    unsent: list[Operation] = []
    for _ in range(rnd.randint(0, 3)):
        unsent.append(make_operation(rnd, S, 2))
        S = apply(S, unsent[-1])[0]
    return unsent, S
