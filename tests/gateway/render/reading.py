"""Reading pictures: SVG as a tree, PNG by its header."""

import struct
import zlib
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def parsed(svg: str) -> ElementTree.Element:
    """The root of the document; raises where it is not well formed."""
    return ElementTree.fromstring(svg)


def drawn(svg: str, kind: str) -> dict[str, ElementTree.Element]:
    """The groups of one kind of element by id; fails where one stands there twice."""
    found: dict[str, ElementTree.Element] = {}
    for group in parsed(svg).iter(f"{SVG}g"):
        if group.get("data-element") == kind:
            identifier = group.get("data-id") or ""
            assert identifier not in found
            found[identifier] = group
    return found


def texts(element: ElementTree.Element) -> list[str]:
    """The lines of text in an element."""
    return ["".join(line.itertext()) for line in element.iter(f"{SVG}text")]


def view_box(svg: str) -> tuple[float, float, float, float]:
    x, y, width, height = map(float, (parsed(svg).get("viewBox") or "").split())
    return x, y, width, height


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    assert png.startswith(PNG_SIGNATURE)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def first_pixel(png: bytes) -> tuple[int, int, int, int]:
    """Red, green, blue and alpha of the upper left corner."""
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    red, green, blue, alpha = zlib.decompress(data)[1:5]
    return red, green, blue, alpha
