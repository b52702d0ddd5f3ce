"""The parts of a document in Markdown that tests hold against the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_HEADING = re.compile(r"^(#+) (.*)$", re.M)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_ROW = re.compile(r"^\|(.*)\|$", re.M)


class Block(msgspec.Struct, frozen=True):
    """A fenced block: its language, its text, and where in the document it begins."""

    language: str
    text: str
    start: int


class Document:
    """One file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[Block]:
        """The fenced blocks of a language, in order."""
        found = (Block(m[1], m[2], m.start()) for m in _FENCE.finditer(self.text))
        return [block for block in found if block.language == language]

    def section(self, title: str) -> str:
        """What stands below a heading, up to the next one of its level or above."""
        found = [m for m in self._headings() if m[2] == title]
        assert len(found) == 1, f"{self.path.name} has {len(found)} headings {title!r}"
        rest = self.text[found[0].end() :]
        after = re.search(rf"^#{{1,{len(found[0][1])}}} ", _without_code(rest), re.M)
        return rest[: after.start()] if after else rest

    def subsections(self, mark: str = "##") -> dict[str, str]:
        """The sections of one level by their titles, code marks left out."""
        titles = [m[2] for m in self._headings() if m[1] == mark]
        return {title.strip("`"): self.section(title) for title in titles}

    def anchors(self) -> set[str]:
        """What a link into this file may name."""
        return {_anchor(m[2]) for m in self._headings()}

    def links(self) -> list[str]:
        """The targets of links and images."""
        return _LINK.findall(_without_code(self.text))

    def code_spans(self) -> set[str]:
        """Everything between single back quotes, outside of blocks."""
        return set(_CODE.findall(_without_code(self.text)))

    def _headings(self) -> Iterator[re.Match[str]]:
        return _HEADING.finditer(_without_code(self.text))


def table_rows(text: str) -> list[list[str]]:
    """The cells of all rows of the tables in a text, heads and rulers left out."""
    rows = [[cell.strip() for cell in m[1].split("|")] for m in _ROW.finditer(text)]
    heads = {i - 1 for i, row in enumerate(rows) if _is_ruler(row)}
    return [row for i, row in enumerate(rows) if i not in heads and not _is_ruler(row)]


def code_in(cell: str) -> list[str]:
    """What a cell has between back quotes."""
    return _CODE.findall(cell)


def _is_ruler(row: list[str]) -> bool:
    return all(set(cell) <= set("-|") for cell in row)


def _without_code(text: str) -> str:
    """The text with every block blanked, so that places stay where they are."""
    return _FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
