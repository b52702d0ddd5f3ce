"""A client led through random steps, and what it answered to each."""

from collections.abc import Callable
from random import Random
from typing import Any, Literal

from ot.apply import apply
from ot.client import Client, ProtocolViolation, Submission
from ot.errors import OperationError
from ot.operation import Delete, Operation
from ot.policy import AuthorKind, Policy
from ot.wire import wire_form
from property_tests.generate import make_diagram, make_operation
from property_tests.vectors.cases import (
    Acknowledge,
    AnyStep,
    ClientCase,
    Edit,
    Receive,
    Reject,
    Resend,
    Reset,
    Sent,
    Violation,
)

_POLICIES: tuple[Policy, ...] = ("later_wins", "humans_first", "agents_first")
_KINDS: tuple[AuthorKind, ...] = ("user", "agent", "system")
_MESSAGES: tuple[Literal["acknowledge", "reject"], ...] = ("acknowledge", "reject")
#: Steps of one trace, at most.
MAX_STEPS = 16


def make_client_case(rnd: Random, case: int) -> ClientCase:
    S = make_diagram(rnd, rnd.randint(1, 3), rnd.randint(0, 3))
    revision = rnd.randint(0, 20)
    kind, policy = rnd.choice(_KINDS[:2]), rnd.choice(_POLICIES)
    client = Client(S, revision, kind=kind, policy=policy)
    steps = [
        _STEPS[rnd.randrange(len(_STEPS))](rnd, client) for _ in range(rnd.randint(4, MAX_STEPS))
    ]
    return ClientCase(
        case=case,
        diagram=S,
        revision=revision,
        kind=kind,
        policy=policy,
        steps=[step for step in steps if step is not None],
        shown=client.diagram,
        confirmed=client.confirmed,
    )


def _after(client: Client, submission: Submission | None) -> dict[str, Any]:
    sent = None
    if submission is not None:
        sent = Sent(submission.base_revision, submission.sequence, submission.operation)
    return {"sends": sent, "state": client.state, "revision": client.revision}


def _edit(rnd: Random, client: Client) -> AnyStep:
    a = make_operation(rnd, client.diagram, 2)
    return Edit(operation=a, **_after(client, client.edit(a)))


def _refused_edit(rnd: Random, client: Client) -> AnyStep:
    a = Operation(nodes={"nobody": Delete()})
    try:
        client.edit(a)
    except OperationError as error:
        return Edit(operation=a, code=error.code, **_after(client, None))
    raise AssertionError("there is no such node")


def _receive(rnd: Random, client: Client) -> AnyStep:
    b, kind = make_operation(rnd, client.confirmed, 2), rnd.choice(_KINDS)
    shows = wire_form(client.receive(b, kind))
    return Receive(operation=b, author_kind=kind, shows=shows, **_after(client, None))


def _acknowledge(rnd: Random, client: Client) -> AnyStep | None:
    if client.sent is None:
        return _violate(rnd, client)
    sequence = client.sequence
    return Acknowledge(sequence=sequence, **_after(client, client.acknowledge(sequence)))


def _reject(rnd: Random, client: Client) -> AnyStep | None:
    if client.sent is None:
        return _violate(rnd, client)
    sequence = client.sequence
    undo, submission = client.reject(sequence)
    return Reject(sequence=sequence, shows=wire_form(undo), **_after(client, submission))


def _violate(rnd: Random, client: Client) -> AnyStep:
    message = rnd.choice(_MESSAGES)
    sequence = client.sequence + rnd.randint(0 if client.sent is None else 1, 2)
    refuse: Callable[[int], object] = getattr(client, message)
    try:
        refuse(sequence)
    except ProtocolViolation:
        return Violation(message=message, sequence=sequence, **_after(client, None))
    raise AssertionError("nothing of this number is on the way")


def _resend(rnd: Random, client: Client) -> AnyStep:
    return Resend(**_after(client, client.resend()))


def _reset(rnd: Random, client: Client) -> AnyStep:
    S = make_diagram(rnd, rnd.randint(1, 3), rnd.randint(0, 3))
    at, revision = S, client.revision + rnd.randint(0, 5)
    unsent: list[Operation] = []
    for _ in range(rnd.randint(0, 2)):
        unsent.append(make_operation(rnd, at, 2))
        at, _ = apply(at, unsent[-1])
    submission = client.reset(S, revision, unsent)
    return Reset(diagram=S, at=revision, unsent=unsent, **_after(client, submission))


_STEPS: tuple[Callable[[Random, Client], AnyStep | None], ...] = (
    *[_edit] * 6,
    *[_receive] * 6,
    *[_acknowledge] * 4,
    _refused_edit,
    _reject,
    _violate,
    _resend,
    _reset,
)
