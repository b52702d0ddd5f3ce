"""The mutation proof itself: it catches, it tells what it did not, and its page is up to date."""

import pytest

from property_tests.mutants import catalogue
from property_tests.mutants.__main__ import DOCUMENT
from property_tests.mutants.mutant import Mutant, NoLongerFits
from property_tests.mutants.proving import check_fit, prove
from property_tests.mutants.table import markdown, verdict

#: One of each file, whatever is new among them.
_HANDFUL = list({mutant.file: mutant for mutant in catalogue.MUTANTS}.values())

_HARMLESS = Mutant(
    name="nothing that shows",
    file="ot/policy.py",
    old='"""Who wins where two edits write one value',
    new='"""Who wins, where two edits write one value',
    breaks="nothing",
)


def test_there_are_many_bugs_each_with_a_name_of_its_own() -> None:
    assert len(catalogue.MUTANTS) >= 100
    assert len({mutant.name for mutant in catalogue.MUTANTS}) == len(catalogue.MUTANTS)


def test_every_bug_fits_the_source_as_it_is_now() -> None:
    check_fit(catalogue.MUTANTS)


def test_a_bug_whose_text_is_gone_is_an_error() -> None:
    gone = Mutant(name="x", file="ot/policy.py", old="no such text", new="", breaks="nothing")
    with pytest.raises(NoLongerFits, match="0x"):
        check_fit([gone])
    with pytest.raises(NoLongerFits, match=r"policy\.py"):
        list(prove([gone], jobs=1))


def test_a_bug_of_each_file_is_caught() -> None:
    results = list(prove(_HANDFUL, jobs=2))
    survivors = [each.mutant for each in results if not each.is_caught]
    assert not survivors, verdict(results, 0.0)


def test_what_breaks_nothing_survives_and_is_told() -> None:
    results = list(prove([None, _HARMLESS], jobs=2, seconds=3.0))
    assert [each.finding.law for each in results] == [None, None]
    assert all(each.finding.cases > 100 for each in results)
    assert "SURVIVED: nothing that shows" in verdict(results, 0.0)
    assert "| SURVIVED |" in markdown(results)


def test_the_same_seed_catches_in_the_same_case() -> None:
    (first,), (again,) = (list(prove(_HANDFUL[:1], jobs=1)) for _ in range(2))
    assert (first.finding.law, first.finding.check, first.finding.cases) == (
        again.finding.law,
        again.finding.check,
        again.finding.cases,
    )


def test_the_page_names_every_bug_and_none_survived() -> None:
    rows = [
        line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    written = {row.split(" | ")[2] for row in rows[1:]}
    assert written == {mutant.name for mutant in catalogue.MUTANTS}
    assert not any("SURVIVED" in row for row in rows)
