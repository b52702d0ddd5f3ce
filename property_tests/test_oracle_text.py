"""``ot.text`` and the public type give one answer, component for component."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import msgspec
import pytest

from ot.operation import TextDelete
from property_tests.oracle_text.cases import Given, Question, make_line, make_question
from property_tests.oracle_text.node import FOLDER, command_of, install_packages

CASES = 100_000
_SECONDS = 60.0


class Verdict(msgspec.Struct, frozen=True):
    cases: int
    differences: int


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    install_packages()


@contextmanager
def _oracle() -> Iterator[subprocess.Popen[bytes]]:
    command = [*command_of("node"), "check.mjs"]
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _ask(lines: Iterator[bytes]) -> tuple[Verdict, list[bytes]]:
    """The verdict on all lines, and the first differences as JSON."""
    with _oracle() as process:
        assert process.stdin is not None
        for line in lines:
            process.stdin.write(line + b"\n")
        output, _ = process.communicate(timeout=_SECONDS)
    *differences, verdict = output.splitlines()
    return msgspec.json.decode(verdict, type=Verdict), differences


def test_the_public_type_gives_the_same_on_100_000_edits_of_texts() -> None:
    rnd = Random("ot-text-unicode")
    verdict, differences = _ask(make_line(rnd) for _ in range(CASES))
    assert not differences, b"\n".join(differences).decode()
    assert verdict == Verdict(cases=CASES, differences=0)


def test_a_difference_is_seen_and_shown() -> None:
    question = make_question(Random("a wrong answer"))
    wrong = msgspec.structs.replace(question.found, b_last=["wrong"])
    verdict, (difference,) = _ask(
        msgspec.json.encode(Question(question.given, found)) for found in (question.found, wrong)
    )
    assert verdict == Verdict(cases=2, differences=1)
    assert b'"name":"bLast"' in difference


def test_astral_characters_deletions_by_text_and_ties_are_among_the_edits() -> None:
    rnd = Random("ot-text-unicode")
    given = [make_question(rnd).given for _ in range(2_000)]
    assert sum(any(ord(point) > 0xFFFF for point in each.text) for each in given) > 500
    assert sum(_names_deletion(each) for each in given) > 100
    assert sum(_is_tie(each) for each in given) > 100


def _names_deletion(given: Given) -> bool:
    return any(isinstance(part, TextDelete) and isinstance(part.d, str) for part in given.a)


def _is_tie(given: Given) -> bool:
    """Whether both insert before the first letter."""
    return bool(given.a and given.b) and all(
        isinstance(edit[0], str) for edit in (given.a, given.b)
    )
