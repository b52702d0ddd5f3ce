"""What holds for the mends of any diagram."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.critic import CODES, check
from ot.apply import apply
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


@pytest.mark.parametrize("seed", range(2))
def test_the_messes_hold_every_kind_of_defect(seed: int) -> None:
    r = Random(seed)
    found = {each.code for _ in range(120) for each in check(mess(r), with_mends=False)}
    assert found == set(CODES)
