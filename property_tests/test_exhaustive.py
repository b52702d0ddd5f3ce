"""The small worlds: the short profile whole, and what the long one consists of."""

from property_tests import exhaustive
from property_tests.laws import encoded
from property_tests.worlds_long import PROFILES


def test_a_million_pairs_of_operations_keep_the_laws_and_every_kind_of_change_has_met() -> None:
    report = exhaustive.run(processes=2)
    assert not report.failures, "\n".join(report.failures)
    assert not report.never_met()
    assert report.pairs >= 1_000_000
    assert report.undecided >= 100_000


def test_the_long_profile_has_ten_million_pairs_and_begins_with_the_smallest_states() -> None:
    tasks = exhaustive.make_tasks("long")
    assert sum(task.pairs for task in tasks) >= 10_000_000
    firsts = [task for task in tasks if task.rows[0] == 0]
    sizes = [len(exhaustive.operations_of("long", task.world, task.state)) for task in firsts]
    assert sizes == sorted(sizes)


def test_the_long_profile_holds_the_short_one() -> None:
    for short, long in zip(PROFILES["short"], PROFILES["long"], strict=True):
        assert long.states[: len(short.states)] == short.states
        assert len({encoded(S) for S in long.states}) == len(long.states)
        for S in short.states:
            assert {*map(encoded, short.steps(S))} <= {*map(encoded, long.steps(S))}


def test_progress_tells_the_rate_the_kinds_that_met_and_the_time_left() -> None:
    report = exhaustive.Report(states=3, pairs=2_000)
    report.meetings["node create/create"] = 1
    line = exhaustive.progress_line(report, pairs=10_000, seconds=4.0)
    assert "2,000 of 10,000 pairs in 3 states, 500/s" in line
    assert "1 of 35 kinds met, 0 broken, about 16 s left" in line
