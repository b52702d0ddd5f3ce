"""The small worlds, whole."""

from property_tests import exhaustive


def test_a_million_pairs_of_operations_keep_the_laws_and_every_kind_of_change_has_met() -> None:
    report = exhaustive.run(processes=2)
    assert not report.failures, "\n".join(report.failures)
    assert not report.never_met()
    assert report.pairs >= 1_000_000
    assert report.undecided >= 100_000
