"""The critic: what is wrong with a diagram, each finding with the change that mends it.

All defects are mended together in a draft, so that no mend spoils another. Then the draft's
changes are handed out to the findings: those that depend on each other stay in one mend. So every
mend is whole in itself, and all of them together leave nothing to find.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from gateway.critic.draft import Draft, Key, Stopped, keys_of
from gateway.critic.findings import (
    MAX_FINDINGS_PER_CODE,
    WORST_FIRST,
    Code,
    Defect,
    Finding,
    finding_of,
)
from gateway.critic.mend_structure import mend_structure
from gateway.critic.tangle import mend_places
from gateway.critic.ties import tie_changes
from gateway.layout.work import never
from ot.diagram import Diagram
from ot.diff import diff
from ot.operation import Changes, Operation

#: What is wrong with what a diagram says, wherever it stands.
STRUCTURAL: Final = frozenset[Code]({
    "dangling_reference", "duplicate_edge", "unreachable", "dead_end", "lonely_node",
    "unlabelled_branch", "empty_label",
})  # fmt: skip
#: Times that everything is mended in turn; a node that had to leave its group may need an edge.
MAX_PASSES = 4


def check(
    diagram: Diagram,
    *,
    with_mends: bool = True,
    should_stop: Callable[[], bool] = never,
    largest_layout: int | None = None,
) -> list[Finding]:
    """What is wrong with the diagram, the worst kinds first; nothing for a text diagram.

    Applying the mends of all findings, one after another in any order, leaves no finding. Applying
    one leaves that finding no more. Without mends it takes a fraction of the time. Pure.

    ``should_stop`` is called often while it mends. From when it is true on, what is not mended yet
    stays so: the findings are all there, those without a mend say so, and the others' mends hold.
    """
    if diagram.kind == "mermaid" or not diagram.nodes:
        return []
    draft = Draft(diagram)
    defects = bounded(draft.defects())
    if not defects or not with_mends:
        return [finding_of(diagram, defect, None) for defect in defects]
    draft.should_stop = should_stop
    draft.largest_layout = largest_layout
    found = zip(defects, _mends(draft, defects), strict=True)
    return [finding_of(diagram, defect, mend, is_asked=True) for defect, mend in found]


def check_edit(before: Diagram, after: Diagram) -> tuple[list[Finding], list[Finding]]:
    """What is wrong before and after an edit, without mends.

    The two diagrams are to share the elements that the edit leaves alone: what is known of these is
    not found out again. Pure.
    """
    draft = Draft(before)
    old = _found(draft)
    draft.become(after)
    return old, _found(draft)


def _found(draft: Draft) -> list[Finding]:
    if draft.diagram.kind == "mermaid" or not draft.diagram.nodes:
        return []
    return [finding_of(draft.diagram, defect, None) for defect in bounded(draft.defects())]


def bounded(defects: Iterable[Defect]) -> list[Defect]:
    """By code, at most MAX_FINDINGS_PER_CODE of each: the last stands for all further ones."""
    by_code: defaultdict[str, list[Defect]] = defaultdict(list)
    for defect in defects:
        by_code[defect.code].append(defect)
    kept: list[Defect] = []
    for code in WORST_FIRST:
        found = by_code[code]
        kept += found[: MAX_FINDINGS_PER_CODE - 1]
        rest = found[MAX_FINDINGS_PER_CODE - 1 :]
        if rest:
            nodes = dict.fromkeys(key for defect in rest for key in defect.nodes)
            edges = dict.fromkeys(key for defect in rest for key in defect.edges)
            kept.append(Defect(code, tuple(nodes), tuple(edges)))
    return kept


def _mends(draft: Draft, defects: list[Defect]) -> list[Operation | None]:
    """One operation for each defect, the same one where they can only be mended together.

    ``None`` for those that were not mended when the time was over.
    """
    for defect in defects:
        draft.join(*keys_of(defect))
    left = _mend_all(draft)
    mends = _handed_out(draft, defects, left)
    if left:
        # Where all hangs together half of a tidying is none, but what is said can be put right.
        said = _mends_of_what_is_said(draft.anew(), defects)
        mends = min(mends, said, key=lambda found: found.count(None))
    return mends


def _mends_of_what_is_said(draft: Draft, defects: list[Defect]) -> list[Operation | None]:
    """Mends of the defects that places have nothing to do with; ``None`` for the others."""
    structural = [defect for defect in defects if defect.code in STRUCTURAL]
    for defect in structural:
        draft.join(*keys_of(defect))
    mend_structure(draft)
    mends = iter(_handed_out(draft, structural, []))
    return [next(mends) if defect.code in STRUCTURAL else None for defect in defects]


def _handed_out(draft: Draft, defects: list[Defect], left: list[Defect]) -> list[Operation | None]:
    """For each defect the changes that mend it, unless they belong to something that is left."""
    changes = diff(draft.before, draft.diagram)
    tie_changes(draft, changes)
    unmended = {draft.together.find(key) for defect in left for key in keys_of(defect)}
    parts = _parts(draft, changes)
    stand_for = [draft.together.find(keys_of(defect)[0]) for defect in defects]
    return [None if key in unmended else parts.get(key, Operation()) for key in stand_for]


def _mend_all(draft: Draft) -> list[Defect]:
    """Returns what is left; nothing unless it was stopped."""
    try:
        for _ in range(MAX_PASSES):
            mend_structure(draft)
            mend_places(draft)
            if not draft.defects():
                break
    except Stopped:
        draft.should_stop = never
        return draft.defects()
    return []


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
