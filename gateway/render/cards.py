"""Pictures of what has no nodes: a diagram that is a text, and an empty one."""

from gateway.geometry.boxes import Box
from gateway.geometry.wrap import char_width, text_width
from gateway.render.fonts import MONO_FAMILIES
from gateway.render.labels import baseline
from gateway.render.limits import MAX_CARD_COLUMNS, MAX_CARD_LINES
from gateway.render.markup import paint, rectangle, stroke, text_line
from gateway.render.palette import Palette
from ot.diagram import Diagram

_MARGIN = 24.0
_PADDING = 24.0
_HEADER_HEIGHT = 48.0
_TITLE_SIZE = 15.0
_TITLE_COLUMNS = 48
_CODE_SIZE = 13.0
_CODE_LINE = 20.0
#: Of DejaVu Sans Mono, and at most of a sign of another font, in em.
_CODE_ADVANCE = 0.602
_WIDE_ADVANCE = 1.3
_WIDE = 1_000
_LEAST_WIDTH = 360.0
_CORNER = 8.0
_TAG = "Mermaid"
_TAG_SIZE = 12.0


def empty_card(palette: Palette) -> tuple[Box, str]:
    """A frame that says there is nothing in it."""
    frame = Box(0, 0, 360, 160)
    dash = stroke(palette.line, 1.5, (6, 4)) + ' fill="none"'
    words = text_line(
        180, baseline(80, 14), "This diagram is empty.", paint("fill", palette.ink_dim)
    )
    return frame, rectangle(frame.grown(-16), dash, _CORNER) + words


def text_card(diagram: Diagram, palette: Palette) -> tuple[Box, str]:
    """The title and the first lines of the text."""
    lines, more = _shown(diagram.data.get("text"))
    widest = max(map(_code_width, lines), default=0.0)
    title = _cut(diagram.title or "Untitled", _TITLE_COLUMNS)
    tag_width = text_width(_TAG, _TAG_SIZE) + 16
    heading = text_width(title, _TITLE_SIZE) * 1.08 + 16 + tag_width
    width = max(_LEAST_WIDTH, widest + 2 * _PADDING, heading + 2 * _PADDING)
    rows = len(lines) + (1 if more else 0)
    height = _HEADER_HEIGHT + max(rows, 1) * _CODE_LINE + 2 * _PADDING - 8
    card = Box(_MARGIN, _MARGIN, width, height)
    parts = [
        rectangle(card, paint("fill", palette.card) + stroke(palette.line, 1.5), _CORNER),
        _heading(card, title, tag_width, palette),
        *_code(card, lines, more, palette),
    ]
    return Box(0, 0, width + 2 * _MARGIN, height + 2 * _MARGIN), "".join(parts)


def _shown(text: object) -> tuple[list[str], int]:
    """The lines that are shown, and how many more there are."""
    lines = (text if isinstance(text, str) else "").expandtabs(4).rstrip().splitlines()
    more = max(0, len(lines) - MAX_CARD_LINES)
    return [_cut(line, MAX_CARD_COLUMNS) for line in lines[:MAX_CARD_LINES]], more


def _cut(line: str, columns: int) -> str:
    return line if len(line) <= columns else line[: columns - 1] + "…"


def _code_width(line: str) -> float:
    """Pixels of one line of the text."""
    wide = sum(char_width(character) >= _WIDE for character in line if not character.isascii())
    return ((len(line) - wide) * _CODE_ADVANCE + wide * _WIDE_ADVANCE) * _CODE_SIZE


def _heading(card: Box, title: str, tag_width: float, palette: Palette) -> str:
    middle = card.y + _HEADER_HEIGHT / 2
    start = ' text-anchor="start"'
    title_look = f'{paint("fill", palette.ink)}{start} font-size="15" font-weight="600"'
    tag = Box(card.right - _PADDING - tag_width, middle - 11, tag_width, 22)
    tone = palette.tones["violet"]
    line = Box(card.x, card.y + _HEADER_HEIGHT, card.width, 1)
    return "".join(
        (
            text_line(card.x + _PADDING, baseline(middle, _TITLE_SIZE), title, title_look),
            rectangle(tag, paint("fill", tone.faded(0.14)), 11),
            text_line(
                tag.center.x,
                baseline(middle, _TAG_SIZE),
                _TAG,
                f'{paint("fill", tone)} font-size="12" font-weight="500"',
            ),
            rectangle(line, paint("fill", palette.line)),
        )
    )


def _code(card: Box, lines: list[str], more: int, palette: Palette) -> list[str]:
    top = card.y + _HEADER_HEIGHT + _PADDING - 4 + _CODE_LINE / 2
    place = ' text-anchor="start"'
    mono = f'{paint("fill", palette.ink)}{place} font-family="{MONO_FAMILIES}" font-size="13"'
    dim = f"{paint('fill', palette.ink_dim)}{place}"
    x = card.x + _PADDING
    rows = [
        text_line(x, baseline(top + i * _CODE_LINE, _CODE_SIZE), line, mono)
        for i, line in enumerate(lines)
        if line.strip()
    ]
    if more:
        words = f"… {more} more line{'s' if more > 1 else ''}"
        rows.append(text_line(x, baseline(top + len(lines) * _CODE_LINE, 14), words, dim))
    if not lines:
        rows.append(text_line(x, baseline(top, 14), "The text is empty.", dim))
    return rows
