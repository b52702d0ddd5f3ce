"""Hypothesis strategies: diagrams, operations valid on them, histories, texts and edits.

What is drawn is made by ``generate`` from choices that Hypothesis makes, and so can shrink.
"""

from random import Random

from hypothesis import strategies as st

from ot.apply import apply
from ot.compose import compose
from ot.diagram import Diagram
from ot.operation import Operation, TextEdit
from ot.policy import AuthorKind, Policy
from ot.text import apply_text
from property_tests.generate import make_diagram, make_operation, make_text, make_text_edit

policies: st.SearchStrategy[Policy] = st.sampled_from(
    ("later_wins", "humans_first", "agents_first")
)
author_kinds: st.SearchStrategy[AuthorKind] = st.sampled_from(("user", "agent", "system"))


def choices() -> st.SearchStrategy[Random]:
    """A source of choices for ``generate``."""
    return st.randoms(use_true_random=False)


@st.composite
def diagrams(draw: st.DrawFn, nodes: int = 5, edges: int = 5) -> Diagram:
    """A valid diagram of at most so many nodes and edges."""
    rnd = draw(choices())
    return make_diagram(rnd, rnd.randint(0, nodes), rnd.randint(0, edges))


#: For what is too large to be drawn choice by choice, or to be shown: it is made from its seed.
seeds = st.integers(0, 2**32 - 1)


@st.composite
def operations(draw: st.DrawFn, S: Diagram, most: int = 4, steps: int = 2) -> Operation:
    """An operation valid on ``S``: up to ``steps`` composed ones of up to ``most`` changes."""
    rnd = draw(choices())
    a = make_operation(rnd, S, most)
    for _ in range(rnd.randint(1, steps) - 1):
        a = compose(a, make_operation(rnd, apply(S, a)[0], most))
    return a


@st.composite
def concurrent(
    draw: st.DrawFn, start: st.SearchStrategy[Diagram], most: int = 4
) -> tuple[Diagram, Operation, Operation]:
    """A diagram and two operations, both valid on it."""
    S = draw(start)
    return S, draw(operations(S, most)), draw(operations(S, most))


@st.composite
def histories(
    draw: st.DrawFn, start: st.SearchStrategy[Diagram], length: int, most: int = 4
) -> tuple[Diagram, list[Operation]]:
    """A diagram and ``length`` operations, each valid after those before it."""
    S = draw(start)
    at, out = S, []
    for _ in range(length):
        out.append(draw(operations(at, most, steps=1)))
        at = apply(at, out[-1])[0]
    return S, out


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Up to 20 code points, some of them astral."""
    return make_text(draw(choices()), 20)


@st.composite
def text_edits(draw: st.DrawFn, text: str) -> TextEdit:
    """An edit of up to six components in normal form that fits ``text``."""
    return make_text_edit(draw(choices()), text, 6)


@st.composite
def concurrent_texts(draw: st.DrawFn) -> tuple[str, TextEdit, TextEdit]:
    """A text and two edits of it."""
    text = draw(texts())
    return text, draw(text_edits(text)), draw(text_edits(text))


@st.composite
def text_histories(draw: st.DrawFn, length: int) -> tuple[str, list[TextEdit]]:
    """A text and ``length`` edits, each of what the one before left."""
    text = draw(texts())
    at, out = text, []
    for _ in range(length):
        out.append(draw(text_edits(at)))
        at = apply_text(at, out[-1])
    return text, out
