"""The diamond and the timeline as SVG, to stand inside a page. Colours are the page's."""

from collections.abc import Sequence
from html import escape

from property_tests.fuzz_report.timeline import SERVER, Happening, lanes_of
from property_tests.fuzz_report.values import shown
from property_tests.simulation import Diamond

#: Happenings in one picture; of a longer run the first ones.
MAX_HAPPENINGS = 400

_LANE = 84
_ROW = 16
_TOP = 34
_LEFT = 62
#: Characters of a line beside a road, and lines.
_SHORT_LINE = 15
_MOST_LINES = 3


def diamond_svg(diamond: Diamond) -> str:
    """340 units wide: as wide as a telephone."""
    title = f"From S both roads should meet. a_wins is {str(diamond.a_wins).lower()}."
    roads = ((170, 40, 80, 120), (170, 40, 260, 120), (80, 120, 150, 200), (260, 120, 190, 200))
    dots = ((170, 40), (80, 120), (260, 120), (150, 200), (190, 200))
    return "\n".join((
        f'<svg viewBox="0 0 340 250" role="img" aria-label="{title}" class="diamond">',
        *(_line(*road) for road in roads),
        *(f'<circle class="dot" cx="{x}" cy="{y}" r="5"/>' for x, y in dots),
        _text(170, 24, _label("S", diamond.state, 40), "middle"),
        *_beside(112, 66, "a", diamond.a, "end"),
        *_beside(228, 66, "b", diamond.b, "start"),
        *_beside(110, 168, "b'", diamond.b_transformed, "end"),
        *_beside(230, 168, "a'", diamond.a_transformed, "start"),
        '<text x="170" y="205" text-anchor="middle" class="fault">≠</text>',
        _text(155, 240, _label("left", diamond.left, 20), "end"),
        _text(185, 240, _label("right", diamond.right, 20), "start"),
        "</svg>",
    ))  # fmt: skip


def _label(name: str, value: object, most: int) -> str:
    """The name, and the value too if all of it is at most so many characters."""
    text = f"{name} = {shown(value)}"
    return text if len(text) <= most else name


def _beside(x: int, y: int, name: str, value: object, anchor: str) -> list[str]:
    """A road's name and, in a few short lines, its operation, if that fits."""
    text = shown(value)
    lines = [text[at : at + _SHORT_LINE] for at in range(0, len(text), _SHORT_LINE)]
    if len(lines) > _MOST_LINES:
        return [_text(x, y, name, anchor)]
    shown_lines = [f"{name} =", *lines]
    return [_text(x, y + 13 * at, line, anchor) for at, line in enumerate(shown_lines)]


def _line(x1: int, y1: int, x2: int, y2: int, look: str = "road") -> str:
    return f'<line class="{look}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: int, y: int, text: str, anchor: str, look: str = "") -> str:
    named = f' class="{look}"' if look else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{named}>{escape(text)}</text>'


def timeline_svg(happenings: Sequence[Happening]) -> str:
    """Time runs down; a lane for each participant, the first one for the server."""
    lanes = {name: _LEFT + at * _LANE for at, name in enumerate(lanes_of(happenings))}
    rows = happenings[:MAX_HAPPENINGS]
    width, height = _LEFT + _LANE * (len(lanes) - 1) + 50, _TOP + _ROW * (len(rows) + 1)
    out = [
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
        ' aria-label="Who did what, from top to bottom; the list has it in words.">'
    ]
    for name, x in lanes.items():
        look = "lane server" if name == SERVER else "lane"
        out += [_text(x, 14, name, "middle", "name"), _line(x, 22, x, height - 8, look)]
    for at, each in enumerate(rows):
        out += _happening(at + 1, each, lanes)
    return "\n".join([*out, "</svg>"])


def _happening(number: int, each: Happening, lanes: dict[str, int]) -> list[str]:
    x, y = lanes[each.lane], _TOP + _ROW * (number - 1)
    look = "fault" if each.is_fault else "dot"
    out = ["<g>", f"<title>{number}. {escape(each.lane)}: {escape(each.what)}</title>"]
    out.append(_text(24, y + 4, str(number), "end", "number"))
    if each.to is not None:
        end = lanes[each.to]
        tip = end - 5 if end > x else end + 5
        back = tip - 7 if end > x else tip + 7
        out.append(_line(x, y, tip, y, "frame"))
        out.append(f'<polygon class="{look}" points="{tip},{y} {back},{y - 4} {back},{y + 4}"/>')
    elif each.is_fault:
        out += [_line(x - 5, y - 5, x + 5, y + 5, look), _line(x - 5, y + 5, x + 5, y - 5, look)]
    else:
        out.append(f'<circle class="{look}" cx="{x}" cy="{y}" r="4"/>')
    return [*out, "</g>"]
