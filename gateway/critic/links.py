"""The edges that count: both ends there, and each only once."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property
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


class Look:
    """What there is to see of an edge, which it keeps alive."""

    def __init__(self, edge: Element) -> None:
        self._edge = edge
        self.label = edge_label_of(edge)[0].strip()
        self.is_bare = edge_lacks_text(edge)

    @cached_property
    def key(self) -> str:
        """Equal for edges that say the same; only edges between the same nodes need it."""
        return _key(self._edge)


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
        ends = self._joined(nodes, edges)
        number_of = Counter(ends.values())
        first: dict[str, list[str]] = {}
        for identifier, (source, target) in ends.items():
            edge = edges[identifier]
            look = looks.get(id(edge))
            if look is None:
                look = looks[id(edge)] = Look(edge)
            if number_of[source, target] > 1:
                same = first.setdefault(look.key, [])
                same.append(identifier)
                if len(same) > 1:
                    continue
            link = Link(identifier, source, target, look.label, look.is_bare)
            self.all[identifier] = link
            self.out[source].append(link)
            self.into[target].append(link)
        self.repeated = [same for same in first.values() if len(same) > 1]

    def _joined(
        self, nodes: Mapping[str, Element], edges: Mapping[str, Element]
    ) -> dict[str, tuple[str, str]]:
        """The ends of the edges that have both; the others are dangling."""
        ends: dict[str, tuple[str, str]] = {}
        for identifier, edge in edges.items():
            source, target = (_id(edge.get(key), nodes) for key in ("source", "target"))
            if source is None or target is None:
                self.dangling.append(identifier)
            else:
                ends[identifier] = (source, target)
        return ends


def _id(end: Json, nodes: Mapping[str, Element]) -> str | None:
    return end if isinstance(end, str) and end in nodes else None


#: What two edges may differ in and still say the same.
_SAYS_NOTHING = frozenset({"type", "animated", "zIndex"})


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
