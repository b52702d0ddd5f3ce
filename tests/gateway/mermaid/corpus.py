"""The Mermaid texts in ``tests/fixtures``: our own, by construct, and the samples."""

from pathlib import Path
from typing import Final

import msgspec

FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
_START: Final = "=== "
_REFUSED: Final = " (refused)"


class Case(msgspec.Struct, frozen=True):
    """``is_refused``: Mermaid does not take it."""

    file: str
    title: str
    text: str
    is_refused: bool


def corpus() -> list[Case]:
    """Texts stand in ``mermaid/*.mmd``, each after a line ``=== title`` or, where Mermaid refuses
    them, ``=== title (refused)``. Line ends are part of them."""
    cases: list[Case] = []
    for path in sorted((FIXTURES / "mermaid").glob("*.mmd")):
        whole = "\n" + path.read_bytes().decode()
        for block in whole.split("\n" + _START)[1:]:
            title, _, text = block.partition("\n")
            is_refused = title.endswith(_REFUSED)
            name = title.removesuffix(_REFUSED)
            cases.append(Case(path.stem, name, text + "\n", is_refused))
    return cases


def samples() -> list[Path]:
    return sorted((FIXTURES / "samples" / "mermaid").glob("*.mmd"))
