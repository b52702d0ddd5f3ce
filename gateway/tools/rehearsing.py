"""Dry runs: what an edit would do, what the critic would say then, and what it would look like."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final, Literal, TypeVar

import trio
from mcp_types import ImageContent
from msgspec import UNSET

from actors.size import SizeGuard
from gateway.critic.findings import Finding
from gateway.engine.engine import Engine
from gateway.errors import ServiceError
from gateway.geometry.routes import ends_of
from gateway.render.options import Around, RenderOptions
from gateway.tools.context import ToolContext
from gateway.tools.drawing import drawn_by, image_of
from gateway.tools.limits import MAX_TOLD_DIFFERENCES, MAX_TOLD_FINDINGS
from gateway.tools.rehearsal import Difference, Rehearsal
from gateway.tools.told_findings import told
from ot.apply import apply
from ot.diagram import Diagram, Element, json_equal
from ot.operation import Operation
from ot.validate import check_operation

_First = TypeVar("_First")
_Second = TypeVar("_Second")

#: The share of a dry run's work that is done before it is rehearsed; progress never goes back.
PLANNING_SHARE: Final = 0.5
_STARTS_AT: Final = 0.6
#: Nodes of a diagram that is shown whole; nobody could read the labels of many more.
MAX_WHOLE_NODES: Final = 100


async def rehearse(
    engine: Engine, context: ToolContext, before: Diagram, operation: Operation
) -> tuple[Rehearsal, list[ImageContent]]:
    """The result, with a picture that marks what has changed; nothing is written.

    Raises OperationError where the edit would be refused.
    """
    check_operation(operation)
    SizeGuard(before).check(before, operation)
    after, _ = apply(before, operation)
    await context.report_progress(_STARTS_AT, 1, "Checking and drawing the result")
    options = RenderOptions(view=_view(before, after, operation))
    (old, new), drawing = await _both(
        partial(engine.check_edit, before, after),
        partial(drawn_by, engine, after, options, before, "png"),
    )
    await context.report_progress(1, 1, "Rehearsed")
    return _told(list(_differences(before, after, operation)), old, new), [image_of(drawing)]


async def _both(
    first: Callable[[], Awaitable[_First]], second: Callable[[], Awaitable[_Second]]
) -> tuple[_First, _Second]:
    """What both answer, at work at a time. Raises what one of them raises, and ends the other."""
    done: list[_First] = []
    refusals: list[ServiceError] = []

    async def work() -> None:
        try:
            done.append(await first())
        except ServiceError as error:
            # Raised in here it would come out as a group.
            refusals.append(error)
            nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        try:
            other = await second()
        except ServiceError as error:
            refusals.append(error)
            nursery.cancel_scope.cancel()
    if refusals:
        raise refusals[0]
    return done[0], other


def _view(before: Diagram, after: Diagram, operation: Operation) -> Around | None:
    """What changes and what is next to it, or the whole diagram where that is small or no part of
    it changes."""
    if len(after.nodes) <= MAX_WHOLE_NODES:
        return None
    nodes = before.nodes | after.nodes
    edges = [side.edges.get(key) for side in (before, after) for key in operation.edges]
    ends = [end for edge in edges if edge is not None for end in ends_of(edge)]
    changed = tuple(key for key in dict.fromkeys((*operation.nodes, *ends)) if key in nodes)
    return Around(changed) if changed else None


def _told(differences: list[Difference], old: list[Finding], new: list[Finding]) -> Rehearsal:
    changes = [difference.change for difference in differences]
    known = {_key(finding) for finding in old}
    stay = {_key(finding) for finding in new}
    # Stable: the worst first, but what the edit brings about before what was there.
    findings = sorted(new, key=lambda finding: _key(finding) in known)
    answers = [told(finding) for finding in findings[:MAX_TOLD_FINDINGS]]
    for finding, answer in zip(findings, answers, strict=False):
        answer.new = _key(finding) not in known or UNSET
    return Rehearsal(
        created=changes.count("created"),
        changed=changes.count("changed"),
        deleted=changes.count("deleted"),
        differences=differences[:MAX_TOLD_DIFFERENCES],
        more_differences=max(0, len(differences) - MAX_TOLD_DIFFERENCES) or UNSET,
        findings=answers,
        finding_count=len(new),
        new_findings=len(stay - known),
        mended_findings=len(known - stay),
        more_findings=max(0, len(new) - MAX_TOLD_FINDINGS) or UNSET,
    )


def _key(finding: Finding) -> tuple[object, ...]:
    """What makes two findings of two revisions the same."""
    return finding.code, finding.nodes, finding.edges, finding.count


def _differences(before: Diagram, after: Diagram, operation: Operation) -> Iterator[Difference]:
    if operation.diagram is not None:
        old, new = _properties(before), _properties(after)
        yield Difference(change="changed", target="diagram", fields=_fields(old, new))
    for identifier in operation.nodes:
        old_node, new_node = before.nodes.get(identifier), after.nodes.get(identifier)
        yield from _difference("node", identifier, old_node, new_node)
    for identifier in operation.edges:
        old_edge, new_edge = before.edges.get(identifier), after.edges.get(identifier)
        yield from _difference("edge", identifier, old_edge, new_edge)


def _difference(
    target: Literal["node", "edge"], identifier: str, old: Element | None, new: Element | None
) -> Iterator[Difference]:
    if old is not None and new is not None:
        fields = _fields(old, new)
        yield Difference(change="changed", target=target, id=identifier, fields=fields)
    elif new is not None:
        yield Difference(change="created", target=target, id=identifier)
    elif old is not None:
        yield Difference(change="deleted", target=target, id=identifier)


def _properties(diagram: Diagram) -> Element:
    return {
        "title": diagram.title,
        "description": diagram.description,
        "kind": diagram.kind,
        **{f"data.{key}": value for key, value in diagram.data.items()},
    }


def _fields(old: Element, new: Element) -> list[str]:
    """The names of what differs; inside ``data`` those of its own fields."""
    flat = _flat(old), _flat(new)
    names = dict.fromkeys((*flat[0], *flat[1]))
    return [
        name
        for name in names
        if (name in flat[0]) != (name in flat[1])
        or not json_equal(flat[0].get(name), flat[1].get(name))
    ]


def _flat(element: Element) -> Element:
    data = element.get("data")
    if not isinstance(data, dict):
        return element
    rest = {key: value for key, value in element.items() if key != "data"}
    return rest | {f"data.{key}": value for key, value in data.items()}
