"""Holding ``ot`` to the cases: what an implementation in another language does in its own."""

from functools import singledispatch

from ot.apply import apply
from ot.client import Client, ProtocolViolation, Submission
from ot.compose import compose
from ot.diagram import Diagram, json_equal
from ot.diff import diff
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import Operation, TextEdit
from ot.text import apply_text, check_text, compose_text, invert_text, log_text, transform_text
from ot.transform import transform
from ot.validate import check_operation
from ot.wire import wire_form
from property_tests.laws import encoded, same
from property_tests.vectors.cases import (
    Acknowledge,
    AnyStep,
    ApplyCase,
    Case,
    CheckCase,
    ClientCase,
    ComposeCase,
    DiffCase,
    Edit,
    InvertCase,
    Met,
    MisuseCase,
    Receive,
    RefuseCase,
    Reject,
    Resend,
    Reset,
    TextApplyCase,
    TextComposeCase,
    TextMet,
    TextRefuseCase,
    TextTransformCase,
    TransformCase,
    Violation,
)


class Disproved(AssertionError):
    """An answer differs from the case's; the message holds both as JSON."""


def _expect(what: str, found: object, expected: object) -> None:
    if not same(found, expected):
        shown = f"found {encoded(found).decode()}, expected {encoded(expected).decode()}"
        raise Disproved(f"{what}: {shown}")


@singledispatch
def prove(case: Case) -> None:
    """Raises Disproved where ``ot`` gives another answer than the case."""
    raise NotImplementedError(type(case).__name__)


@prove.register
def _(case: ApplyCase) -> None:
    after, log = apply(case.diagram, case.a)
    _expect("after", after, case.after)
    _expect("log", log, case.log)


@prove.register
def _(case: RefuseCase) -> None:
    before = encoded(case.diagram)
    try:
        apply(case.diagram, case.a)
    except OperationError as error:
        _expect("the error", (error.code, error.at), (case.code, case.at))
    else:
        raise Disproved(f"applied, but {case.code} at {case.at}")
    _expect("the diagram", encoded(case.diagram).decode(), before.decode())


@prove.register
def _(case: CheckCase) -> None:
    try:
        check_operation(case.a)
    except OperationError as error:
        _expect("the error", (error.code, error.at), (case.code, case.at))
    else:
        raise Disproved(f"let through, but {case.code} at {case.at}")


@prove.register
def _(case: TransformCase) -> None:
    for a_wins, met in ((True, case.a_wins), (False, case.b_wins)):
        a1, b1 = transform(case.a, case.b, a_wins), transform(case.b, case.a, not a_wins)
        left = apply(apply(case.diagram, case.a)[0], b1)[0]
        right = apply(apply(case.diagram, case.b)[0], a1)[0]
        _expect(f"a_wins={a_wins}", Met(a1, b1, left), met)
        _expect(f"a_wins={a_wins}, the other road", right, met.merged)


@prove.register
def _(case: ComposeCase) -> None:
    ab = compose(case.a, case.b)
    _expect("ab", ab, case.ab)
    _expect("after ab", apply(case.diagram, ab)[0], case.after)
    _expect("after a, then b", apply(apply(case.diagram, case.a)[0], case.b)[0], case.after)


@prove.register
def _(case: InvertCase) -> None:
    inverse = invert(case.log)
    _expect("inverse", inverse, case.inverse)
    back, log = apply(case.after, inverse)
    _expect("back", back, case.diagram)
    _expect("log form of the inverse", log, case.inverse)


@prove.register
def _(case: DiffCase) -> None:
    d = diff(case.diagram, case.after)
    found, expected = apply(case.diagram, d)[0], case.after
    _expect("nodes", sorted(d.nodes), sorted(case.d.nodes))
    _expect("edges", sorted(d.edges), sorted(case.d.edges))
    if not json_equal(_whole(found), _whole(expected)):
        _expect("after", found, expected)
    if case.exact:
        _expect("d", d, case.d)


def _whole(S: Diagram) -> dict[str, object]:
    return {**S.properties(), "nodes": S.nodes, "edges": S.edges}


@prove.register
def _(case: MisuseCase) -> None:
    try:
        _call(case.function, case.a, case.b)
    except OperationError as error:
        _expect("code", error.code, case.code)
    else:
        raise Disproved(f"{case.function} took it, but {case.code}")


def _call(function: str, a: Operation, b: Operation | None) -> Operation:
    if b is None:
        return invert(a)
    return compose(a, b) if function == "compose" else transform(a, b, True)


@prove.register
def _(case: TextApplyCase) -> None:
    log = log_text(case.text, case.edit)
    _expect("after", apply_text(case.text, case.edit), case.after)
    _expect("log", log, case.log)
    _expect("inverse", invert_text(log), case.inverse)
    _expect("back", apply_text(case.after, case.inverse), case.text)


@prove.register
def _(case: TextRefuseCase) -> None:
    try:
        check_text(case.edit, len(case.text), "")
    except OperationError as error:
        _expect("code", error.code, case.code)
    else:
        raise Disproved(f"let through, but {case.code}")


@prove.register
def _(case: TextTransformCase) -> None:
    for a_first, met in ((True, case.a_first), (False, case.b_first)):
        a1 = transform_text(case.a, case.b, a_first)
        b1 = transform_text(case.b, case.a, not a_first)
        left = apply_text(apply_text(case.text, case.a), b1)
        right = apply_text(apply_text(case.text, case.b), a1)
        _expect(f"a_first={a_first}", TextMet(a1, b1, left), met)
        _expect(f"a_first={a_first}, the other road", right, met.merged)


@prove.register
def _(case: TextComposeCase) -> None:
    ab: TextEdit = compose_text(case.a, case.b)
    _expect("ab", ab, case.ab)
    _expect("after", apply_text(case.text, ab), case.after)


@prove.register
def _(case: ClientCase) -> None:
    client = Client(case.diagram, case.revision, kind=case.kind, policy=case.policy)
    for number, step in enumerate(case.steps):
        _take(client, step, f"step {number}")
        _expect(f"state after step {number}", client.state, step.state)
        _expect(f"revision after step {number}", client.revision, step.revision)
    _expect("shown", client.diagram, case.shown)
    _expect("confirmed", client.confirmed, case.confirmed)


def _take(client: Client, step: AnyStep, at: str) -> None:
    submission: Submission | None = None
    match step:
        case Edit():
            submission = _edit(client, step, at)
        case Receive():
            shows = wire_form(client.receive(step.operation, step.author_kind))
            _expect(f"{at} shows", shows, step.shows)
        case Acknowledge():
            submission = client.acknowledge(step.sequence)
        case Reject():
            undo, submission = client.reject(step.sequence)
            _expect(f"{at} shows", wire_form(undo), step.shows)
        case Resend():
            submission = client.resend()
        case Reset():
            submission = client.reset(step.diagram, step.at, step.unsent)
        case Violation():
            _violate(client, step, at)
    _expect(f"{at} sends", submission, step.sends)


def _edit(client: Client, step: Edit, at: str) -> Submission | None:
    try:
        submission = client.edit(step.operation)
    except OperationError as error:
        _expect(f"{at} code", error.code, step.code)
        return None
    _expect(f"{at} code", None, step.code)
    return submission


def _violate(client: Client, step: Violation, at: str) -> None:
    refuse = client.acknowledge if step.message == "acknowledge" else client.reject
    try:
        refuse(step.sequence)
    except ProtocolViolation:
        return
    raise Disproved(f"{at}: took {step.message} {step.sequence}")
