"""How many lines a label takes: the widths of the font's characters, added up as the editor does.

Widths are integers: thousandths of an em. A line breaks after spaces, which hang over its end,
after "-", and on both sides of a wide character; a word longer than the line breaks anywhere.
"""

from functools import lru_cache

from gateway.geometry.char_widths import FIRST, WIDTHS

#: Code points of a label that are measured; what follows no longer makes a node higher.
MAX_MEASURED = 5_000
#: Lines that make a node higher.
MAX_LINES = 100
#: Labels of a given width whose lines are remembered.
MAX_REMEMBERED = 8_192

_CUT = "…"
_WIDE_WIDTH = 1_000
_OTHER_WIDTH = 600
#: Inclusive ranges of code points that are as wide as they are high: CJK, Hangul, emoji.
_WIDE = (
    (0x1100, 0x115F), (0x2600, 0x27BF), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F000, 0x3FFFF),
)  # fmt: skip
#: Inclusive ranges without a width of their own: combining marks, joiners, variation selectors.
_EMPTY = (
    (0x0300, 0x036F), (0x200B, 0x200F), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF),
)  # fmt: skip


def _is_in(ranges: tuple[tuple[int, int], ...], code_point: int) -> bool:
    return any(first <= code_point <= last for first, last in ranges)


def char_width(character: str) -> int:
    """Thousandths of an em."""
    code_point = ord(character)
    if code_point < FIRST:
        return 0
    if code_point - FIRST < len(WIDTHS):
        return WIDTHS[code_point - FIRST]
    if _is_in(_EMPTY, code_point):
        return 0
    return _WIDE_WIDTH if _is_in(_WIDE, code_point) else _OTHER_WIDTH


def text_width(line: str, font_size: float) -> float:
    """Pixels of one line."""
    return sum(map(char_width, line)) * font_size / 1_000


def count_lines(text: str, width: int) -> int:
    """The lines of ``text`` in ``width`` thousandths of an em: at least 1, at most MAX_LINES."""
    return len(broken_lines(text, width))


def broken_lines(text: str, width: int) -> tuple[str, ...]:
    """The lines of ``text``, at most MAX_LINES; spaces at which a line breaks stay at its end."""
    # What is remembered is bounded only if the texts are.
    return _broken_lines(text[:MAX_MEASURED], width)


@lru_cache(MAX_REMEMBERED)
def _broken_lines(text: str, width: int) -> tuple[str, ...]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _broken(paragraph, width)
        if len(lines) >= MAX_LINES:
            break
    return tuple(lines[:MAX_LINES])


def shown_lines(text: str, width: int) -> tuple[str, ...]:
    """The same without the spaces at ends; the last line is cut where there are more."""
    lines = [line.rstrip(" \t\r") for line in broken_lines(text, width)]
    whole = len(text) <= MAX_MEASURED and len(lines) < MAX_LINES
    if not whole and lines:
        lines[-1] = lines[-1][:-1] + _CUT
    return tuple(lines)


def _broken(paragraph: str, width: int) -> list[str]:
    """The lines of one paragraph."""
    lines: list[str] = []
    start = cut = 0
    #: Widths: of the present line, and of what in it follows ``cut``, where it may be broken.
    used = tail = 0
    may_break = False
    for i, character in enumerate(paragraph):
        own = char_width(character)
        if character == " ":
            used, tail, may_break, cut = used + own, 0, True, i + 1
            continue
        wide = own > 0 and _is_in(_WIDE, ord(character))
        if wide and used > 0:
            tail, may_break, cut = 0, True, i
        if used + own > width and used > 0:
            end = cut if may_break else i
            lines.append(paragraph[start:end])
            start, used, may_break = end, tail if may_break else 0, False
            if used + own > width and used > 0:
                lines.append(paragraph[start:i])
                start, used = i, 0
            tail = used
        used, tail = used + own, tail + own
        if wide or character == "-":
            tail, may_break, cut = 0, True, i + 1
    return [*lines, paragraph[start:]]
