"""What every storage of ``actors.ports.Storage`` does. Run by each implementation's test module."""

from typing import Protocol

import pytest
import trio

from actors.ports import Author, CommitOutcome, LastSubmission, Policy, Storage
from ot.diagram import Diagram
from ot.operation import (
    Create,
    Delete,
    Operation,
    Replace,
    Set,
    Text,
    TextDelete,
    Unset,
    Update,
)
from tests.support.commits import ANN, BOT, batch, batch_of, commit, empty_diagram, entry

COMMITTED, FAILED, FENCED = CommitOutcome.COMMITTED, CommitOutcome.FAILED, CommitOutcome.FENCED
REFUSED = CommitOutcome.REFUSED

#: Every kind of change and write, with every kind of JSON value, in an order that is not sorted.
LOG_FORM = Operation(
    diagram=Update({"/title": Text([4, "ö😀", TextDelete("old")]), "/data/z": Set(1, was=None)}),
    nodes={
        "zebra": Create(
            {"type": "x", "position": {"y": 1.0, "x": -0.25}, "data": {"b": 1, "a": []}}
        ),
        "ant": Delete(was={"type": "y", "data": {"deep": [{"n": None, "t": True, "f": 1e100}]}}),
        "mole": Update({"/style": Unset(was={"z": 1, "a": 2}), "/data/label": Set('q"\\\n')}),
        "1": Replace({"big": 2**53, "neg": -1}, was={"type": "old"}),
    },
    edges={"e": Create({"target": "ant", "source": "zebra"})},
)


class StoreUnderTest(Protocol):
    """A storage, and the few things that only its owner can do to a diagram."""

    @property
    def storage(self) -> Storage: ...

    async def create(
        self, diagram_id: str, diagram: Diagram, policy: Policy = "later_wins"
    ) -> None: ...

    async def trash(self, diagram_id: str) -> None: ...

    async def restore(self, diagram_id: str) -> None: ...

    async def wait_snapshot(self, diagram_id: str, revision: int) -> None:
        """Returns once the newest snapshot is the one of ``revision``."""


class StorageContract:
    """Inherit, and supply the fixture ``store``."""

    async def test_a_new_diagram_is_loaded_with_its_first_snapshot(
        self, store: StoreUnderTest
    ) -> None:
        diagram = Diagram(
            title="T",
            description="two\nlines",
            kind="flowchart",
            data={"z": 1, "a": {"y": [1.0, None]}},
            nodes={"b": {"type": "x"}, "a": {"position": {"y": 1, "x": 2}}},
            edges={"e": {"source": "b", "target": "a"}},
        )
        await store.create("d", diagram, "humans_first")
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert stored.snapshot == diagram
        assert list(stored.snapshot.nodes) == ["b", "a"]
        assert list(stored.snapshot.nodes["a"]["position"]) == ["y", "x"]
        assert list(stored.snapshot.data) == ["z", "a"]
        assert (stored.diagram_id, stored.policy) == ("d", "humans_first")
        assert (stored.snapshot_revision, list(stored.tail)) == (0, [])

    @pytest.mark.parametrize("odd_id", ["nobody", "", "a\0b", "\ud800", "x" * 5000, "'; --"])
    async def test_a_diagram_that_does_not_exist_is_none(
        self, store: StoreUnderTest, odd_id: str
    ) -> None:
        assert await store.storage.load_diagram(odd_id) is None

    async def test_committed_entries_come_back_as_they_were(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        entries = [
            entry("d", 1, client=("tab", 7), operation=LOG_FORM, label="add_node"),
            entry("d", 2, author=BOT),
            entry("d", 3, author=Author("system", "system", "DiagramAI"), label="repair"),
        ]
        assert await commit(store.storage, batch_of(entries)) == [COMMITTED]
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert list(stored.tail) == entries
        assert await store.storage.read_entries("d", 0, 3) == entries

    async def test_the_order_of_keys_is_kept(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch_of([entry("d", 1, operation=LOG_FORM)]))
        (read,) = await store.storage.read_entries("d", 0, 1)
        assert list(read.operation.nodes) == ["zebra", "ant", "mole", "1"]
        created = read.operation.nodes["zebra"]
        assert isinstance(created, Create)
        assert list(created.element["position"]) == ["y", "x"]
        assert list(created.element["data"]) == ["b", "a"]

    async def test_numbers_keep_their_kind(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        values = [1, 1.0, -0.0, 1e300, 5e-324, 2**53 + 1, 0.1, True, None, ""]
        operation = Operation(nodes={"n": Create({"values": values})})
        await commit(store.storage, batch_of([entry("d", 1, operation=operation)]))
        (read,) = await store.storage.read_entries("d", 0, 1)
        created = read.operation.nodes["n"]
        assert isinstance(created, Create)
        assert repr(created.element["values"]) == repr(values)

    async def test_entries_are_read_after_one_revision_up_to_another(
        self, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        await store.create("other", empty_diagram())
        await commit(store.storage, batch("d", 1, 10), batch("other", 1, 10))
        read = await store.storage.read_entries("d", 3, 7)
        assert [each.revision for each in read] == [4, 5, 6, 7]
        assert {each.diagram_id for each in read} == {"d"}
        assert await store.storage.read_entries("d", 7, 7) == []
        assert await store.storage.read_entries("d", 10, 99) == []
        assert len(await store.storage.read_entries("d", 0, 99)) == 10
        assert await store.storage.read_entries("nobody", 0, 99) == []

    async def test_batches_of_one_diagram_follow_each_other(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        for first in (1, 3, 5):
            assert await commit(store.storage, batch("d", first, 2)) == [COMMITTED]
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert [each.revision for each in stored.tail] == [1, 2, 3, 4, 5, 6]

    @pytest.mark.parametrize("first", [1, 2, 4, 100])
    async def test_a_batch_that_does_not_continue_the_diagram_is_fenced_and_not_stored(
        self, store: StoreUnderTest, first: int
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 2))
        assert await commit(store.storage, batch("d", first, 3)) == [FENCED]
        assert len(await store.storage.read_entries("d", 0, 999)) == 2
        assert await commit(store.storage, batch("d", 3)) == [COMMITTED]

    async def test_of_two_writers_of_one_revision_one_is_fenced(
        self, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        first = batch_of([entry("d", 1, label="first")])
        second = batch_of([entry("d", 1, label="second")])
        assert await commit(store.storage, first, second) == [COMMITTED, FENCED]
        (read,) = await store.storage.read_entries("d", 0, 9)
        assert read.label == "first"

    async def test_a_batch_of_no_diagram_is_fenced(self, store: StoreUnderTest) -> None:
        assert await commit(store.storage, batch("nobody", 1)) == [FENCED]

    async def test_a_diagram_in_the_trash_is_fenced_and_not_loaded_until_restored(
        self, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1))
        await store.trash("d")
        assert await commit(store.storage, batch("d", 2)) == [FENCED]
        assert await store.storage.load_diagram("d") is None
        await store.restore("d")
        assert await commit(store.storage, batch("d", 2)) == [COMMITTED]
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert len(stored.tail) == 2

    async def test_only_the_guilty_of_a_group_is_fenced(self, store: StoreUnderTest) -> None:
        for diagram_id in ("a", "b", "c"):
            await store.create(diagram_id, empty_diagram())
        outcomes = await commit(store.storage, batch("a", 1), batch("b", 2), batch("c", 1, 3))
        assert outcomes == [COMMITTED, FENCED, COMMITTED]
        assert len(await store.storage.read_entries("a", 0, 9)) == 1
        assert len(await store.storage.read_entries("b", 0, 9)) == 0
        assert len(await store.storage.read_entries("c", 0, 9)) == 3

    async def test_a_submission_stored_before_fails_alone_in_its_group(
        self, store: StoreUnderTest
    ) -> None:
        for diagram_id in ("a", "b"):
            await store.create(diagram_id, empty_diagram())
        await commit(store.storage, batch_of([entry("a", 1, client=("tab", 1))]))
        again = batch_of([entry("a", 2), entry("a", 3, client=("tab", 1))])
        assert await commit(store.storage, again, batch("b", 1)) == [REFUSED, COMMITTED]
        assert len(await store.storage.read_entries("a", 0, 9)) == 1
        assert await commit(store.storage, batch("a", 2)) == [COMMITTED]

    async def test_the_same_sequence_of_another_author_client_or_diagram_is_another_submission(
        self, store: StoreUnderTest
    ) -> None:
        await store.create("a", empty_diagram())
        await store.create("b", empty_diagram())
        entries = [
            entry("a", 1, client=("tab", 1)),
            entry("a", 2, client=("other tab", 1)),
            entry("a", 3, client=("tab", 1), author=BOT),
            entry("a", 4, client=("tab", 1), author=Author("agent", "ann", "Ann")),
            entry("a", 5, client=("tab", 2)),
        ]
        elsewhere = batch_of([entry("b", 1, client=("tab", 1))])
        assert await commit(store.storage, batch_of(entries), elsewhere) == [COMMITTED] * 2

    async def test_a_clients_last_submission_is_found(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        entries = [
            entry("d", 1, client=("tab", 5)),
            entry("d", 2, client=("other", 9)),
            entry("d", 3, client=("tab", 6)),
            entry("d", 4),
            entry("d", 5, client=("tab", 99), author=BOT),
        ]
        await commit(store.storage, batch_of(entries))
        find = store.storage.find_last_submission
        assert await find("d", ANN, "tab") == LastSubmission(sequence=6, revision=3)
        assert await find("d", ANN, "other") == LastSubmission(sequence=9, revision=2)
        assert await find("d", BOT, "tab") == LastSubmission(sequence=99, revision=5)
        assert await find("d", ANN, "nobody") is None
        assert await find("nobody", ANN, "tab") is None
        renamed = Author("user", "ann", "Ann, married")
        assert await find("d", renamed, "tab") == LastSubmission(sequence=6, revision=3)

    async def test_a_fenced_submission_is_not_found(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        fenced = batch_of([entry("d", 2, client=("tab", 1))])
        assert await commit(store.storage, fenced) == [FENCED]
        assert await store.storage.find_last_submission("d", ANN, "tab") is None

    async def test_a_load_begins_at_the_newest_snapshot(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 5))
        at_three = Diagram(title="three", nodes={"z": {"data": {"b": 1, "a": 2}}, "a": {}})
        store.storage.save_snapshot_nowait("d", 3, at_three)
        await store.wait_snapshot("d", 3)
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert stored.snapshot_revision == 3
        assert stored.snapshot == at_three
        assert list(stored.snapshot.nodes) == ["z", "a"]
        assert [each.revision for each in stored.tail] == [4, 5]

    async def test_snapshots_in_any_order_leave_the_newest(self, store: StoreUnderTest) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 6))
        for revision in (2, 6, 4, 6):
            snapshot = Diagram(title=str(revision))
            store.storage.save_snapshot_nowait("d", revision, snapshot)
        await store.wait_snapshot("d", 6)
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert (stored.snapshot.title, list(stored.tail)) == ("6", [])

    async def test_a_snapshot_of_what_is_not_committed_is_not_stored(
        self, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1))
        store.storage.save_snapshot_nowait("d", 2, Diagram(title="the future"))
        store.storage.save_snapshot_nowait("nobody", 0, Diagram(title="nothing"))
        store.storage.save_snapshot_nowait("d", 1, Diagram(title="now"))
        await store.wait_snapshot("d", 1)
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert stored.snapshot.title == "now"

    async def test_the_answer_comes_later_and_on_the_trio_thread(
        self, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        answered = trio.Event()
        outcomes: list[CommitOutcome] = []

        def done(outcome: CommitOutcome) -> None:
            trio.lowlevel.current_task()
            outcomes.append(outcome)
            answered.set()

        store.storage.commit_nowait(batch("d", 1), done)
        assert outcomes == []
        with trio.fail_after(10):
            await answered.wait()
        assert outcomes == [COMMITTED]

    @pytest.mark.parametrize("revisions", [[], [1, 3], [2, 1], [1, 1]])
    async def test_entries_that_are_not_consecutive_are_refused_at_once(
        self, store: StoreUnderTest, revisions: list[int]
    ) -> None:
        await store.create("d", empty_diagram())
        good = batch("d", 1)
        entries = [entry("d", revision) for revision in revisions]
        bad = type(good)(diagram_id="d", entries=entries, summary=good.summary)
        with pytest.raises(ValueError, match="consecutive"):
            store.storage.commit_nowait(bad, lambda outcome: None)
