"""The shipped fonts, and which of them draws which characters.

The picture says so itself, piece by piece: resvg looks for a substitute once per line and cannot
join letters of two scripts in one.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FAMILY: Final = "Inter"
#: Where the shipped fonts are not installed, a reader's own follow.
FAMILIES: Final = "Inter, sans-serif"
MONO_FAMILIES: Final = "DejaVu Sans Mono, monospace"

_FOLDER = Path(__file__).parent / "fonts"
#: In the order in which a character is looked for.
FONT_FILES: Final = tuple(
    str(_FOLDER / name)
    for name in (
        "Inter-Regular.ttf",
        "Inter-Medium.ttf",
        "Inter-SemiBold.ttf",
        "NotoEmoji-Regular.ttf",
        "DejaVuSans.ttf",
        "NotoSansCJK-Regular.otf",
        "NotoSansArabic-Regular.ttf",
        "NotoSansHebrew-Regular.ttf",
        "NotoSansDevanagari-Regular.ttf",
        "NotoSansBengali-Regular.ttf",
        "NotoSansThai-Regular.ttf",
        "NotoSansTamil-Regular.ttf",
        "DejaVuSansMono.ttf",
    )
)

#: The first character that Inter may lack.
_FIRST_FOREIGN = "\u0590"
_SCRIPTS = {
    "Noto Emoji": "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff",
    "Noto Sans CJK TC": (
        "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
        "\U00020000-\U0003ffff"
    ),
    "Noto Sans Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "Noto Sans Hebrew": "\u0590-\u05ff\ufb1d-\ufb4f",
    "Noto Sans Devanagari": "\u0900-\u097f\ua8e0-\ua8ff",
    "Noto Sans Bengali": "\u0980-\u09ff",
    "Noto Sans Thai": "\u0e00-\u0e7f",
    "Noto Sans Tamil": "\u0b80-\u0bff",
}
#: A character's modifiers and joiners belong to what they follow, and so do the spaces between
#: words; not those between emoji, whose font has very wide ones.
_JOINERS = "\u200c\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
_FOREIGN = re.compile(
    "|".join(
        f"(?P<s{i}>[{ranges}][{ranges}{_JOINERS}]*"
        + (f"(?: +[{ranges}][{ranges}{_JOINERS}]*)*)" if i else ")")
        for i, ranges in enumerate(_SCRIPTS.values())
    )
    + "|(?P<s0k>[0-9#*]\ufe0f?\u20e3)"
)
_FAMILY_OF_GROUP = {f"s{i}": f"{family}, sans-serif" for i, family in enumerate(_SCRIPTS)} | {
    "s0k": "Noto Emoji, sans-serif"
}


def family_runs(text: str) -> Iterator[tuple[str | None, str]]:
    """The text in pieces, each with the families that draw it; ``None`` where Inter does."""
    if text.isascii() or max(text) < _FIRST_FOREIGN:
        yield None, text
        return
    at = 0
    for found in _FOREIGN.finditer(text):
        if found.start() > at:
            yield None, text[at : found.start()]
        yield _FAMILY_OF_GROUP[found.lastgroup or ""], found[0]
        at = found.end()
    if at < len(text):
        yield None, text[at:]
