"""Colours of a document, read into numbers: nothing of their text reaches the picture."""

import math
import re
from functools import lru_cache
from typing import NamedTuple

from gateway.render.colour_names import COLOUR_NAMES
from ot.diagram import Json

#: Characters of a colour; a longer text is none.
_MAX_LENGTH = 160
_MAX_REMEMBERED = 1_024
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(([0-9a-z\s.,%/+-]{1,140})\)")
_NUMBER = re.compile(r"([+-]?(?:[0-9]{1,9}\.?[0-9]{0,12}|\.[0-9]{1,12}))(%|deg)?")
#: Where the contrast with dark and with white ink is the same.
_HALFWAY_LUMINANCE = 0.19


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255, alpha from 0 to 1."""

    red: int
    green: int
    blue: int
    alpha: float = 1.0

    @property
    def hex(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    def faded(self, share: float) -> "Colour":
        return self._replace(alpha=self.alpha * share)


def from_hex(text: str) -> Colour:
    """A colour of our own, such as "#1d2433"."""
    return Colour(int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))


def mixed(colour: Colour, share: float, other: Colour) -> Colour:
    """``share`` of the colour, the rest of the other: ``color-mix(in srgb, …)``."""
    alpha = colour.alpha * share + other.alpha * (1 - share)
    if alpha == 0:
        return Colour(0, 0, 0, 0)
    a, b = colour.alpha * share / alpha, other.alpha * (1 - share) / alpha
    red, green, blue = (round(x * a + y * b) for x, y in zip(colour[:3], other[:3], strict=True))
    return Colour(red, green, blue, alpha)


def read_colour(value: Json) -> Colour | None:
    """The colour a document names; ``None`` for what is none, and for keywords such as "none"."""
    if not isinstance(value, str) or len(value) > _MAX_LENGTH:
        return None
    return _read(value.strip().lower())


@lru_cache(_MAX_REMEMBERED)
def _read(text: str) -> Colour | None:
    if text == "transparent":
        return Colour(0, 0, 0, 0)
    if text in COLOUR_NAMES:
        return from_hex(f"#{COLOUR_NAMES[text]}")
    if found := _HEX.fullmatch(text):
        return _from_digits(found[1])
    if found := _FUNCTION.fullmatch(text):
        return _from_function(found[1], found[2])
    return None


def _from_digits(digits: str) -> Colour:
    wide = digits if len(digits) >= 6 else "".join(digit * 2 for digit in digits)
    alpha = int(wide[6:8], 16) / 255 if len(wide) == 8 else 1.0
    return Colour(int(wide[0:2], 16), int(wide[2:4], 16), int(wide[4:6], 16), alpha)


def _from_function(name: str, arguments: str) -> Colour | None:
    parts = [_NUMBER.fullmatch(part) for part in re.split(r"[\s,/]+", arguments.strip())]
    if len(parts) not in {3, 4}:
        return None
    numbers = [(float(part[1]), part[2] or "") for part in parts if part is not None]
    if len(numbers) != len(parts):
        return None
    alpha = _scaled(numbers[3], 1) if len(numbers) == 4 else 1.0
    channels = _CHANNELS[name.removesuffix("a") if name != "lab" else name](*numbers[:3])
    red, green, blue = (round(255 * min(1.0, max(0.0, channel))) for channel in channels)
    return Colour(red, green, blue, min(1.0, max(0.0, alpha)))


_Part = tuple[float, str]
_Channels = tuple[float, float, float]


def _scaled(part: _Part, whole: float) -> float:
    """The number; a percentage is one of ``whole``."""
    return part[0] * whole / 100 if part[1] == "%" else part[0]


def _rgb(red: _Part, green: _Part, blue: _Part) -> _Channels:
    return _scaled(red, 255) / 255, _scaled(green, 255) / 255, _scaled(blue, 255) / 255


def _hsl(hue: _Part, saturation: _Part, lightness: _Part) -> _Channels:
    s = min(1.0, max(0.0, saturation[0] / 100))
    light = min(1.0, max(0.0, lightness[0] / 100))

    def channel(n: int) -> float:
        k = (n + hue[0] / 30) % 12
        return light - s * min(light, 1 - light) * max(-1.0, min(k - 3, 9 - k, 1.0))

    return channel(0), channel(8), channel(4)


def _hwb(hue: _Part, whiteness: _Part, blackness: _Part) -> _Channels:
    white, black = whiteness[0] / 100, blackness[0] / 100
    if white + black >= 1:
        grey = white / (white + black)
        return grey, grey, grey
    red, green, blue = _hsl(hue, (100, "%"), (50, "%"))
    share = 1 - white - black
    return red * share + white, green * share + white, blue * share + white


def _oklab(lightness: _Part, a: _Part, b: _Part) -> _Channels:
    """By Björn Ottosson's matrices."""
    light, p, q = _scaled(lightness, 1), _scaled(a, 0.4), _scaled(b, 0.4)
    r = (light + 0.3963377774 * p + 0.2158037573 * q) ** 3
    s = (light - 0.1055613458 * p - 0.0638541728 * q) ** 3
    t = (light - 0.0894841775 * p - 1.2914855480 * q) ** 3
    return (
        _gamma(4.0767416621 * r - 3.3077115913 * s + 0.2309699292 * t),
        _gamma(-1.2684380046 * r + 2.6097574011 * s - 0.3413193965 * t),
        _gamma(-0.0041960863 * r - 0.7034186147 * s + 1.7076147010 * t),
    )


def _oklch(lightness: _Part, chroma: _Part, hue: _Part) -> _Channels:
    radius, angle = _scaled(chroma, 0.4), math.radians(hue[0])
    return _oklab(lightness, (radius * math.cos(angle), ""), (radius * math.sin(angle), ""))


def _lab(lightness: _Part, a: _Part, b: _Part) -> _Channels:
    """CIE Lab (D50) to sRGB, by the matrices of CSS Color Module Level 4, D50 to D65 included."""
    light = _scaled(lightness, 100)
    fy = (light + 16) / 116
    fx, fz = fy + _scaled(a, 125) / 500, fy - _scaled(b, 125) / 200
    x, y, z = (_lab_inverse(f) for f in (fx, fy, fz))
    x, z = x * 0.9642956764, z * 0.8251046025
    return (
        _gamma(3.1341359569 * x - 1.6173863321 * y - 0.4906619460 * z),
        _gamma(-0.9787954780 * x + 1.9162544260 * y + 0.0334427339 * z),
        _gamma(0.0719553772 * x - 0.2289767702 * y + 1.4053860415 * z),
    )


def _lch(lightness: _Part, chroma: _Part, hue: _Part) -> _Channels:
    radius, angle = _scaled(chroma, 150), math.radians(hue[0])
    return _lab(lightness, (radius * math.cos(angle), ""), (radius * math.sin(angle), ""))


def _lab_inverse(f: float) -> float:
    return f**3 if f > 6 / 29 else (116 * f - 16) / (24389 / 27)


def _gamma(linear: float) -> float:
    clipped = min(1.0, max(0.0, linear))
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055


_CHANNELS = {
    "rgb": _rgb,
    "hsl": _hsl,
    "hwb": _hwb,
    "lab": _lab,
    "lch": _lch,
    "oklab": _oklab,
    "oklch": _oklch,
}


def is_light(colour: Colour) -> bool:
    """Whether dark ink is easier to read on it than white ink."""
    red, green, blue = (_linear(part / 255) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > _HALFWAY_LUMINANCE


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
