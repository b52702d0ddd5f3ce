"""What the critic finds: a code, the elements it is about, why it matters, and what mends it."""

from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from gateway.critic.words import is_blank
from gateway.geometry.fields import label_of, type_of
from gateway.geometry.kinds import kind_of
from ot.diagram import Diagram, Element
from ot.operation import Change, Operation, Set, Update

Code: TypeAlias = Literal[
    "dangling_reference",
    "duplicate_edge",
    "unreachable",
    "dead_end",
    "lonely_node",
    "unlabelled_branch",
    "empty_label",
    "label_overflow",
    "outside_group",
    "overlap",
    "edge_crosses_node",
    "nearly_aligned",
]
CODES: Final[tuple[Code, ...]] = get_args(Code)
#: ``error``: the picture says something wrong. ``warning``: it is hard to read. ``hint``: untidy.
Severity: TypeAlias = Literal["error", "warning", "hint"]
SEVERITIES: Final[dict[Code, Severity]] = {
    "dangling_reference": "error",
    "duplicate_edge": "warning",
    "unreachable": "warning",
    "dead_end": "warning",
    "lonely_node": "warning",
    "unlabelled_branch": "warning",
    "empty_label": "warning",
    "label_overflow": "warning",
    "outside_group": "error",
    "overlap": "error",
    "edge_crosses_node": "warning",
    "nearly_aligned": "hint",
}
#: The worst first; of equal weight in the order of their definition.
WORST_FIRST: Final[tuple[Code, ...]] = tuple(
    sorted(CODES, key=lambda code: get_args(Severity).index(SEVERITIES[code]))
)

#: Where an edge says that it may cross nodes: a list of codes under its ``data``.
ACCEPTED: Final = "accepted"
#: Findings of one code; the last of them stands for all further ones.
MAX_FINDINGS_PER_CODE = 100
#: Ids that one finding names of each kind; ``count`` says how many there are.
MAX_NAMED = 50
#: Characters of a label in a sentence.
MAX_QUOTED = 30


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong, and the change that mends it.

    ``mend`` is an operation on the diagram that was checked. Findings that can only be mended
    together share one, which is to be done once: what it adds cannot be added again. It is ``None``
    where mends were not asked for, or the time was over before all was mended.
    """

    code: Code
    severity: Severity
    message: str
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    #: Elements it is about, those that are not named included.
    count: int = 0
    mend: Operation | None = None


class Defect(NamedTuple):
    """A finding before anybody thought about how to mend it."""

    code: Code
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()


def finding_of(
    diagram: Diagram, defect: Defect, mend: Operation | None, *, is_asked: bool = False
) -> Finding:
    """``is_asked``: a mend was asked for, so where there is none the finding says why."""
    code, nodes, edges = defect
    message = _SENTENCES[code].format(_names(diagram, defect))
    if mend is not None and code == "edge_crosses_node":
        message += _told_of_accepted(edges, mend)
    if mend is None and is_asked:
        message += _NOT_MENDED
    return Finding(
        code=code,
        severity=SEVERITIES[code],
        message=message[:1].upper() + message[1:],
        nodes=nodes[:MAX_NAMED],
        edges=edges[:MAX_NAMED],
        count=len(nodes) + len(edges),
        mend=mend,
    )


_SENTENCES: Final[dict[Code, str]] = {
    "dangling_reference": "{} points at a node that is not there, so it cannot be drawn as meant.",
    "duplicate_edge": "{} is drawn more than once with the same label; it reads as a mistake.",
    "unreachable": "no way leads from a start to {}, so it never happens.",
    "dead_end": "nothing leads on from {}, though the diagram has an end; the reader is lost here.",
    "lonely_node": "{} is joined to nothing, so it is not clear what it has to do with the rest.",
    "unlabelled_branch": "branches of {} have no label, so nobody knows which one to take.",
    "empty_label": "{} has no text, so nobody knows what it stands for.",
    "label_overflow": "the text of {} does not fit into it and cannot be read whole.",
    "outside_group": "{} is drawn outside its group, so it seems not to belong there.",
    "overlap": "{} overlap, so that one hides the other.",
    "edge_crosses_node": "{} runs across a node, so it seems to end there.",
    "nearly_aligned": "{} are almost in line; the small step between them looks like a slip.",
}


_NOT_MENDED: Final = (
    " The diagram is too large to mend all of it at once: do the other mends, lay it out, then "
    "check it again."
)


def _told_of_accepted(edges: tuple[str, ...], mend: Operation) -> str:
    """What else to say where the mend leaves some of the edges as they are."""
    accepted = sum(_is_accepted(mend.edges.get(key)) for key in edges)
    if not accepted:
        return ""
    them = "it" if len(edges) == 1 else f"{accepted} of {len(edges)}"
    return (
        f" There is no way around for {them}, so the mend only notes under data.{ACCEPTED} that it "
        "may stay; nothing is drawn differently."
    )


def _is_accepted(change: Change | None) -> bool:
    """Whether the change notes that the edge may stay as it is."""
    if not isinstance(change, Update):
        return False
    whole = change.writes.get("/data")
    if isinstance(whole, Set) and isinstance(whole.value, dict) and ACCEPTED in whole.value:
        return True
    return any(f"{path}/".startswith(f"/data/{ACCEPTED}/") for path in change.writes)


def _names(diagram: Diagram, defect: Defect) -> str:
    """The elements in words: two at most, then how many more."""
    if defect.code in ("duplicate_edge", "edge_crosses_node"):
        found = [_edge_name(diagram, key) for key in defect.edges[:2]]
        total = len(defect.edges)
        if defect.code == "duplicate_edge":
            found, total = found[:1], 1
    else:
        nodes = [_node_name(diagram.nodes.get(key)) for key in defect.nodes[:2]]
        found = nodes or [_edge_name(diagram, key) for key in defect.edges[:2]]
        total = len(defect.nodes) or len(defect.edges)
    more = total - len(found)
    if more > 0:
        return f"{', '.join(found)} and {more} more"
    return " and ".join(found)


def _node_name(node: Element | None) -> str:
    if node is None:
        return "a missing node"
    label = " ".join(label_of(node).split())
    if is_blank(label):
        return f"a {kind_of(type_of(node)).label.lower()} without text"
    return f"“{label[:MAX_QUOTED]}…”" if len(label) > MAX_QUOTED else f"“{label}”"


def _edge_name(diagram: Diagram, identifier: str) -> str:
    edge = diagram.edges[identifier]
    ends = (edge.get("source"), edge.get("target"))
    source, target = (
        _node_name(diagram.nodes.get(end) if isinstance(end, str) else None) for end in ends
    )
    return f"the edge from {source} to {target}"
