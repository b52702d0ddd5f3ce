"""Where everything stands in a picture, as numbers, to compare with another drawing of it."""

import msgspec

from gateway.geometry.boxes import Box
from gateway.render.edges import svg_path
from gateway.render.stage import Stage
from ot.diagram import Diagram


class Positions(msgspec.Struct, frozen=True):
    """Absolute boxes of the nodes that are drawn, and the paths of the edges, in flow units."""

    nodes: dict[str, Box]
    edges: dict[str, str]
    #: The middles of the edges' labels.
    labels: dict[str, tuple[float, float]]


def positions(diagram: Diagram) -> Positions:
    """The places of all elements that are drawn."""
    stage = Stage(diagram)
    return Positions(
        nodes={key: stage.scene.boxes[key] for key in stage.nodes},
        edges={key: svg_path(route.path) for key, route in stage.routes.items()},
        labels={key: (*route.path.label,) for key, route in stage.routes.items()},
    )
