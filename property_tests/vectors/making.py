"""The cases themselves. Each is made from its own seed, so any one of them can be made alone."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from ot.apply import apply
from ot.compose import compose
from ot.diagram import Diagram
from ot.diff import diff
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import Create, Delete, Operation, Replace, Set, Text, TextDelete, TextEdit, Update
from ot.text import (
    apply_text,
    check_text,
    compose_text,
    invert_text,
    log_text,
    transform_text,
)
from ot.transform import transform
from ot.validate import check_operation
from ot.wire import wire_form
from property_tests.generate import make_diagram, make_operation, make_text, make_text_edit, twist
from property_tests.vectors.cases import (
    ApplyCase,
    Case,
    CheckCase,
    ComposeCase,
    DiffCase,
    InvertCase,
    Met,
    MisuseCase,
    RefuseCase,
    TextApplyCase,
    TextComposeCase,
    TextMet,
    TextRefuseCase,
    TextTransformCase,
    TransformCase,
)
from property_tests.vectors.faults import FAULTS, out_of_bounds
from property_tests.vectors.renaming import renamed
from property_tests.vectors.tracing import make_client_case

#: One case in so many has names that trip up implementations.
RENAMED_ONE_IN = 20
#: One in so many compositions takes the first operation back.
TAKEN_BACK_ONE_IN = 8


def _start(rnd: Random, nodes: int = 4, edges: int = 4) -> Diagram:
    return make_diagram(rnd, rnd.randint(0, nodes), rnd.randint(0, edges))


def _renamed(case: int, *values: Any) -> Any:
    return tuple(map(renamed, values)) if case % RENAMED_ONE_IN == 0 else values


def _apply_case(rnd: Random, case: int) -> ApplyCase:
    S = _start(rnd)
    S, a = _renamed(case, S, make_operation(rnd, S))
    after, log = apply(S, a)
    return ApplyCase(case=case, diagram=S, a=a, after=after, log=log)


def _refuse_case(rnd: Random, case: int) -> RefuseCase:
    code, fault = FAULTS[case % len(FAULTS)]
    S = make_diagram(rnd, rnd.randint(2, 4), rnd.randint(1, 4))
    a = fault(rnd, S)
    try:
        apply(S, a)
    except OperationError as error:
        if error.code == code:
            return RefuseCase(case=case, diagram=S, a=a, code=code, at=error.at)
        raise
    raise AssertionError(f"not refused: {a}")


def _check_cases() -> list[CheckCase]:
    out: list[CheckCase] = []
    for case, a in enumerate(out_of_bounds()):
        try:
            check_operation(a)
        except OperationError as error:
            out.append(CheckCase(case=case, a=a, code=error.code, at=error.at))
    return out


def _transform_case(rnd: Random, case: int) -> TransformCase:
    S = _start(rnd)
    S, a, b = _renamed(case, S, make_operation(rnd, S), make_operation(rnd, S))
    met = [_meet(S, a, b, a_wins) for a_wins in (True, False)]
    return TransformCase(case=case, diagram=S, a=a, b=b, a_wins=met[0], b_wins=met[1])


def _meet(S: Diagram, a: Operation, b: Operation, a_wins: bool) -> Met:
    b1 = transform(b, a, not a_wins)
    return Met(transform(a, b, a_wins), b1, apply(apply(S, a)[0], b1)[0])


def _compose_case(rnd: Random, case: int) -> ComposeCase:
    S = _start(rnd, 3, 3)
    a = make_operation(rnd, S)
    A, log = apply(S, a)
    takes_back = case % TAKEN_BACK_ONE_IN == 1
    b = wire_form(invert(log)) if takes_back else make_operation(rnd, A)
    S, a, b = _renamed(case, S, a, b)
    after = apply(apply(S, a)[0], b)[0]
    return ComposeCase(case=case, diagram=S, a=a, b=b, ab=compose(a, b), after=after)


def _invert_case(rnd: Random, case: int) -> InvertCase:
    S = _start(rnd)
    S, a = _renamed(case, S, make_operation(rnd, S))
    after, log = apply(S, a)
    return InvertCase(case=case, diagram=S, log=log, after=after, inverse=invert(log))


def _diff_case(rnd: Random, case: int) -> DiffCase:
    S = _start(rnd, 3, 3)
    after = _start(rnd, 3, 3) if case % 4 == 0 else apply(S, make_operation(rnd, S))[0]
    if case % 10 == 0:
        after.nodes = twist(after.nodes)
    S, after = _renamed(case, S, after)
    d = diff(S, after)
    return DiffCase(case=case, diagram=S, after=after, d=d, exact=not _has_text(d))


def _has_text(a: Operation) -> bool:
    return any(
        isinstance(write, Text)
        for change in (a.diagram, *a.nodes.values(), *a.edges.values())
        if isinstance(change, Update)
        for write in change.writes.values()
    )


def _misuse_case(rnd: Random, case: int) -> MisuseCase:
    element = {"k": rnd.randint(0, 9)}
    label = Update({"/label": Text([make_text(rnd) or "x"])})
    cut = Update({"/label": Text([TextDelete(rnd.randint(1, 9))])})
    flat = Update({"/label": Set(rnd.randint(0, 9))})
    inside = Update({"/label/x": Set(1)})
    exists = (Delete(), Replace(element), label)
    pairs: tuple[Any, ...] = (
        ("transform", Create(element), rnd.choice(exists)),
        ("transform", rnd.choice(exists), Create(element)),
        ("compose", rnd.choice((Create(element), *exists[1:])), Create(element)),
        ("compose", Delete(), rnd.choice(exists)),
        ("compose", flat, rnd.choice((label, inside))),
        ("invert", rnd.choice((Delete(), Replace(element), cut)), None),
    )
    function, first, second = pairs[case % len(pairs)]
    a = Operation(nodes={"n": first})
    b = None if second is None else Operation(nodes={"n": second})
    code = _refusal(function, a, b)
    return MisuseCase(case=case, function=function, a=a, b=b, code=code)


def _refusal(function: str, a: Operation, b: Operation | None) -> str:
    try:
        if b is None:
            invert(a)
        elif function == "compose":
            compose(a, b)
        else:
            transform(a, b, True)
    except OperationError as error:
        return error.code
    raise AssertionError(f"{function} takes {a} and {b}")


def _text_edit(rnd: Random, text: str) -> TextEdit:
    """An edit that does something; one in four names what it deletes."""
    edit = make_text_edit(rnd, text, 6) or [make_text(rnd, 2) or "z"]
    return log_text(text, edit) if rnd.randint(0, 3) == 0 else edit


def _text_apply_case(rnd: Random, case: int) -> TextApplyCase:
    text = make_text(rnd, 20)
    edit = _text_edit(rnd, text)
    log = log_text(text, edit)
    return TextApplyCase(
        case=case,
        text=text,
        edit=edit,
        after=apply_text(text, edit),
        log=log,
        inverse=invert_text(log),
    )


def _text_refuse_case(rnd: Random, case: int) -> TextRefuseCase:
    text = make_text(rnd)
    edit: TextEdit = list(make_text_edit(rnd, text, 3))
    past = len(text) + rnd.randint(1, 3)
    wrong = (0, -1, "", TextDelete(0), TextDelete(-1), TextDelete(""), past, TextDelete(past))
    edit.insert(rnd.randint(0, len(edit)), wrong[case % len(wrong)])
    try:
        check_text(edit, len(text), "")
    except OperationError as error:
        return TextRefuseCase(case=case, text=text, edit=edit, code=error.code)
    raise AssertionError(f"not refused: {edit}")


def _text_transform_case(rnd: Random, case: int) -> TextTransformCase:
    text = make_text(rnd, 16)
    a, b = _text_edit(rnd, text), _text_edit(rnd, text)
    met = [_meet_text(text, a, b, first) for first in (True, False)]
    return TextTransformCase(case=case, text=text, a=a, b=b, a_first=met[0], b_first=met[1])


def _meet_text(text: str, a: TextEdit, b: TextEdit, a_first: bool) -> TextMet:
    b1 = transform_text(b, a, not a_first)
    return TextMet(transform_text(a, b, a_first), b1, apply_text(apply_text(text, a), b1))


def _text_compose_case(rnd: Random, case: int) -> TextComposeCase:
    text = make_text(rnd, 16)
    a = _text_edit(rnd, text)
    A = apply_text(text, a)
    takes_back = case % TAKEN_BACK_ONE_IN == 1
    b = invert_text(log_text(text, a)) if takes_back else _text_edit(rnd, A)
    after = apply_text(A, b)
    return TextComposeCase(case=case, text=text, a=a, b=b, ab=compose_text(a, b), after=after)


#: How many cases each file holds, and what makes one of them.
MAKERS: dict[str, tuple[int, Callable[[Random, int], Case]]] = {
    "apply": (3_500, _apply_case),
    "refuse": (2_100, _refuse_case),
    "transform": (5_000, _transform_case),
    "compose": (3_000, _compose_case),
    "invert": (2_000, _invert_case),
    "diff": (2_000, _diff_case),
    "misuse": (300, _misuse_case),
    "text_apply": (2_500, _text_apply_case),
    "text_refuse": (480, _text_refuse_case),
    "text_transform": (3_000, _text_transform_case),
    "text_compose": (2_000, _text_compose_case),
    "client": (500, make_client_case),
}


def make_line(name: str, case: int, seed: str) -> bytes:
    """One line of one file, without its end."""
    made = MAKERS[name][1](Random(f"{seed} {name} {case}"), case)
    return msgspec.json.encode(made)


def make_lines(name: str, seed: str) -> list[bytes]:
    """All lines of one file."""
    if name == "check":
        return [msgspec.json.encode(case) for case in _check_cases()]
    return [make_line(name, case, seed) for case in range(MAKERS[name][0])]
