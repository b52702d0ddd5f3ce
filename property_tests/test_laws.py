"""Every law on random diagrams, small and large. ``HYPOTHESIS_PROFILE=long`` tries many more."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ot.apply import apply
from ot.diagram import Diagram
from ot.operation import Operation, TextDelete, TextEdit
from ot.policy import AuthorKind, Policy
from property_tests import laws, losses, replicas, text_laws
from property_tests.generate import make_diagram, make_large, make_operation, spoil, twist
from property_tests.strategies import (
    author_kinds,
    choices,
    concurrent,
    concurrent_texts,
    diagrams,
    histories,
    policies,
    seeds,
    text_histories,
    texts,
)

Pair = tuple[Diagram, Operation, Operation]
History = tuple[Diagram, list[Operation]]
TextPair = tuple[str, TextEdit, TextEdit]
TextHistory = tuple[str, list[TextEdit]]


@given(histories(diagrams(), 1))
def test_one_operation_keeps_the_laws_of_apply_and_invert(history: History) -> None:
    S, (a,) = history
    laws.applies(S, a)
    laws.normal(a)
    laws.logged(S, a)
    laws.inverted(S, a)


@given(diagrams(), choices())
def test_apply_refuses_what_the_model_refuses(S: Diagram, rnd: Random) -> None:
    elsewhere = make_diagram(rnd, rnd.randint(0, 5), rnd.randint(0, 5))
    laws.applies(S, make_operation(rnd, elsewhere))
    for _ in range(5):
        laws.applies(S, spoil(rnd, S, make_operation(rnd, S)))


@given(histories(diagrams(), 3))
def test_composing_does_both_whatever_the_brackets(history: History) -> None:
    S, (a, b, c) = history
    laws.composed(S, a, b)
    laws.associative(S, a, b, c)


@given(concurrent(diagrams()), st.booleans())
def test_concurrent_operations_meet_and_tell_their_losses(pair: Pair, w: bool) -> None:
    S, a, b = pair
    laws.diamond(S, a, b, w)
    losses.losses_told(S, a, b, w)


@given(concurrent(diagrams()), policies, author_kinds, author_kinds)
def test_every_policy_decides_and_concurrent_operations_meet(
    pair: Pair, policy: Policy, first: AuthorKind, second: AuthorKind
) -> None:
    laws.policy_decides(*pair, policy, (first, second))


@given(histories(diagrams(), 2), choices(), st.booleans())
def test_transforming_over_parts_is_transforming_over_the_whole(
    history: History, rnd: Random, w: bool
) -> None:
    S, (b, c) = history
    laws.over_parts(S, make_operation(rnd, S), b, c, w)


@given(histories(diagrams(9, 9), 4, 2), choices(), st.booleans())
def test_an_operation_passes_by_a_history_that_it_cannot_meet(
    history: History, rnd: Random, w: bool
) -> None:
    S, operations = history
    for at in range(4):
        for _ in range(3):
            a = make_operation(rnd, S, 2)
            event(f"may meet: {laws.passes_by(a, operations[:at], operations[at:], w)}")
        S, _ = apply(S, operations[at])


@given(diagrams(), diagrams())
def test_the_difference_of_two_diagrams_leads_from_one_to_the_other(S: Diagram, T: Diagram) -> None:
    laws.differs(S, T)
    laws.differs(T, S)


@given(histories(diagrams(), 1))
def test_a_difference_is_found_whatever_made_it(history: History) -> None:
    S, (a,) = history
    T, _ = apply(S, a)
    laws.differs(S, T)
    T.data, T.nodes, T.edges = twist(T.data), twist(T.nodes), twist(T.edges)
    laws.differs(S, T)


@settings(max_examples=settings().max_examples // 5)
@given(seeds, st.booleans())
def test_large_diagrams_keep_the_laws(seed: int, w: bool) -> None:
    S, a, b = make_large(seed)
    for one in (a, b):
        laws.applies(S, one)
        laws.inverted(S, one)
    T = laws.diamond(S, a, b, w)
    losses.losses_told(S, a, b, w)
    laws.differs(S, T)


@given(concurrent_texts(), st.booleans())
def test_concurrent_edits_of_a_text_meet_and_lose_no_letter(pair: TextPair, w: bool) -> None:
    text, a, b = pair
    text_laws.text_applies(text, a)
    text_laws.text_diamond(text, a, b, w)
    text_laws.text_keeps(text, a, b, w)
    text_laws.text_inverted(text, a)


@given(concurrent_texts(), choices(), st.booleans())
def test_where_both_insert_at_one_place_the_letters_of_the_winner_come_first(
    pair: TextPair, rnd: Random, w: bool
) -> None:
    text, a, b = pair
    text_laws.winner_first(text, a, b, w)
    at = rnd.randint(0, len(text))
    skip: TextEdit = [at] if at else []
    text_laws.winner_first(text, [*skip, "A"], [*skip, "B"], w)


@given(text_histories(3))
def test_composed_edits_of_a_text_do_all_whatever_the_brackets(history: TextHistory) -> None:
    text, (a, b, c) = history
    text_laws.text_composed(text, a, b)
    text_laws.text_associative(a, b, c)


_components = st.one_of(
    st.integers(-1, 4),
    st.sampled_from(("", "x", "😀y")),
    st.builds(TextDelete, st.one_of(st.integers(-1, 4), st.sampled_from(("", "ab")))),
)


@given(texts(), st.lists(_components, max_size=5))
def test_edits_of_any_shape_are_refused_or_normalised(text: str, edit: TextEdit) -> None:
    text_laws.text_applies(text, edit)
    valid = [part for part in edit if part not in {0, -1, "", TextDelete(""), TextDelete(0)}]
    valid = [part for part in valid if part != TextDelete(-1)]
    text_laws.text_normalised("x" * 20, valid)


@given(texts(), texts())
def test_the_difference_of_two_texts_leads_from_one_to_the_other(before: str, after: str) -> None:
    text_laws.text_differs(before, after)
    text_laws.text_differs(before, before)
    text_laws.text_differs(f"{before}\n{after}", f"{after}\n{before}")


@given(choices(), diagrams(3, 3), policies, st.lists(author_kinds, min_size=2, max_size=3))
def test_replicas_converge_through_delay_loss_resend_and_refusal(
    rnd: Random, S: Diagram, policy: Policy, kinds: list[AuthorKind]
) -> None:
    replicas.replicas_converge(rnd, S, policy, kinds, actions=30)


@pytest.mark.parametrize("policy", ["later_wins", "humans_first", "agents_first"])
def test_long_sessions_converge_and_everything_has_happened_in_them(policy: Policy) -> None:
    happened: Counter[str] = Counter()
    for seed in range(40):
        rnd = Random(f"{policy} {seed}")
        kinds: list[AuthorKind] = ["user", "agent", "user", "agent"]
        S = make_diagram(rnd, 4, 3)
        happened += replicas.replicas_converge(rnd, S, policy, kinds, actions=150)
    assert {
        "acknowledged",
        "committed",
        "received while awaiting",
        "received while awaiting_with_buffer",
        "received while synchronised",
        "reconnected",
        "rejected",
        "resend recognised",
    } <= happened.keys()
    assert all(number >= 20 for number in happened.values()), happened


def test_the_laws_are_written_down_with_the_same_letters_and_names() -> None:
    algebra = Path(__file__).parents[1] / "docs" / "algebra.md"
    section = algebra.read_text(encoding="utf-8").split("\n## The laws\n")[1].split("\n#")[0]
    written = {
        tuple(cell.strip(" *") for cell in line.split("|")[1:3])
        for line in section.splitlines()
        if line.startswith("| **")
    }
    assert written == {(law.letter, law.name) for law in laws.LAWS.values()}
