"""What holds for the mends of any diagram."""

import os
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.critic import CODES, check
from gateway.critic.draft import Draft
from gateway.critic.lines import Lines
from gateway.geometry.scene import Scene
from ot.apply import apply
from ot.diagram import Element, Json
from ot.operation import Set
from ot.validate import check_operation
from tests.gateway.critic.messes import mended, mess

#: Messes looked at in an ordinary run; ``MESSES`` in the environment asks for more.
MESSES = int(os.environ.get("MESSES", "40"))
SEEDS = settings(max_examples=MESSES, deadline=None)


@SEEDS
@given(st.integers(0, 2**32))
def test_when_all_mends_are_done_nothing_is_left_to_find(seed: int) -> None:
    diagram = mess(Random(seed))
    after = mended(diagram, check(diagram))
    assert check(after) == []


@SEEDS
@given(st.integers(0, 2**32))
def test_each_mend_alone_mends_what_it_is_for(seed: int) -> None:
    diagram = mess(Random(seed), most=13)
    for finding in check(diagram):
        assert finding.mend is not None
        assert not finding.mend.is_empty()
        check_operation(finding.mend)
        after, _ = apply(diagram, finding.mend)
        left = {(each.code, each.nodes, each.edges) for each in check(after, with_mends=False)}
        assert (finding.code, finding.nodes, finding.edges) not in left


@SEEDS
@given(st.integers(0, 2**32))
def test_the_order_of_the_mends_does_not_matter(seed: int) -> None:
    diagram = mess(Random(seed), most=13)
    findings = check(diagram)
    one, other = mended(diagram, findings), mended(diagram, findings[::-1])
    assert (one.nodes, one.edges) == (other.nodes, other.edges)


@SEEDS
@given(st.integers(0, 2**32))
def test_the_same_is_found_each_time_with_mends_or_without(seed: int) -> None:
    diagram = mess(Random(seed))
    findings = check(diagram)
    assert check(diagram) == findings
    bare = [(each.code, each.nodes, each.edges) for each in check(diagram, with_mends=False)]
    assert bare == [(each.code, each.nodes, each.edges) for each in findings]


@SEEDS
@given(st.integers(0, 2**32), st.integers(0, 400))
def test_when_the_time_is_over_all_is_found_and_the_mends_there_are_hold(
    seed: int, questions: int
) -> None:
    diagram = mess(Random(seed), most=13)
    asked = count(1)
    findings = check(diagram, should_stop=lambda: next(asked) > questions)
    named = [(each.code, each.nodes, each.edges) for each in findings]
    bare = check(diagram, with_mends=False)
    assert named == [(each.code, each.nodes, each.edges) for each in bare]
    for finding in findings:
        assert ("check it again" in finding.message) == (finding.mend is None)
        if finding.mend is not None:
            after, _ = apply(diagram, finding.mend)
            left = {(each.code, each.nodes, each.edges) for each in check(after, with_mends=False)}
            assert (finding.code, finding.nodes, finding.edges) not in left


@SEEDS
@given(st.integers(0, 2**32))
def test_what_is_remembered_of_lines_is_what_a_fresh_look_finds(seed: int) -> None:
    r = Random(seed)
    draft = Draft(mess(r))
    for _ in range(4):
        fresh = Lines(Scene(draft.diagram.nodes), draft.diagram.edges)
        assert draft.crossings() == list(fresh.defects(draft.links))
        for key in draft.diagram.nodes:
            if r.random() < 0.2:
                draft.move(key, r.uniform(-500, 500), r.randrange(-500, 500))
            elif r.random() < 0.1 and draft.scene.parents[key] is not None:
                draft.release(key, draft.scene.boxes[key])
        for key in draft.diagram.edges:
            if r.random() < 0.1:
                draft.write_edge(key, {"/sourceHandle": Set("left")})


@SEEDS
@given(st.integers(0, 2**32))
def test_no_mend_overwrites_a_value_that_is_no_text(seed: int) -> None:
    diagram = mess(Random(seed))
    after = mended(diagram, check(diagram))
    for family, left in ((diagram.nodes, after.nodes), (diagram.edges, after.edges)):
        for identifier in family.keys() & left.keys():
            old, new = _odd_values(family[identifier]), _odd_values(left[identifier])
            assert old == new


def _odd_values(element: Element) -> list[Json]:
    """What stands where texts and objects belong, and is neither."""
    data = element.get("data")
    labels = [element.get("label"), data.get("label") if isinstance(data, dict) else None]
    odd = [label for label in labels if isinstance(label, dict | list | bool)]
    if data is not None and not isinstance(data, dict):
        odd.append(data)
    return odd


@pytest.mark.parametrize("seed", range(2))
def test_the_messes_hold_every_kind_of_defect(seed: int) -> None:
    r = Random(seed)
    found = {each.code for _ in range(120) for each in check(mess(r), with_mends=False)}
    assert found == set(CODES)
