"""Our parsers against Mermaid's own, text by text."""

from pathlib import Path

import pytest

from gateway.mermaid.kinds import detect_kind
from tests.gateway.mermaid.corpus import Case, corpus, samples
from tests.gateway.mermaid.texts import flow_text, mind_text
from tests.support.mermaid_oracle import Refused, compare, is_accepted, oracle

CASES = corpus()
#: Generated texts here; the long form has more.
FLOWCHARTS = 260
MINDMAPS = 40


def by_file() -> dict[str, list[Case]]:
    return {file: [case for case in CASES if case.file == file] for file in {c.file for c in CASES}}


@pytest.mark.parametrize("file", sorted(by_file()))
def test_the_corpus_means_what_it_means_to_mermaid(file: str) -> None:
    found = {case.title: compare(case.text) for case in by_file()[file]}
    assert {title: problem for title, problem in found.items() if problem} == {}


@pytest.mark.parametrize("file", sorted(by_file()))
def test_the_corpus_says_what_mermaid_refuses(file: str) -> None:
    wrong = [c.title for c in by_file()[file] if is_accepted(c.text) is c.is_refused]
    assert wrong == []


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(CASES) >= 500
    assert len({(case.file, case.title) for case in CASES}) == len(CASES)
    assert sum(case.is_refused for case in CASES) >= 100


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.stem)
def test_samples_mean_what_they_mean_to_mermaid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if detect_kind(text) in ("flowchart", "mindmap"):
        assert compare(text) == ""


def test_generated_texts_mean_what_they_mean_to_mermaid() -> None:
    texts = [flow_text(seed)[0] for seed in range(FLOWCHARTS)]
    texts += [mind_text(seed)[0] for seed in range(MINDMAPS)]
    assert [(text, problem) for text in texts if (problem := compare(text))] == []
    accepted = sum(map(is_accepted, texts))
    assert 0.4 < accepted / len(texts) < 0.95


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.stem)
def test_the_kind_of_a_sample_is_mermaids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        theirs = oracle().ask(text)["kind"]
    except Refused:
        return
    names = {"flowchart-v2": "flowchart", "classDiagram": "class", "stateDiagram": "state",
             "gitGraph": "git"}  # fmt: skip
    assert detect_kind(text) == names.get(theirs, theirs)
