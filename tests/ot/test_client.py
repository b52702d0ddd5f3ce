"""The client's three states, and who wins by which policy."""

import pytest

from ot.client import Client, ProtocolViolation, Submission
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import NOTHING, Create, Delete, Operation, TextDelete
from ot.policy import AuthorKind, Policy, later_wins_over
from tests.ot.build import graph, linked, on_edge, on_node, sets, texts


def start(
    S: Diagram | None = None, *, kind: AuthorKind = "user", policy: Policy = "later_wins"
) -> Client:
    S = graph(n={"label": "one"}) if S is None else S
    return Client(S, 7, kind=kind, policy=policy)


def test_the_first_edit_is_sent_and_the_next_ones_wait_as_one() -> None:
    client = start()
    assert client.state == "synchronised"
    assert client.edit(on_node(sets(k=1))) == Submission(7, 1, on_node(sets(k=1)))
    assert client.state == "awaiting"
    assert client.edit(on_node(sets(k=2))) is None
    assert client.edit(on_node(sets(m=3))) is None
    assert client.state == "awaiting_with_buffer"
    assert client.acknowledge(1) == Submission(8, 2, on_node(sets(k=2, m=3)))
    assert client.state == "awaiting"
    assert client.acknowledge(2) is None
    assert client.state == "synchronised"
    assert client.confirmed == client.diagram == graph(n={"label": "one", "k": 2, "m": 3})


def test_a_buffer_that_cancels_out_is_not_sent() -> None:
    client = start()
    client.edit(on_node(sets(k=1)))
    client.edit(on_node(Create({}), "x"))
    client.edit(on_node(Delete(), "x"))
    assert client.acknowledge(1) is None
    assert client.state == "synchronised"


def test_an_edit_that_does_not_fit_changes_nothing() -> None:
    client = start()
    with pytest.raises(OperationError):
        client.edit(on_node(Delete(), "x"))
    assert client.state == "synchronised"
    assert client.diagram == graph(n={"label": "one"})


def test_what_others_do_is_shown_at_once_when_nothing_is_on_the_way() -> None:
    client = start()
    b = on_node(texts(["!"]))
    assert client.receive(b, "user") == b
    assert (client.revision, client.diagram) == (8, graph(n={"label": "!one"}))


def test_what_others_do_passes_over_what_is_sent_and_what_waits() -> None:
    client = start()
    client.edit(on_node(texts([3, "A"])))
    client.edit(on_node(texts(["B"])))
    shown = client.receive(on_node(texts([TextDelete(1), "O"])), "user")
    assert shown == on_node(texts([1, TextDelete(1), "O"]))
    assert client.diagram == graph(n={"label": "BOneA"})
    assert client.confirmed == graph(n={"label": "One"})
    assert client.sent == on_node(texts([3, "A"]))
    assert client.buffer == on_node(texts(["B"]))


def test_my_later_value_stays_on_my_screen() -> None:
    client = start()
    client.edit(on_node(sets(label="mine")))
    assert client.receive(on_node(sets(label="theirs")), "agent") == NOTHING
    assert client.diagram == graph(n={"label": "mine"})
    assert client.confirmed == graph(n={"label": "theirs"})


def test_the_policy_may_prefer_what_others_wrote() -> None:
    client = start(kind="agent", policy="humans_first")
    client.edit(on_node(sets(label="mine")))
    assert client.receive(on_node(sets(label="theirs")), "user") == on_node(sets(label="theirs"))
    assert client.diagram == graph(n={"label": "theirs"})
    assert client.sent == NOTHING
    assert client.state == "awaiting"
    assert client.acknowledge(1) is None


def test_a_refused_edit_is_rolled_back_and_what_stood_on_it_goes_too() -> None:
    client = start()
    client.edit(on_node(Create({}), "x"))
    client.edit(on_node(sets(k=1), "x"))
    client.edit(on_node(sets(k=2)))
    undo, submission = client.reject(1)
    assert undo.nodes.keys() == {"x"}
    assert submission == Submission(7, 2, on_node(sets(k=2)))
    assert client.diagram == graph(n={"label": "one", "k": 2})
    assert client.confirmed == graph(n={"label": "one"})


def test_a_refused_edit_takes_nothing_along_that_stands_without_it() -> None:
    client = start(linked())
    client.edit(Operation(nodes={"n": Delete()}, edges={"e": Delete()}))
    client.edit(on_node(sets(k=1), "m"))
    client.receive(on_edge(sets(label="theirs")), "user")
    undo, submission = client.reject(1)
    assert set(undo.edges) == {"e"}
    assert submission == Submission(8, 2, on_node(sets(k=1), "m"))
    assert client.diagram.edges["e"]["label"] == "theirs"
    assert client.diagram.nodes == {"n": {"label": "one"}, "m": {"k": 1}}


def test_after_a_reconnect_the_same_submission_is_sent_again() -> None:
    client = start()
    assert client.resend() is None
    client.edit(on_node(texts([3, "A"])))
    client.receive(on_node(texts(["!"])), "user")
    assert client.resend() == Submission(8, 1, on_node(texts([4, "A"])))
    assert client.state == "awaiting"


def test_a_snapshot_starts_over_with_what_is_still_to_be_sent() -> None:
    client = start()
    client.edit(on_node(sets(k=1)))
    S = graph(n={"label": "new"})
    submission = client.reset(S, 20, [on_node(sets(k=1)), on_node(sets(k=2))])
    assert submission == Submission(20, 2, on_node(sets(k=2)))
    assert client.diagram == graph(n={"label": "new", "k": 2})
    assert client.confirmed == S
    assert client.reset(S, 21) is None
    assert client.state == "synchronised"


@pytest.mark.parametrize("answer", ["acknowledge", "reject"])
def test_an_answer_to_what_is_not_on_the_way_is_a_violation(answer: str) -> None:
    client = start()
    with pytest.raises(ProtocolViolation):
        getattr(client, answer)(1)
    client.edit(on_node(sets(k=1)))
    with pytest.raises(ProtocolViolation):
        getattr(client, answer)(2)


@pytest.mark.parametrize(
    ("policy", "later", "earlier", "later_wins"),
    [
        ("later_wins", "user", "agent", True),
        ("later_wins", "agent", "user", True),
        ("humans_first", "user", "agent", True),
        ("humans_first", "agent", "user", False),
        ("humans_first", "user", "user", True),
        ("humans_first", "agent", "agent", True),
        ("humans_first", "system", "user", False),
        ("humans_first", "system", "agent", True),
        ("agents_first", "agent", "user", True),
        ("agents_first", "user", "agent", False),
        ("agents_first", "agent", "agent", True),
        ("agents_first", "user", "system", True),
    ],
)
def test_the_policy_says_who_wins(
    policy: Policy, later: AuthorKind, earlier: AuthorKind, later_wins: bool
) -> None:
    assert later_wins_over(policy, later, earlier) is later_wins
