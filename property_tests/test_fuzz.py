"""The fuzzer, from its options to what it prints and writes."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from gateway.cli import main as command_line
from property_tests.examples.naive_list import NaiveList
from property_tests.fuzz import FuzzOptions, main
from property_tests.fuzz_campaign import run_seed
from property_tests.fuzz_replay import OWN_TYPE, known_pairs, load_type
from property_tests.fuzz_report.matrix import matrices
from property_tests.fuzz_report.values import difference_lines, shown
from property_tests.meetings import EXPECTED
from property_tests.simulation import PROFILES, DiagramType
from property_tests.simulation.laws import LAWS

NAIVE = "property_tests.examples.naive_list:NaiveList"
#: What would be fetched from somewhere, or run.
EXTERNAL = re.compile(r"//|<script|<link|<img|<iframe|@import|url\(|\bon\w+=|\bhref=|\bsrc=")


def fuzz(capsys: pytest.CaptureFixture[str], options: FuzzOptions) -> tuple[int, str]:
    """The exit status and what was printed on standard output."""
    status = main(options)
    return status, capsys.readouterr().out


def campaign_hash(text: str) -> str:
    found = re.search(r"campaign hash ([0-9a-f]{64})", text)
    assert found, text
    return found[1]


def check_page(path: Path) -> ElementTree.Element:
    """The page, once it is known to be well formed and to stand by itself."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>\n")
    assert EXTERNAL.search(text) is None
    return ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    """Exit status and output of a campaign on the naive type, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("fuzz")
    given = ["fuzz", "--type", NAIVE, "--seed", "1", "--profile", "smoke", "--jobs", "1"]
    arguments = [*given, "--out", str(folder), "--html", str(folder / "page.html")]
    result = CliRunner().invoke(command_line, arguments)
    return result.exit_code, result.stdout, folder


def replay_of(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def test_a_short_campaign_is_clean_and_says_what_met(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    options = FuzzOptions(runs=30, seed=1, profile="smoke", jobs=1, html=page, out=tmp_path)
    status, text = fuzz(capsys, options)
    assert status == 0
    assert "30 runs of profile smoke on type diagram" in text
    assert re.search(rf"\d+ of {len(EXPECTED)} kind pairs met", text)
    assert list(tmp_path.iterdir()) == [page]
    body = check_page(page)
    assert len(body.findall(".//table")) >= 5


def test_the_same_seed_gives_the_same_campaign_whatever_the_number_of_jobs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hashes = set()
    for jobs in (1, 2):
        options = FuzzOptions(runs=30, seed=11, profile="smoke", jobs=jobs)
        status, text = fuzz(capsys, options)
        assert status == 0
        hashes.add(campaign_hash(text))
    assert len(hashes) == 1
    _, text = fuzz(capsys, FuzzOptions(runs=30, seed=12, profile="smoke", jobs=1))
    assert campaign_hash(text) not in hashes


def test_the_naive_type_breaks_with_its_diamond_and_its_run(
    broken: tuple[int, str, Path],
) -> None:
    status, text, folder = broken
    assert status == 1
    assert "BROKEN: convergence (R, replicas converge)" in text
    assert "law D, the diamond (TP1)" in text
    for letter in ("S", "a", "b", "a'", "b'", "left", "right"):
        assert re.search(rf"^ *{letter} = ", text, re.M), letter
    assert re.search(r"^ diff +.*left has .*right has ", text, re.M)
    assert re.search(r"^ +\d+ +\w+ +edits: ", text, re.M)
    assert "Seed 1, run 0, profile smoke" in text
    assert f"diagramai fuzz --replay {replay_of(folder)}" in text


def test_the_page_of_a_counterexample_draws_the_diamond_and_the_timeline(
    broken: tuple[int, str, Path],
) -> None:
    body = check_page(broken[2] / "page.html")
    pictures = body.findall(".//svg")
    assert len(pictures) == 2
    lanes = [each.text for each in pictures[1].findall("text[@class='name']")]
    assert lanes[0] == "server"
    assert len(lanes) >= 3


def test_a_replay_fails_again_as_long_as_the_type_is_wrong(
    capsys: pytest.CaptureFixture[str], broken: tuple[int, str, Path], tmp_path: Path
) -> None:
    path = replay_of(broken[2])
    status, text = fuzz(capsys, FuzzOptions(replay=path))
    assert status == 1
    assert "Still fails." in text
    status, text = fuzz(capsys, FuzzOptions(replay=path, type=OWN_TYPE))
    assert status == 0
    assert "No longer fails" in text


def test_a_replay_file_says_what_it_is_and_where_it_is_from(
    broken: tuple[int, str, Path],
) -> None:
    replay = json.loads(replay_of(broken[2]).read_bytes())
    assert (replay["format"], replay["version"]) == ("diagramai-fuzz-replay", 1)
    assert (replay["type"], replay["law"]) == (NAIVE, "convergence")
    assert replay["profile"]["name"] == "smoke"
    assert len(replay["decisions"]) < 100


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (FuzzOptions(profile="wild"), "there are smoke, default"),
        (FuzzOptions(runs=0), "--runs"),
        (FuzzOptions(minutes=0), "--minutes"),
        (FuzzOptions(minutes=float("nan")), "--minutes"),
        (FuzzOptions(jobs=0), "--jobs"),
        (FuzzOptions(type="json"), "MODULE:OBJECT"),
        (FuzzOptions(type="no_such_module:Thing"), "no_such_module"),
        (FuzzOptions(type="json:JSONDecoder"), "lacks name, start"),
        (FuzzOptions(replay=Path("no-such-file.json")), "cannot be read"),
        (FuzzOptions(replay=Path(__file__)), "no replay file"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_two(
    capsys: pytest.CaptureFixture[str], options: FuzzOptions, reason: str
) -> None:
    assert main(options) == 2
    said = capsys.readouterr()
    assert reason in said.err
    assert said.out == ""


def test_the_fuzzer_needs_nothing_that_only_tests_need() -> None:
    program = (
        "import sys, property_tests.fuzz, property_tests.examples.naive_list\n"
        "sys.exit(str(sorted({'hypothesis', 'pytest', 'tests'} & set(sys.modules))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "[]"


class Stillborn(NaiveList):
    def start(self, random: Random) -> list[str]:
        raise OSError("no disk")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_type_that_cannot_start_is_no_counterexample(
    capsys: pytest.CaptureFixture[str], jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    word = "property_tests.test_fuzz:Stillborn"
    assert main(FuzzOptions(type=word, jobs=jobs, runs=5)) == 2
    assert "cannot begin: OSError: no disk" in capsys.readouterr().err


def test_the_document_names_every_law_and_every_profile() -> None:
    text = (Path(__file__).parent.parent / "docs" / "research.md").read_text(encoding="utf-8")
    for law, sentence in LAWS.items():
        assert f"| **{law}** | {sentence} |" in text
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == list(PROFILES)


def test_the_seeds_of_runs_never_change() -> None:
    assert [run_seed(1, number) for number in range(2)] == [
        1789866162891828655,
        2683464844940401643,
    ]


def test_differences_name_paths_and_what_stands_on_each_side() -> None:
    left, right = {"x": [1, 2], "y": "a"}, {"x": [1, 3], "z": None}
    assert difference_lines(left, right, ("left", "right")) == [
        "/x/1: left has 2; right has 3",
        '/y: left has "a"; right has nothing',
        "/z: left has nothing; right has null",
    ]


def test_what_is_shown_is_fit_for_a_terminal_and_for_xml() -> None:
    assert shown("a\x1b[0m\ud800\u202e") == '"a\\u001b[0m\\ud800\\u202e"'
    assert len(shown("x" * 10_000)) == 2_000


def test_every_known_pair_of_our_own_type_has_a_place_in_a_table() -> None:
    text = matrices(Counter({"node create/create": 12}), EXPECTED)
    assert "<li>" not in text
    assert text.count('class="heat') == len(EXPECTED)
    assert '<td class="heat2">12</td>' in text


def test_of_a_brought_type_the_pairs_of_all_kinds_seen_are_known() -> None:
    kind = load_type(NAIVE)
    assert known_pairs(kind, Counter({"delete/insert": 1})) == {
        "delete/delete",
        "delete/insert",
        "insert/insert",
    }
    assert isinstance(load_type(OWN_TYPE), DiagramType)
