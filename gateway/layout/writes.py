"""Positions and sizes as writes to an element."""

from gateway.geometry.boxes import Size
from gateway.geometry.fields import object_at
from gateway.geometry.sizes import stored_length
from ot.diagram import Element
from ot.operation import Set, Writes


def position_write(x: float, y: float) -> Set:
    """The value of ``/position``, in whole numbers where they are whole."""
    return Set({"x": _plain(x), "y": _plain(y)})


def size_writes(element: Element, old: Size, new: Size) -> Writes:
    """Writes that give the node its new size; none where it has it.

    Each length is written where it stands, else as the node's own. One that is not stored follows
    from the other through the label, so it is written too.
    """
    if old == new:
        return {}
    return {
        _path(element, key): Set(_plain(after))
        for key, before, after in (
            ("width", old.width, new.width),
            ("height", old.height, new.height),
        )
        if before != after or stored_length(element, key) is None
    }


def _path(element: Element, key: str) -> str:
    in_style = key not in element and key in object_at(element, "style")
    return f"/style/{key}" if in_style else f"/{key}"


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
