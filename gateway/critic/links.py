"""The edges that count: both ends there, and each only once."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from gateway.critic.words import edge_lacks_text, is_text
from gateway.geometry.fields import edge_label_of
from ot.diagram import Element, Json


class Link(NamedTuple):
    edge: str
    source: str
    target: str
    label: str
    #: Whether nothing is written at it, and something could be.
    is_bare: bool


class Look(NamedTuple):
    """What there is to see of an edge, which it keeps alive."""

    edge: Element
    #: Equal for edges that say the same.
    key: str
    label: str
    is_bare: bool


#: How edges look, by the identity of their elements.
Looks: TypeAlias = dict[int, Look]


class Links:
    """The links of a diagram by their ends, and the edges that are none."""

    def __init__(
        self,
        nodes: Mapping[str, Element],
        edges: Mapping[str, Element],
        looks: Looks | None = None,
    ) -> None:
        """``looks`` remembers how edges look; elements are replaced when they change."""
        looks = {} if looks is None else looks
        self.all: dict[str, Link] = {}
        self.out: defaultdict[str, list[Link]] = defaultdict(list)
        self.into: defaultdict[str, list[Link]] = defaultdict(list)
        #: Edges with an end that is not there.
        self.dangling: list[str] = []
        #: Edges that say the same as the first of them, the first included.
        self.repeated: list[list[str]] = []
        first: dict[str, list[str]] = {}
        for identifier, edge in edges.items():
            source, target = edge.get("source"), edge.get("target")
            if not isinstance(source, str) or not isinstance(target, str):
                self.dangling.append(identifier)
                continue
            if source not in nodes or target not in nodes:
                self.dangling.append(identifier)
                continue
            look = looks.get(id(edge))
            if look is None:
                look = looks[id(edge)] = _look(edge)
            same = first.setdefault(look.key, [])
            same.append(identifier)
            if len(same) == 1:
                link = Link(identifier, source, target, look.label, look.is_bare)
                self.all[identifier] = link
                self.out[source].append(link)
                self.into[target].append(link)
        self.repeated = [same for same in first.values() if len(same) > 1]


#: What two edges may differ in and still say the same.
_SAYS_NOTHING = frozenset({"type", "animated", "zIndex"})


def _look(edge: Element) -> Look:
    return Look(edge, _key(edge), edge_label_of(edge)[0].strip(), edge_lacks_text(edge))


def _key(edge: Element) -> str:
    """Equal for edges that say the same: their ends, sides, arrows, words and colours."""
    data = edge.get("data")
    rest = {key: value for key, value in edge.items() if value is not None or key == "markerEnd"}
    rest = {key: value for key, value in _unwritten(rest).items() if key not in _SAYS_NOTHING}
    if isinstance(data, dict):
        rest["data"] = _unwritten(data)
    rest = {key: value for key, value in rest.items() if value != {}}
    key = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    return f"{edge_label_of(edge)[0].strip()}\n{key}"


def _unwritten(fields: dict[str, Json]) -> dict[str, Json]:
    """Without the label, unless it is one that is not written out."""
    if not is_text(fields.get("label")):
        return fields
    return {key: value for key, value in fields.items() if key != "label"}
