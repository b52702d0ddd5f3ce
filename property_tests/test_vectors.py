"""The stored cases: ``ot`` gives every answer, and the generator gives every case again."""

import os
from collections import Counter
from pathlib import Path

import pytest

from property_tests import vectors
from property_tests.vectors.__main__ import SEED, make_manifest
from property_tests.vectors.cases import FILES, Case, ClientCase, RefuseCase, TransformCase
from property_tests.vectors.faults import FAULTS
from property_tests.vectors.making import make_line, make_lines
from property_tests.vectors.proof import Disproved, prove
from property_tests.vectors.reader import read, read_lines, read_manifest

_IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
#: Every so many cases are made again; in the long profile all are.
_STRIDE = 1 if _IS_LONG else 25
_README = Path(vectors.__file__).with_name("README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_every_answer_is_ours(name: str) -> None:
    proved = 0
    for case in read(FILES[name]):
        prove(case)
        proved += 1
    (entry,) = (entry for entry in read_manifest().files if entry.name == name)
    assert proved == entry.cases


@pytest.mark.parametrize("name", FILES)
def test_the_seed_gives_the_stored_cases_byte_for_byte(name: str) -> None:
    lines = read_lines(name)
    if name == "check":
        assert make_lines(name, SEED) == lines
    else:
        for case in range(0, len(lines), _STRIDE):
            assert make_line(name, case, SEED) == lines[case]


def test_the_manifest_says_what_the_seed_gives() -> None:
    stored = read_manifest()
    assert [entry.name for entry in stored.files] == list(FILES)
    assert sum(entry.cases for entry in stored.files) >= 20_000
    if _IS_LONG:
        assert make_manifest()[0] == stored


def test_a_wrong_answer_is_seen() -> None:
    first, second = list(read(TransformCase))[:2]
    mixed = TransformCase(
        case=0,
        diagram=first.diagram,
        a=first.a,
        b=first.b,
        a_wins=first.a_wins,
        b_wins=second.b_wins,
    )
    prove(first)
    with pytest.raises(Disproved, match="a_wins=False"):
        prove(mixed)


def test_every_code_of_a_refusal_occurs_often() -> None:
    codes = Counter(case.code for case in read(RefuseCase))
    assert codes.keys() == {code for code, _ in FAULTS}
    assert min(codes.values()) >= 100


def test_the_clients_pass_through_every_state_in_every_way() -> None:
    passed: Counter[tuple[str, str]] = Counter(
        (type(step).__name__, step.state) for case in read(ClientCase) for step in case.steps
    )
    states = ("synchronised", "awaiting", "awaiting_with_buffer")
    assert all(passed["Receive", state] >= 50 for state in states)
    assert all(passed["Edit", state] >= 20 for state in states)
    assert all(passed["Reject", state] >= 10 for state in states[:2])
    assert all(passed["Acknowledge", state] >= 50 for state in states[:2])


@pytest.mark.parametrize("name", FILES)
def test_the_readme_names_each_file_and_each_of_its_keys(name: str) -> None:
    row = next(line for line in _README.splitlines() if line.startswith(f"| `{name}` |"))
    keys = row.split("|")[2]
    own = set(FILES[name].__struct_fields__) - set(Case.__struct_fields__)
    assert {key.strip(" `") for key in keys.split(",")} == own


def test_the_readme_counts_the_cases() -> None:
    cases = sum(entry.cases for entry in read_manifest().files)
    assert f"\n{cases:,} cases" in _README
