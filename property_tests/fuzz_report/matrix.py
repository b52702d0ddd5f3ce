"""Kind pairs as tables: what met, how often, and what never did."""

import re
from collections import Counter
from collections.abc import Iterable
from html import escape

#: ``node create/update``, ``write set above text``, ``delete node/create child of it``, ``x/y``.
_PAIR = re.compile(
    r"(?P<points>delete node)/(?P<how>\w+) (?P<what>.+)"
    r"|write (?P<upper>\w+) above (?P<lower>\w+)"
    r"|(?:(?P<family>\w+) )?(?P<x>[^/]+)/(?P<y>[^/]+)"
)


def matrices(met: Counter[str], known: Iterable[str]) -> str:
    """HTML: a table for each family of pairs. A pair that is in no table has a line."""
    tables: dict[str, dict[tuple[str, str], int]] = {}
    rest: list[str] = []
    for pair in sorted({*known, *met}):
        place = _place(pair)
        if place is None:
            rest.append(f"<li>{escape(pair)}: {met[pair]:,}</li>")
        else:
            title, row, column = place
            tables.setdefault(title, {})[row, column] = met[pair]
    out = [_table(title, cells) for title, cells in tables.items()]
    return "\n".join([*out, *(["<ul>", *rest, "</ul>"] if rest else [])])


def _place(pair: str) -> tuple[str, str, str] | None:
    """The table, the row and the column of a pair."""
    found = _PAIR.fullmatch(pair)
    if found is None:
        return None
    if found["points"]:
        return "a node is deleted, and the other side points at it", found["how"], found["what"]
    if found["upper"]:
        return "a write above another's", found["upper"], found["lower"]
    return found["family"] or "kinds", found["x"], found["y"]


def _table(title: str, cells: dict[tuple[str, str], int]) -> str:
    rows = sorted({row for row, _ in cells})
    columns = sorted({column for _, column in cells})
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "\n".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(_cell(cells.get((row, column))) for column in columns)
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(title)}</caption>\n'
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _cell(count: int | None) -> str:
    """Darker with each power of ten."""
    if count is None:
        return "<td></td>"
    heat = min(5, len(str(count))) if count else 0
    return f'<td class="heat{heat}">{count:,}</td>'
