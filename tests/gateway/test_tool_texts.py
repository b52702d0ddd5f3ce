"""How agents' texts meet: labels are rewritten whole, longer texts merged and told of."""

import random

import pytest

from gateway.tools.arguments import DiagramUpdates, EdgeUpdates, NodeUpdates
from gateway.tools.building import Draft
from gateway.tools.limits import MAX_TOLD_VALUE_BYTES
from gateway.tools.telling import told_value
from gateway.tools.texts import MAX_SHORT_TEXT, added_words, merged_texts, with_short_texts_whole
from ot.apply import apply
from ot.conflicts import find_lost
from ot.diagram import Diagram
from ot.diff import MIN_TEXT_LENGTH, diff
from ot.operation import Operation, Set, Text, Update
from ot.transform import transform

WORDS = (
    "ask",
    "again",
    "try",
    "once",
    "more",
    "tell",
    "what",
    "was",
    "wrong",
    "ähnlich",
    "\n",
    "🙂",
)


def diagram(label: str) -> Diagram:
    node = {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}}
    edge = {"source": "a", "target": "a", "label": label}
    return Diagram(title=label, description=label, nodes={"a": node}, edges={"e": edge})


def written(before: Diagram, text: str) -> Operation:
    """An agent's edit that makes every text of the diagram this one."""
    draft = Draft(before)
    draft.update_node("a", NodeUpdates.model_validate({"label": text}))
    draft.update_edge("e", EdgeUpdates.model_validate({"label": text}))
    draft.update_diagram(DiagramUpdates.model_validate({"title": text, "description": text}))
    return draft.operation()


def texts(S: Diagram) -> set[str | None]:
    return {S.nodes["a"]["data"]["label"], S.edges["e"]["label"], S.title, S.description}


def phrase(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))[:MAX_SHORT_TEXT]


def is_addition(was: str, becomes: str) -> bool:
    return len(was) >= MIN_TEXT_LENGTH and added_words(was, becomes) is not None


@pytest.mark.parametrize("seed", range(60))
def test_of_two_rewritten_texts_the_later_stands_whole_and_both_are_told(seed: int) -> None:
    """The law: where two agents rewrite a short text, no third one comes out."""
    chance = random.Random(seed)
    was, first, second = (phrase(chance, chance.randint(1, 12)) for _ in range(3))
    S = diagram(was)
    a, b = written(S, first), written(S, second)
    merged = apply(apply(S, a)[0], transform(b, a, True))[0]
    lost = find_lost(b, a, True)
    if len({was, first, second}) < 3:
        assert texts(merged) == {first if second == was else second}
        assert lost == []
    elif not (is_addition(was, first) or is_addition(was, second)):
        assert texts(merged) == {second}
        assert [(each.kept, each.dropped) for each in lost] == [(second, first)] * 4
    elif not (is_addition(was, first) and is_addition(was, second)):
        # A rewrite stands whole, and says so, whenever the other one comes.
        assert texts(merged) <= {first, second}
        assert len(lost) == 4


def test_words_added_to_a_label_stay_beside_those_that_others_add() -> None:
    S = diagram("Pack the parcel")
    a, b = written(S, "Please Pack the parcel before noon"), written(S, "Pack the heavy parcel")
    done = transform(b, a, True)
    after = apply(apply(S, a)[0], done)[0]
    assert texts(after) == {"Please Pack the heavy parcel before noon"}
    assert len(merged_texts(b, S, done, after)) == 4
    assert find_lost(b, a, True) == []


def test_a_short_text_that_becomes_long_is_written_whole_and_so_the_other_way_round() -> None:
    short, long = "Ask the customer again", "word " * 40
    for was, becomes in ((short, long), (long, short)):
        assert not is_addition(was, becomes)
        operation = written(diagram(was), becomes)
        change = operation.nodes["a"]
        assert isinstance(change, Update)
        assert change.writes == {"/data/label": Set(becomes)}


def test_edits_of_a_longer_text_are_merged_and_what_came_out_is_told() -> None:
    was = "x" * (MAX_SHORT_TEXT - 6) + " middle"
    S = diagram(was)
    a, b = written(S, f"First {was}"), written(S, f"{was} last")
    done = transform(b, a, True)
    after = apply(apply(S, a)[0], done)[0]
    assert texts(after) == {f"First {was} last"}
    told = merged_texts(b, S, done, after)
    assert {(each.target, each.id, each.path) for each in told} == {
        ("node", "a", "/data/label"),
        ("edge", "e", "/label"),
        ("diagram", "", "/title"),
        ("diagram", "", "/description"),
    }
    assert {each.value for each in told} == {f"First {was} last"}
    alone = apply(S, b)[0]
    assert merged_texts(b, S, b, alone) == []


def test_the_text_of_a_mermaid_diagram_is_prose_however_short() -> None:
    S = Diagram(title="T", kind="mermaid", data={"text": "flowchart TD\n  a --> b"})
    T = S.copy()
    T.data = {"text": "flowchart TD\n  a --> b --> c"}
    operation = with_short_texts_whole(diff(S, T), S)
    assert isinstance(operation.diagram, Update)
    assert isinstance(operation.diagram.writes["/data/text"], Text)


@pytest.mark.parametrize("value", ["ü" * 5_000, {"a": ["long"] * 1_000}, "\x00" * 900])
def test_a_long_value_is_told_shortened(value: object) -> None:
    told = told_value(value)
    assert isinstance(told, str)
    assert "bytes in all)" in told
    assert len(told.encode()) < MAX_TOLD_VALUE_BYTES + 60
    assert told_value("short") == "short"
