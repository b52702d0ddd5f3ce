"""What one line of each file holds. The letters are those of ``docs/algebra.md``."""

from typing import Literal, TypeAlias

import msgspec

from ot.diagram import Diagram
from ot.operation import Operation, TextEdit
from ot.policy import AuthorKind, Policy


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``case`` numbers the lines of a file from 0."""

    case: int


class ApplyCase(Case, frozen=True, kw_only=True):
    """``apply(diagram, a)`` is ``after``; the log form of ``a`` is ``log``."""

    diagram: Diagram
    a: Operation
    after: Diagram
    log: Operation


class RefuseCase(Case, frozen=True, kw_only=True):
    """``apply(diagram, a)`` is refused with ``code`` at ``at``; just one rule is broken."""

    diagram: Diagram
    a: Operation
    code: str
    at: str


class CheckCase(Case, frozen=True, kw_only=True):
    """``check_operation(a)``, which sees no diagram, refuses with ``code`` at ``at``."""

    a: Operation
    code: str
    at: str


class Met(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``a`` after ``b``, ``b`` after ``a``, and the diagram where both roads meet."""

    a1: Operation
    b1: Operation
    merged: Diagram


class TransformCase(Case, frozen=True, kw_only=True):
    """``a`` and ``b``, both made on ``diagram``, over each other: with either of them winning."""

    diagram: Diagram
    a: Operation
    b: Operation
    a_wins: Met
    b_wins: Met


class ComposeCase(Case, frozen=True, kw_only=True):
    """``compose(a, b)`` is ``ab``, which leads from ``diagram`` to ``after`` as both do."""

    diagram: Diagram
    a: Operation
    b: Operation
    ab: Operation
    after: Diagram


class InvertCase(Case, frozen=True, kw_only=True):
    """``invert(log)`` is ``inverse``, which leads from ``after`` back to ``diagram``."""

    diagram: Diagram
    log: Operation
    after: Diagram
    inverse: Operation


class DiffCase(Case, frozen=True, kw_only=True):
    """``d`` leads from ``diagram`` to ``after``. Unless ``exact``, it is one way among several."""

    diagram: Diagram
    after: Diagram
    d: Operation
    exact: bool


class MisuseCase(Case, frozen=True, kw_only=True):
    """Operands that belong to no diagram: ``function`` refuses them with ``code``."""

    function: Literal["transform", "compose", "invert"]
    a: Operation
    b: Operation | None
    code: str


class TextApplyCase(Case, frozen=True, kw_only=True):
    """``edit`` makes ``after`` of ``text``; ``log`` is its log form, ``inverse`` that one's."""

    text: str
    edit: TextEdit
    after: str
    log: TextEdit
    inverse: TextEdit


class TextRefuseCase(Case, frozen=True, kw_only=True):
    """``edit`` is malformed or does not fit ``text``."""

    text: str
    edit: TextEdit
    code: str


class TextMet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    a1: TextEdit
    b1: TextEdit
    merged: str


class TextTransformCase(Case, frozen=True, kw_only=True):
    """``a`` and ``b`` over each other; at one place the letters of the first one come first."""

    text: str
    a: TextEdit
    b: TextEdit
    a_first: TextMet
    b_first: TextMet


class TextComposeCase(Case, frozen=True, kw_only=True):
    text: str
    a: TextEdit
    b: TextEdit
    ab: TextEdit
    after: str


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A submission that the client hands out to be sent."""

    base_revision: int
    sequence: int
    operation: Operation


class Step(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=str.lower, omit_defaults=True
):
    """One thing that happens to a client, what it answers, and how it stands afterwards."""

    sends: Sent | None = None
    state: Literal["synchronised", "awaiting", "awaiting_with_buffer"]
    revision: int


class Edit(Step, frozen=True, kw_only=True):
    """A local edit; with ``code``, one that is refused and changes nothing."""

    operation: Operation
    code: str | None = None


class Receive(Step, frozen=True, kw_only=True):
    """Somebody else's next operation; ``shows`` is what it means for what the person sees."""

    operation: Operation
    author_kind: AuthorKind
    shows: Operation


class Acknowledge(Step, frozen=True, kw_only=True):
    sequence: int


class Reject(Step, frozen=True, kw_only=True):
    """The operation on the way is refused; ``shows`` takes it back, in log form."""

    sequence: int
    shows: Operation


class Resend(Step, frozen=True, kw_only=True):
    """What is on the way was lost with the connection."""


class Reset(Step, frozen=True, kw_only=True):
    """Starts over from a snapshot, with operations that are still to be sent."""

    diagram: Diagram
    at: int
    unsent: list[Operation]


class Violation(Step, frozen=True, kw_only=True):
    """An acknowledgement or rejection of something that is not on the way is refused."""

    message: Literal["acknowledge", "reject"]
    sequence: int


AnyStep: TypeAlias = Edit | Receive | Acknowledge | Reject | Resend | Reset | Violation


class ClientCase(Case, frozen=True, kw_only=True):
    """One client from ``diagram`` at ``revision`` through ``steps`` to what it shows then."""

    diagram: Diagram
    revision: int
    kind: AuthorKind
    policy: Policy
    steps: list[AnyStep]
    shown: Diagram
    confirmed: Diagram


#: Each file's name and the kind of its lines.
FILES: dict[str, type[Case]] = {
    "apply": ApplyCase,
    "refuse": RefuseCase,
    "check": CheckCase,
    "transform": TransformCase,
    "compose": ComposeCase,
    "invert": InvertCase,
    "diff": DiffCase,
    "misuse": MisuseCase,
    "text_apply": TextApplyCase,
    "text_refuse": TextRefuseCase,
    "text_transform": TextTransformCase,
    "text_compose": TextComposeCase,
    "client": ClientCase,
}
