"""The critic: what is wrong with a diagram, each finding with the change that mends it.

All defects are mended together in a draft, so that no mend spoils another. Then the draft's
changes are handed out to the findings: those that depend on each other stay in one mend. So every
mend is whole in itself, and all of them together leave nothing to find.
"""

from collections import defaultdict
from collections.abc import Iterable

from gateway.critic.draft import Draft, Key, keys_of
from gateway.critic.findings import CODES, MAX_FINDINGS_PER_CODE, Defect, Finding, finding_of
from gateway.critic.lines import Lines
from gateway.critic.links import Links
from gateway.critic.mend_structure import mend_structure
from gateway.critic.places import place_defects
from gateway.critic.structure import Structure
from gateway.critic.tangle import mend_places
from gateway.critic.ties import tie_changes
from gateway.geometry.scene import Scene
from ot.diagram import Diagram
from ot.diff import diff
from ot.operation import Changes, Operation

#: Times that everything is mended in turn; a node that had to leave its group may need an edge.
MAX_PASSES = 4


def check(diagram: Diagram, *, with_mends: bool = True) -> list[Finding]:
    """What is wrong with the diagram, the worst kinds first; nothing for a text diagram.

    Applying the mends of all findings, one after another in any order, leaves no finding. Applying
    one leaves that finding no more. Without mends it takes a fraction of the time. Pure.
    """
    if diagram.kind == "mermaid" or not diagram.nodes:
        return []
    defects = bounded(defects_of(diagram))
    if not defects or not with_mends:
        return [finding_of(diagram, defect, None) for defect in defects]
    mends = _mends(diagram, defects)
    return [finding_of(diagram, defect, mend) for defect, mend in zip(defects, mends, strict=True)]


def defects_of(diagram: Diagram) -> list[Defect]:
    scene, links = Scene(diagram.nodes), Links(diagram.nodes, diagram.edges)
    return [
        *Structure(scene, links).defects(),
        *place_defects(scene, links),
        *Lines(scene, diagram.edges).defects(links),
    ]


def bounded(defects: Iterable[Defect]) -> list[Defect]:
    """By code, at most MAX_FINDINGS_PER_CODE of each: the last stands for all further ones."""
    by_code: defaultdict[str, list[Defect]] = defaultdict(list)
    for defect in defects:
        by_code[defect.code].append(defect)
    kept: list[Defect] = []
    for code in CODES:
        found = by_code[code]
        kept += found[: MAX_FINDINGS_PER_CODE - 1]
        rest = found[MAX_FINDINGS_PER_CODE - 1 :]
        if rest:
            nodes = dict.fromkeys(key for defect in rest for key in defect.nodes)
            edges = dict.fromkeys(key for defect in rest for key in defect.edges)
            kept.append(Defect(code, tuple(nodes), tuple(edges)))
    return kept


def _mends(diagram: Diagram, defects: list[Defect]) -> list[Operation]:
    """One operation for each defect, the same one where they can only be mended together."""
    draft = Draft(diagram)
    for defect in defects:
        draft.join(*keys_of(defect))
    for _ in range(MAX_PASSES):
        mend_structure(draft)
        mend_places(draft)
        if not defects_of(draft.diagram):
            break
    changes = diff(diagram, draft.diagram)
    tie_changes(draft, changes)
    parts = _parts(draft, changes)
    return [parts.get(draft.together.find(keys_of(defect)[0]), Operation()) for defect in defects]


def _parts(draft: Draft, changes: Operation) -> dict[Key, Operation]:
    """The changes by what stands for those that belong together."""
    nodes: defaultdict[Key, Changes] = defaultdict(dict)
    edges: defaultdict[Key, Changes] = defaultdict(dict)
    for identifier, change in changes.nodes.items():
        nodes[draft.together.find(("node", identifier))][identifier] = change
    for identifier, change in changes.edges.items():
        edges[draft.together.find(("edge", identifier))][identifier] = change
    return {
        key: Operation(nodes=nodes.get(key, {}), edges=edges.get(key, {}))
        for key in {**nodes, **edges}
    }
