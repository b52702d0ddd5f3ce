"""The colours of the editor's canvas, light and dark."""

from typing import Final, NamedTuple

from gateway.render.colours import Colour, from_hex
from gateway.render.options import Theme


class Palette(NamedTuple):
    ink: Colour
    ink_dim: Colour
    paper: Colour
    card: Colour
    line: Colour
    edge: Colour
    added: Colour
    changed: Colour
    removed: Colour
    #: By the tone of a node type.
    tones: dict[str, Colour]
    #: How much of its tone is in the fill of a node.
    tint: float


def _tones(**colours: str) -> dict[str, Colour]:
    return {tone: from_hex(colour) for tone, colour in colours.items()}


#: Ink on fills that an element brings along.
DARK_INK: Final = from_hex("#1d2433")
LIGHT_INK: Final = from_hex("#ffffff")

PALETTES: Final[dict[Theme, Palette]] = {
    "light": Palette(
        ink=DARK_INK,
        ink_dim=from_hex("#566073"),
        paper=from_hex("#f6f7fa"),
        card=from_hex("#ffffff"),
        line=from_hex("#d9dde6"),
        edge=from_hex("#6b7689"),
        added=from_hex("#1c9a57"),
        changed=from_hex("#d58400"),
        removed=from_hex("#d0342b"),
        tones=_tones(
            plain="#64708a",
            blue="#2f5bd3",
            green="#1c7a4a",
            red="#b3362c",
            amber="#a86400",
            violet="#7a3fd0",
            teal="#0b7a85",
            slate="#4a566b",
            yellow="#9a7b00",
        ),
        tint=0.09,
    ),
    "dark": Palette(
        ink=from_hex("#e7eaf1"),
        ink_dim=from_hex("#a3acbd"),
        paper=from_hex("#14171e"),
        card=from_hex("#1c2029"),
        line=from_hex("#333a48"),
        edge=from_hex("#8b96aa"),
        added=from_hex("#4fd08c"),
        changed=from_hex("#ffb94d"),
        removed=from_hex("#ff7a6e"),
        tones=_tones(
            plain="#8b96aa",
            blue="#7fa3ff",
            green="#5fc58f",
            red="#f2887e",
            amber="#f0b45a",
            violet="#bb97ff",
            teal="#58c7d2",
            slate="#9aa6bb",
            yellow="#e3cb5c",
        ),
        tint=0.15,
    ),
}
