"""What a request says about the picture that it wants."""

import re
from typing import Final, get_args

from quart import Request

from gateway.api.reading import MAX_REVISION, read_integer
from gateway.errors import ServiceError
from gateway.exporting import EXPORT_FORMATS, MAX_EXPORTED_PNG_BYTES, ExportFormat
from gateway.render.limits import (
    LARGEST_SIDE_PX,
    MAX_COORDINATE,
    MAX_HOPS,
    MAX_SIDE_PX,
    SMALLEST_SIDE_PX,
)
from gateway.render.options import Around, Region, RenderOptions, Theme

THEMES: Final[tuple[Theme, ...]] = get_args(Theme)

#: Nodes that one picture is around.
MAX_AROUND: Final = 100
#: Characters of a colour, or of one number of a region.
MAX_OPTION_LENGTH: Final = 64

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
#: Where the options of a picture come from.
_QUERY_OF_OPTION: Final = {"background": "background", "max_bytes": "max_side"}


def read_theme(request: Request) -> Theme:
    """Raises ServiceError ``invalid``."""
    written = request.args.get("theme", "light")
    for theme in THEMES:
        if written == theme:
            return theme
    raise ServiceError("invalid", "The theme is light or dark.", "theme")


def read_export_format(request: Request) -> ExportFormat:
    """Raises ServiceError ``invalid``."""
    written = request.args.get("format", "json")
    for name in EXPORT_FORMATS:
        if written == name:
            return name
    raise ServiceError("invalid", f"A format is one of {', '.join(EXPORT_FORMATS)}.", "format")


def read_options(request: Request) -> RenderOptions:
    """Raises ServiceError ``invalid`` with the parameter's name."""
    background = request.args.get("background")
    if background is not None and len(background) > MAX_OPTION_LENGTH:
        raise ServiceError("invalid", "Give a colour, or transparent.", "background")
    return RenderOptions(
        theme=read_theme(request),
        view=_read_view(request),
        background=background,
        max_side_px=read_integer(
            request, "max_side", MAX_SIDE_PX, least=SMALLEST_SIDE_PX, most=LARGEST_SIDE_PX
        ),
        max_bytes=MAX_EXPORTED_PNG_BYTES,
    )


def _read_view(request: Request) -> Region | Around | None:
    around = tuple(dict.fromkeys(request.args.getlist("around")))
    region = request.args.get("region")
    if around and region is not None:
        raise ServiceError("invalid", "Send either around or region.", "region")
    if len(around) > MAX_AROUND:
        raise ServiceError("invalid", f"Name at most {MAX_AROUND} nodes.", "around")
    hops = read_integer(request, "hops", 1, least=0, most=MAX_HOPS)
    if around:
        return Around(around, hops)
    return None if region is None else _read_region(region)


def _read_region(text: str) -> Region:
    parts = text.split(",")
    if len(parts) == 4 and all(_NUMBER.fullmatch(part) for part in parts):
        x, y, width, height = map(float, parts)
        is_near = max(map(abs, (x, y, width, height))) <= MAX_COORDINATE
        if is_near and min(width, height) >= 1:
            return Region(x, y, width, height)
    message = "A region is x,y,width,height, as in region=0,0,800,600."
    raise ServiceError("invalid", message, "region")


def read_since(request: Request) -> int | None:
    """The revision since which changes are to be marked."""
    if "since" not in request.args:
        return None
    return read_integer(request, "since", 0, least=0, most=MAX_REVISION)


def named_as_asked(error: ServiceError) -> ServiceError:
    """The error with the parameter's name for its place, not the engine's."""
    at = "around" if error.at.startswith("view/") else _QUERY_OF_OPTION.get(error.at, error.at)
    return ServiceError(error.code, error.message, at, retry=error.retry)
