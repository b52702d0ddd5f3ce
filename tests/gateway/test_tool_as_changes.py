"""What the critic proposes, said as changes: they do the same as the operation they come from."""

from random import Random

import pytest
from pydantic import TypeAdapter

from gateway.critic import check
from gateway.tools.arguments import Changes
from gateway.tools.as_changes import ChangeArguments, changes_of
from gateway.tools.building import Draft, Removed
from gateway.tools.told_findings import told_with_mends
from ot.apply import apply
from ot.diagram import Diagram
from ot.diff import diff
from ot.operation import Create, Delete, Operation, Set, Unset, Update
from tests.gateway.critic.messes import mess

ARGUMENTS: TypeAdapter[Changes] = TypeAdapter(Changes)
SEEDS = 40


def applied(changes: list[ChangeArguments], diagram: Diagram) -> Diagram:
    """What apply_changes makes of the changes, validated as it validates them."""
    draft, removed = Draft(diagram), Removed([], [])
    for i, change in enumerate(ARGUMENTS.validate_python(changes)):
        draft.change(change, f"changes/{i}/", removed)
    return draft.after


def assert_same(changes: list[ChangeArguments], operation: Operation, before: Diagram) -> None:
    after = applied(changes, before)
    assert diff(after, apply(before, operation)[0]).is_empty()


def test_a_mend_as_changes_does_what_the_mend_does() -> None:
    compared = 0
    for seed in range(SEEDS):
        diagram = mess(Random(seed), most=13)
        for finding in check(diagram):
            if finding.mend is not None and not finding.mend.is_empty():
                assert_same(changes_of(finding.mend, diagram), finding.mend, diagram)
                compared += 1
    assert compared > SEEDS


def test_all_mends_as_one_call_leave_nothing_to_find() -> None:
    mended = 0
    for seed in range(SEEDS):
        diagram = mess(Random(seed), most=8)
        findings, mends, left_out = told_with_mends(check(diagram), diagram)
        if mends and not left_out:
            named = {finding.mend for finding in findings}
            assert named >= {*range(len(mends))}
            every = [change for mend in mends for change in mend]
            assert check(applied(every, diagram)) == []
            mended += 1
    assert mended > SEEDS / 2


DIAGRAM = Diagram(
    nodes={
        "a": {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": "A", "n": 1}},
        "b": {"type": "process", "position": {"x": 0, "y": 90}, "style": {"color": "red"}},
    },
    edges={"e": {"source": "a", "target": "b", "label": "yes"}},
)
NEW_NODE = {"type": "end", "position": {"x": 1, "y": 2}}


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        (
            Operation(nodes={"a": Update({"/data/label": Set("B"), "/data/n": Unset()})}),
            [
                {
                    "action": "update_node",
                    "node_id": "a",
                    "updates": {"label": "B", "data": {"n": None}},
                }
            ],
        ),
        (
            Operation(nodes={"b": Update({"/style": Unset(), "/position/x": Set(5)})}),
            [
                {
                    "action": "update_node",
                    "node_id": "b",
                    "updates": {"position": {"x": 5, "y": 90}, "style": None},
                }
            ],
        ),
        (
            Operation(nodes={"b": Delete()}, edges={"e": Delete()}),
            [
                {"action": "delete_edge", "edge_id": "e"},
                {"action": "delete_node", "node_id": "b"},
            ],
        ),
        (
            Operation(nodes={"c": Create({**NEW_NODE, "data": {"label": "C", "k": 1}})}),
            [
                {
                    "action": "add_node",
                    "node_data": {"id": "c", "label": "C", **NEW_NODE, "data": {"k": 1}},
                }
            ],
        ),
        (
            Operation(edges={"f": Create({"source": "b", "target": "a", "type": "step"})}),
            [
                {
                    "action": "add_edge",
                    "source_node_id": "b",
                    "target_node_id": "a",
                    "edge_data": {"id": "f", "type": "step"},
                }
            ],
        ),
        (
            Operation(edges={"e": Update({"/label": Unset(), "/target": Set("a")})}),
            [
                {
                    "action": "update_edge",
                    "edge_id": "e",
                    "updates": {"target": "a", "label": None},
                }
            ],
        ),
    ],
)
def test_an_operation_is_said_in_few_words(
    operation: Operation, changes: list[ChangeArguments]
) -> None:
    assert changes_of(operation, DIAGRAM) == changes
    assert_same(changes, operation, DIAGRAM)
