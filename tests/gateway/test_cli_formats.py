"""What the command line makes of the endings of files."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli import format_of_output, main
from gateway.exporting import FORMATS_BY_ENDING


def test_an_ending_that_is_no_format_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    made = tmp_path / "x.jpg"
    command = ["--data-dir", str(tmp_path / "data"), "export", "some-id", "-o", str(made)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    sentence = " ".join(result.output.split())
    assert ".jpg" in sentence
    assert "--format" in sentence
    assert all(f".{ending}" in sentence for ending in FORMATS_BY_ENDING)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.json", "json"), ("a.MMD", "mermaid"), ("a.mermaid", "mermaid"), ("a.v2.png", "png"),
        ("a.svg", "svg"), ("a", "json"), (".png", "json"), (None, "json"),
    ],
)  # fmt: skip
def test_an_ending_says_the_format_and_none_is_json(name: str | None, wanted: str) -> None:
    assert format_of_output(None if name is None else Path(name)) == wanted


@pytest.mark.parametrize("name", ["a.jpg", "a.txt", "a.v2", "a.json.bak"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(click.BadParameter):
        format_of_output(Path(name))
