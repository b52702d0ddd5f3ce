"""Applying: what each change does, and the code with which each wrong one is refused."""

import pytest

from ot.apply import apply, apply_in_place
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import Create, Delete, Operation, Replace, Set, Text, TextDelete, Unset, Update
from tests.ot.build import (
    after,
    edge,
    graph,
    linked,
    log_of,
    on_edge,
    on_node,
    refusal,
    sets,
    texts,
    writes,
)


def test_a_created_element_is_there_as_it_was_given() -> None:
    assert after(Diagram(), on_node(Create({"type": "x"}))).nodes == {"n": {"type": "x"}}


def test_a_deleted_element_is_gone_and_the_log_form_has_it() -> None:
    S = graph(n={"k": 1})
    assert after(S, on_node(Delete())).nodes == {}
    assert log_of(S, on_node(Delete())) == on_node(Delete(was={"k": 1}))


def test_a_replaced_element_is_the_new_one_alone_and_the_log_form_has_the_old() -> None:
    S = graph(n={"k": 1})
    assert after(S, on_node(Replace({"m": 2}))).nodes == {"n": {"m": 2}}
    assert log_of(S, on_node(Replace({"m": 2}))) == on_node(Replace({"m": 2}, was={"k": 1}))


def test_an_update_writes_at_its_paths_and_leaves_the_rest() -> None:
    S = graph(n={"data": {"label": "one", "color": "red"}, "type": "x"})
    a = on_node(writes(data__label=Text([3, "!"]), data__color=Unset(), data__size=Set(3)))
    assert after(S, a).nodes == {"n": {"data": {"label": "one!", "size": 3}, "type": "x"}}


def test_the_log_form_of_writes_says_what_stood_there() -> None:
    S = graph(n={"k": 1, "label": "abc"})
    a = on_node(writes(k=Set(2), new=Set(3), gone=Unset(), label=Text([1, TextDelete(2)])))
    assert log_of(S, a) == on_node(
        writes(
            k=Set(2, was=1),
            new=Set(3),
            gone=Unset(),
            label=Text([1, TextDelete("bc")]),
        )
    )


def test_what_the_sender_claims_was_there_is_ignored() -> None:
    S = graph(n={"k": 1})
    assert log_of(S, on_node(writes(k=Set(2, was="a lie")))) == on_node(writes(k=Set(2, was=1)))


def test_removing_what_is_not_there_changes_nothing() -> None:
    S = graph(n={"k": 1})
    assert after(S, on_node(writes(other=Unset()))) == S


def test_escaped_paths_reach_keys_with_slashes_and_tildes() -> None:
    S = graph(n={"a/b": {"m~n": 1}})
    assert after(S, on_node(Update({"/a~1b/m~0n": Set(2)}))).nodes == {"n": {"a/b": {"m~n": 2}}}


def test_an_empty_key_is_a_key() -> None:
    assert after(graph(n={"": {"": 1}}), on_node(Update({"//": Set(2)}))).nodes["n"] == {
        "": {"": 2}
    }


def test_the_diagram_given_and_its_elements_stay_as_they_were() -> None:
    S = graph(n={"data": {"label": "one"}})
    element = S.nodes["n"]
    T, _ = apply(S, on_node(sets(data__label="two")))
    assert element == {"data": {"label": "one"}}
    assert S.nodes["n"] is element
    assert T.nodes["n"] == {"data": {"label": "two"}}


def test_applying_in_place_changes_the_diagram_or_nothing_of_it() -> None:
    S = linked()
    apply_in_place(S, on_node(sets(k=1)))
    assert S.nodes["n"]["k"] == 1
    bad = Operation(nodes={"n": sets(k=2)}, edges={"none": Delete()})
    with pytest.raises(OperationError):
        apply_in_place(S, bad)
    assert S.nodes["n"]["k"] == 1


def test_all_changes_of_one_operation_count_together() -> None:
    a = Operation(
        nodes={"x": Create({"parentId": "y"}), "y": Create({})}, edges={"f": Create(edge("x", "y"))}
    )
    T = after(Diagram(), a)
    assert set(T.nodes) == {"x", "y"}
    assert set(T.edges) == {"f"}


def test_a_node_goes_together_with_its_edges_and_lets_its_children_be() -> None:
    S = Diagram(nodes={"n": {}, "m": {}, "c": {"parentId": "n"}}, edges={"e": edge()})
    a = Operation(nodes={"n": Delete(), "c": writes(parentId=Unset())}, edges={"e": Delete()})
    assert after(S, a) == Diagram(nodes={"m": {}, "c": {}})


def test_a_node_may_go_when_its_edge_is_led_elsewhere_in_the_same_operation() -> None:
    a = Operation(nodes={"n": Delete()}, edges={"e": sets(source="m")})
    assert after(linked(), a).edges == {"e": edge("m", "m")}


def test_references_are_still_counted_right_after_many_deletions() -> None:
    S = linked()
    apply_in_place(S, Operation(nodes={"n": Delete()}, edges={"e": sets(source="m")}))
    apply_in_place(S, on_node(Create({"parentId": "m"})))
    assert refusal(S, Operation(nodes={"m": Delete()}, edges={"e": Delete()}))[0] == (
        "still_referenced"
    )
    apply_in_place(S, Operation(nodes={"m": Delete(), "n": Delete()}, edges={"e": Delete()}))
    assert Diagram() == S


def test_properties_of_the_diagram_are_written_like_an_element() -> None:
    S = Diagram(title="one", description="d", data={"k": 1})
    a = Operation(writes(title=Text([3, "!"]), description=Set(None), data__k=Unset()))
    assert after(S, a) == Diagram(title="one!")
    assert log_of(S, a).diagram == writes(
        title=Text([3, "!"]), description=Set(None, was="d"), data__k=Unset(was=1)
    )


def test_properties_of_the_diagram_are_replaced_whole() -> None:
    new = {"title": "t", "description": None, "kind": "mermaid", "data": {"text": "graph TD"}}
    assert after(Diagram(title="old"), Operation(Replace(new))).properties() == new


@pytest.mark.parametrize(
    ("a", "code", "at"),
    [
        (on_node(Create({})), "already_exists", "nodes/n"),
        (on_edge(Create(edge())), "already_exists", "edges/e"),
        (on_node(Delete(), "x"), "not_found", "nodes/x"),
        (on_node(sets(k=1), "x"), "not_found", "nodes/x"),
        (on_node(Replace({}), "x"), "not_found", "nodes/x"),
        (on_edge(Delete(), "x"), "not_found", "edges/x"),
        (on_node(Update({})), "empty_update", "nodes/n"),
        (on_node(sets(a=1, a__b=2)), "overlapping_paths", "nodes/n/a/b"),
        (on_node(sets(label__x=1)), "parent_not_an_object", "nodes/n/label/x"),
        (on_node(sets(none__x=1)), "parent_not_an_object", "nodes/n/none/x"),
        (on_node(texts(["x"], "none")), "not_a_text", "nodes/n/none"),
        (on_edge(texts(["x"], "source")), "not_a_text", "edges/e/source"),
        (on_node(texts([4, "x"])), "text_out_of_range", "nodes/n/label"),
        (on_node(texts([TextDelete(4)])), "text_out_of_range", "nodes/n/label"),
        (on_node(texts([0, "x"])), "invalid_text_edit", "nodes/n/label"),
        (on_node(texts([""])), "invalid_text_edit", "nodes/n/label"),
        (on_node(texts([TextDelete(0)])), "invalid_text_edit", "nodes/n/label"),
        (on_node(texts([-1, "x"])), "invalid_text_edit", "nodes/n/label"),
        (on_node(Update({"k": Set(1)})), "invalid_path", "nodes/n/k"),
        (on_node(Update({"/a~2": Set(1)})), "invalid_path", "nodes/n/a~2"),
        (on_edge(Create(edge("n", "x")), "f"), "missing_endpoint", "edges/f"),
        (on_edge(Create({"source": "n"}), "f"), "missing_endpoint", "edges/f"),
        (on_edge(Create({"source": 5, "target": "n"}), "f"), "missing_endpoint", "edges/f"),
        (on_edge(sets(target="x")), "missing_endpoint", "edges/e"),
        (on_edge(sets(target=["n"])), "missing_endpoint", "edges/e"),
        (on_edge(writes(source=Unset())), "missing_endpoint", "edges/e"),
        (on_node(sets(parentId="x")), "missing_parent", "nodes/n/parentId"),
        (on_node(sets(parentId={})), "missing_parent", "nodes/n/parentId"),
        (on_node(Delete()), "still_referenced", "nodes/n"),
        (Operation(sets(title=5)), "invalid_properties", "diagram/title"),
        (Operation(writes(title=Unset())), "invalid_properties", "diagram"),
        (Operation(sets(other=5)), "invalid_properties", "diagram"),
        (Operation(sets(description=5)), "invalid_properties", "diagram/description"),
        (Operation(sets(kind=None)), "invalid_properties", "diagram/kind"),
        (Operation(sets(data=[])), "invalid_properties", "diagram/data"),
        (Operation(Replace({"title": "t"})), "invalid_properties", "diagram"),
        (Operation(Update({})), "empty_update", "diagram"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_code_and_place(
    a: Operation, code: str, at: str
) -> None:
    assert refusal(linked(), a) == (code, at)


def test_a_parent_of_null_is_no_parent() -> None:
    assert after(graph(n={}), on_node(sets(parentId=None))).nodes == {"n": {"parentId": None}}


def test_an_error_reads_as_code_sentence_and_place() -> None:
    with pytest.raises(OperationError) as caught:
        apply(Diagram(), on_node(Delete()))
    assert str(caught.value) == ("not_found: There is no element with this id. (at nodes/n)")
    assert str(OperationError("code", "Sentence.")) == "code: Sentence."
