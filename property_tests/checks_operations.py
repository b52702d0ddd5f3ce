"""The laws as cases, each made from one source of choices: what a hunt goes through in turns.

Beyond ``laws``: operations that break a rule are refused by the code of that rule, a diagram that
is changed in place stays whole, letters of the winner come first, and names may be any.
"""

from functools import lru_cache
from random import Random

from ot.apply import apply, apply_in_place
from ot.compose import compose
from ot.conflicts import find_lost
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import Delete, Operation, Replace, Set, Text, TextDelete, TextEdit, Update
from ot.policy import AuthorKind, Policy
from ot.references import reference_counts
from ot.text import apply_text
from ot.transform import transform
from ot.validate import check_operation
from ot.wire import wire_form
from property_tests import laws, losses, text_laws
from property_tests.generate import (
    make_diagram,
    make_operation,
    make_text,
    make_text_edit,
    spoil,
    twist,
)
from property_tests.laws import Broken, encoded, same
from property_tests.model import Invalid, model_apply
from property_tests.vectors.faults import FAULTS, out_of_bounds
from property_tests.vectors.renaming import renamed

POLICIES: tuple[Policy, ...] = ("later_wins", "humans_first", "agents_first")
KINDS: tuple[AuthorKind, ...] = ("user", "agent", "system")


def _diagram(rnd: Random, nodes: int = 5, edges: int = 5) -> Diagram:
    return make_diagram(rnd, rnd.randint(0, nodes), rnd.randint(0, edges))


def _operation(rnd: Random, S: Diagram) -> Operation:
    """One operation, or two composed."""
    a = make_operation(rnd, S)
    return a if rnd.random() < 0.5 else compose(a, make_operation(rnd, apply(S, a)[0]))


def _won(rnd: Random) -> bool:
    return rnd.random() < 0.5


def check_one_operation(rnd: Random) -> None:
    S = _diagram(rnd)
    a = _operation(rnd, S)
    laws.applies(S, a)
    laws.normal(a)
    laws.logged(S, a)
    laws.inverted(S, a)
    _check_wire_form(S, a)


def _check_wire_form(S: Diagram, a: Operation) -> None:
    """Taken from the log form, it says nothing of what was there, and does the same."""
    A, log = apply(S, a)
    wire = wire_form(log)
    if any(told in encoded(wire) for told in (b'"was":', b'"d":"')):
        raise Broken("L", "the wire form says what was there", S=S, a=a, wire=wire)
    if not (same(apply(S, wire)[0], A) and same(wire_form(a), a)):
        raise Broken("L", "the wire form does something else", S=S, a=a, wire=wire)


@lru_cache(maxsize=1)
def _out_of_bounds() -> list[Operation]:
    return list(out_of_bounds())


def check_bounds(rnd: Random) -> None:
    """What no diagram could take is refused at sight; what is generated is not."""
    a = rnd.choice(_out_of_bounds())
    if is_within_bounds(a):
        raise Broken("A", "out of bounds, and let through", a=a)
    b = make_operation(rnd, _diagram(rnd))
    if not is_within_bounds(b):
        raise Broken("A", "within bounds, and refused", b=b)


def is_within_bounds(a: Operation) -> bool:
    """Whether an actor would look at ``a`` at all."""
    try:
        check_operation(a)
    except OperationError:
        return False
    return True


def check_invalid_operations(rnd: Random) -> None:
    S = _diagram(rnd)
    laws.applies(S, make_operation(rnd, _diagram(rnd)))
    for _ in range(3):
        laws.applies(S, spoil(rnd, S, make_operation(rnd, S)))


def check_refusals(rnd: Random) -> None:
    """Each rule, broken alone, is named by its code, and the model knows it too."""
    S = make_diagram(rnd, rnd.randint(2, 4), rnd.randint(1, 4))
    code, fault = rnd.choice(FAULTS)
    a = fault(rnd, S)
    try:
        apply(S, a)
    except OperationError as error:
        if error.code != code:
            raise Broken("A", f"refused as {error.code}, not {code}", S=S, a=a) from error
    else:
        raise Broken("A", f"applied, but {code}", S=S, a=a)
    if code != "invalid_path":
        _check_model_refuses(S, a)


def _check_model_refuses(S: Diagram, a: Operation) -> None:
    try:
        model_apply(S, a)
    except Invalid:
        return
    raise Broken("A", "the model takes it", S=S, a=a)


def check_in_place(rnd: Random) -> None:
    """Changed in place, a diagram goes the way of the model; refused, it stays as it is.

    What is kept beside it for speed says what counting anew says.
    """
    S, seen = _diagram(rnd), Diagram()
    for _ in range(6):
        a = make_operation(rnd, S)
        if rnd.random() < 0.4:
            a = _bent(rnd, S, a)
        before = encoded(S)
        try:
            seen = model_apply(S, a)
        except Invalid:
            _check_untouched(S, a, before)
        else:
            apply_in_place(S, a)
            if not same(S, seen):
                raise Broken("A", "in place it is another diagram", S=before.decode(), a=a)
        _check_counts(S, a)


def _bent(rnd: Random, S: Diagram, a: Operation) -> Operation:
    """``a`` with something in it that does not fit."""
    if rnd.random() < 0.5 and S.nodes:
        return Operation(a.diagram, {**a.nodes, rnd.choice(list(S.nodes)): Delete()}, {})
    return spoil(rnd, S, a)


def _check_untouched(S: Diagram, a: Operation, before: bytes) -> None:
    try:
        apply_in_place(S, a)
    except OperationError:
        if encoded(S) != before:
            raise Broken("A", "refused, and changed", S=before.decode(), a=a) from None
        return
    raise Broken("A", "in place it is taken", S=before.decode(), a=a)


def _check_counts(S: Diagram, a: Operation) -> None:
    kept, counted = +reference_counts(S), +reference_counts(S.copy())
    if kept != counted:
        raise Broken("A", "references are counted wrongly", S=S, a=a, kept=kept, counted=counted)


def check_composition(rnd: Random) -> None:
    S = _diagram(rnd)
    a = make_operation(rnd, S)
    A = apply(S, a)[0]
    b = make_operation(rnd, A)
    c = make_operation(rnd, apply(A, b)[0])
    laws.composed(S, a, b)
    laws.associative(S, a, b, c)


def check_meeting(rnd: Random) -> None:
    S = _diagram(rnd)
    a, b, w = _operation(rnd, S), _operation(rnd, S), _won(rnd)
    laws.diamond(S, a, b, w)
    losses.losses_told(S, a, b, w)
    _check_log_form_meets(S, a, b, w)


def _check_log_form_meets(S: Diagram, a: Operation, b: Operation, w: bool) -> None:
    """Over the log form of ``b``, ``a`` becomes and loses what it does over ``b`` itself."""
    log = apply(S, b)[1]
    if not same(transform(a, log, w), transform(a, b, w)):
        raise Broken("L", "the log form is met otherwise", S=S, a=a, b=b, w=w, log=log)
    if not same(find_lost(a, log, w), find_lost(a, b, w)):
        raise Broken("L", "the log form makes other losses", S=S, a=a, b=b, w=w, log=log)


def check_policy(rnd: Random) -> None:
    S = _diagram(rnd)
    a, b = make_operation(rnd, S), make_operation(rnd, S)
    laws.policy_decides(S, a, b, rnd.choice(POLICIES), (rnd.choice(KINDS), rnd.choice(KINDS)))


def check_parts(rnd: Random) -> None:
    S = _diagram(rnd)
    b = make_operation(rnd, S)
    c = make_operation(rnd, apply(S, b)[0])
    laws.over_parts(S, make_operation(rnd, S), b, c, _won(rnd))


def check_passing(rnd: Random) -> None:
    S = _diagram(rnd, 9, 9)
    states, operations = [S], []
    for _ in range(4):
        operations.append(make_operation(rnd, states[-1], 2))
        states.append(apply(states[-1], operations[-1])[0])
    for at in range(4):
        a = make_operation(rnd, states[at], 2)
        laws.passes_by(a, operations[:at], operations[at:], _won(rnd))


def check_difference(rnd: Random) -> None:
    S = _diagram(rnd)
    laws.differs(S, _diagram(rnd))
    T = apply(S, make_operation(rnd, S))[0]
    laws.differs(S, T)
    T.data, T.nodes, T.edges = twist(T.data), twist(T.nodes), twist(T.edges)
    laws.differs(S, T)


def check_names(rnd: Random) -> None:
    """The laws under names that are long, look like paths, or mean something to a language."""
    S = _diagram(rnd)
    a, b = make_operation(rnd, S), make_operation(rnd, S)
    T = apply(S, b)[0]
    S, T, a, b = renamed(S), renamed(T), renamed(a), renamed(b)
    laws.applies(S, a)
    laws.inverted(S, a)
    laws.diamond(S, a, b, _won(rnd))
    laws.differs(S, T)


def check_texts(rnd: Random) -> None:
    text = make_text(rnd, 20)
    a, b, w = make_text_edit(rnd, text, 6), make_text_edit(rnd, text, 6), _won(rnd)
    text_laws.text_applies(text, a)
    text_laws.text_diamond(text, a, b, w)
    text_laws.text_keeps(text, a, b, w)
    text_laws.text_inverted(text, a)
    A = apply_text(text, a)
    then = make_text_edit(rnd, A, 6)
    text_laws.text_composed(text, a, then)
    text_laws.text_associative(a, then, make_text_edit(rnd, apply_text(A, then), 6))


def check_text_shapes(rnd: Random) -> None:
    """Edits of any shape are refused or do what the model says; differences lead home."""
    deletions = [TextDelete(d) for d in (0, -1, 1, 2, "", "ab")]
    parts: list[int | str | TextDelete] = [0, -1, 1, 2, 3, "", "x", "😀y", *deletions]
    edit: TextEdit = [rnd.choice(parts) for _ in range(rnd.randint(0, 5))]
    text, other = make_text(rnd, 20), make_text(rnd, 20)
    text_laws.text_applies(text, edit)
    text_laws.text_normalised("x" * 20, [part for part in edit if _spans(part)])
    text_laws.text_differs(text, other)
    text_laws.text_differs(text, text)
    text_laws.text_differs(f"{text}\n{other}", f"{other}\n{text}")


def _spans(part: int | str | TextDelete) -> bool:
    return part not in {0, -1, "", TextDelete(0), TextDelete(-1), TextDelete("")}


def check_ties(rnd: Random) -> None:
    """Letters of two authors at one place: those of the one who comes first do."""
    text, w = make_text(rnd, 6), _won(rnd)
    at = rnd.randint(0, len(text))
    skip: TextEdit = [at] if at else []
    text_laws.winner_first(text, [*skip, "A"], [*skip, "B"], w)


def check_not_invertible(rnd: Random) -> None:
    """A wire form that does not say what it removed is refused."""
    changes = (Delete(), Replace({}), Update({"/x": Text([TextDelete(rnd.randint(1, 3))])}))
    a = Operation(nodes={"n": rnd.choice(changes), "m": Update({"/x": Set(1, was=2)})})
    try:
        back = invert(a)
    except OperationError as error:
        if error.code == "not_invertible":
            return
        raise
    raise Broken("I", "inverted what does not say what was there", a=a, back=back)
