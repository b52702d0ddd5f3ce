"""Colours of documents."""

import pytest
import resvg
from resvg import usvg

from gateway.render.colour_names import COLOUR_NAMES
from gateway.render.colours import Colour, from_hex, is_light, mixed, read_colour
from tests.gateway.render.reading import first_pixel

AS_IT_IS = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect {}/></svg>'


def drawn_colour(name: str) -> tuple[int, int, int, int]:
    """What resvg makes of a colour."""
    rect = f'width="1" height="1" fill="{name}"'
    return first_pixel(
        resvg.render(usvg.Tree.from_str(PIXEL.format(rect), usvg.Options.default()), AS_IT_IS)
    )


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#abc", Colour(0xAA, 0xBB, 0xCC)),
        ("#abcd", Colour(0xAA, 0xBB, 0xCC, 0xDD / 255)),
        (" #A1B2C3 ", Colour(0xA1, 0xB2, 0xC3)),
        ("RED", Colour(255, 0, 0)),
        ("transparent", Colour(0, 0, 0, 0)),
        ("rgb(1, 2, 3)", Colour(1, 2, 3)),
        ("rgba(1, 2, 3, 0.5)", Colour(1, 2, 3, 0.5)),
        ("rgb(100% 0% 0% / 25%)", Colour(255, 0, 0, 0.25)),
        ("rgb(999, -5, 3)", Colour(255, 0, 3)),
        ("hsl(120, 100%, 25%)", Colour(0, 128, 0)),
        ("hsl(240deg 100% 50%)", Colour(0, 0, 255)),
        ("hwb(0 0% 0%)", Colour(255, 0, 0)),
        ("hwb(0 100% 100%)", Colour(128, 128, 128)),
        ("lab(54.29 80.8 69.89)", Colour(255, 0, 0)),
        ("lch(54.29 106.84 40.85)", Colour(255, 0, 0)),
        ("oklab(0.628 0.225 0.126)", Colour(255, 0, 0)),
        ("oklch(0.628 0.2577 29.23)", Colour(255, 0, 0)),
    ],
)
def test_colours_are_read(text: str, colour: Colour) -> None:
    found = read_colour(text)
    assert found is not None
    assert found.alpha == pytest.approx(colour.alpha)
    assert max(abs(a - b) for a, b in zip(found[:3], colour[:3], strict=True)) <= 1


@pytest.mark.parametrize(
    "text", ["", "none", "inherit", "url(#a)", "#12", "#ggg", "rgb()", "rgb(1 2)", "rgb(a,b,c)", 3]
)
def test_what_is_no_colour_is_none(text: object) -> None:
    assert read_colour(text) is None


def test_names_mean_what_they_mean_elsewhere() -> None:
    assert len(COLOUR_NAMES) == 148
    # The one name that CSS has and SVG, and with it resvg, has not.
    assert read_colour("rebeccapurple") == Colour(0x66, 0x33, 0x99)
    for name in COLOUR_NAMES.keys() - {"rebeccapurple"}:
        colour = read_colour(name)
        assert colour is not None
        assert drawn_colour(name) == (*colour[:3], 255), name


def test_mixing_is_by_shares() -> None:
    white, black = from_hex("#ffffff"), from_hex("#000000")
    assert mixed(white, 0.25, black) == Colour(64, 64, 64)
    assert mixed(white.faded(0), 0.5, black) == Colour(0, 0, 0, 0.5)
    assert mixed(white.faded(0), 0.5, black.faded(0)).alpha == 0


def test_ink_is_dark_on_light_colours() -> None:
    assert is_light(from_hex("#ffd700"))
    assert not is_light(from_hex("#2f5bd3"))
