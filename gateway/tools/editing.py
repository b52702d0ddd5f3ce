"""Nodes and edges: add, update, delete, one by one or many at once."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from mcp.server.mcpserver.tools import Tool

from gateway.engine.engine import Engine
from gateway.identity import EDIT
from gateway.service import DiagramService
from gateway.tools.arguments import (
    AddEdge,
    AddNode,
    BaseRevision,
    Change,
    Changes,
    DiagramId,
    DryRun,
    EdgeData,
    EdgeUpdates,
    Id,
    NodeData,
    NodeUpdates,
)
from gateway.tools.building import Draft, Removed
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.outcome import Outcome, nothing_submitted, outcome_of
from gateway.tools.registry import as_tool
from gateway.tools.rehearsing import rehearse
from gateway.tools.replies import (
    ChangesApplied,
    EdgeWritten,
    NodeDeleted,
    NodeWritten,
)
from gateway.tools.results import Answer, Pictured
from ot.errors import OperationError

_T = TypeVar("_T")


class EditingTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [
            as_tool(self.add_node, "Add a node"),
            as_tool(self.update_node, "Update a node", repeatable=True),
            as_tool(self.delete_node, "Delete a node", destroys=True),
            as_tool(self.add_edge, "Add an edge"),
            as_tool(self.update_edge, "Update an edge", repeatable=True),
            as_tool(self.delete_edge, "Delete an edge", destroys=True),
            as_tool(self.apply_changes, "Apply many changes", destroys=True),
        ]

    async def add_node(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        node_data: NodeData,
        base_revision: BaseRevision = None,
    ) -> NodeWritten:
        """Add a node to a diagram and get its node_id."""
        node_id, outcome = await self._edit(
            context, diagram_id, base_revision, "add_node", lambda draft: draft.add_node(node_data)
        )
        return NodeWritten(node_id=node_id, **outcome)

    async def update_node(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        node_id: Id,
        updates: NodeUpdates,
        base_revision: BaseRevision = None,
    ) -> NodeWritten:
        """Change the named fields of a node and leave the others; null removes a field."""
        node_id, outcome = await self._edit(
            context,
            diagram_id,
            base_revision,
            "update_node",
            lambda draft: draft.update_node(node_id, updates),
        )
        return NodeWritten(node_id=node_id, **outcome)

    async def delete_node(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        node_id: Id,
        base_revision: BaseRevision = None,
    ) -> NodeDeleted:
        """Delete a node and its edges; nodes grouped in it stay, ungrouped."""
        removed, outcome = await self._edit(
            context,
            diagram_id,
            base_revision,
            "delete_node",
            lambda draft: draft.delete_node(node_id),
        )
        return NodeDeleted(
            node_id=node_id,
            deleted_edges=removed.edges,
            unparented_nodes=removed.unparented,
            **outcome,
        )

    async def add_edge(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        source_node_id: Id,
        target_node_id: Id,
        edge_data: EdgeData | None = None,
        base_revision: BaseRevision = None,
    ) -> EdgeWritten:
        """Connect two nodes and get the edge_id."""
        edge_id, outcome = await self._edit(
            context,
            diagram_id,
            base_revision,
            "add_edge",
            lambda draft: draft.add_edge(source_node_id, target_node_id, edge_data),
        )
        return EdgeWritten(edge_id=edge_id, **outcome)

    async def update_edge(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        edge_id: Id,
        updates: EdgeUpdates,
        base_revision: BaseRevision = None,
    ) -> EdgeWritten:
        """Change the named fields of an edge and leave the others; null removes a field."""
        edge_id, outcome = await self._edit(
            context,
            diagram_id,
            base_revision,
            "update_edge",
            lambda draft: draft.update_edge(edge_id, updates),
        )
        return EdgeWritten(edge_id=edge_id, **outcome)

    async def delete_edge(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        edge_id: Id,
        base_revision: BaseRevision = None,
    ) -> EdgeWritten:
        """Delete an edge."""
        edge_id, outcome = await self._edit(
            context,
            diagram_id,
            base_revision,
            "delete_edge",
            lambda draft: draft.delete_edge(edge_id),
        )
        return EdgeWritten(edge_id=edge_id, **outcome)

    async def apply_changes(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        changes: Changes,
        base_revision: BaseRevision = None,
        dry_run: DryRun = False,
    ) -> Answer[ChangesApplied]:
        """Make many changes as one edit, all or none. Best for building or reworking a diagram:
        give new nodes a name and use it as the node id in later changes. Rehearse large changes
        with dry_run first; new elements are called by their names then."""
        if dry_run:
            return await self._rehearse(context, diagram_id, changes, base_revision)
        (draft, results, removed), outcome = await self._edit(
            context, diagram_id, base_revision, "apply_changes", lambda draft: _run(draft, changes)
        )
        return ChangesApplied(
            ids=draft.names,
            results=results,
            deleted_edges=removed.edges,
            unparented_nodes=removed.unparented,
            **outcome,
        )

    async def _rehearse(
        self,
        context: ToolContext,
        diagram_id: str,
        changes: list[Change],
        base_revision: int | None,
    ) -> Pictured[ChangesApplied]:
        """What the changes would do to what the caller has read; nothing is submitted."""
        who = principal_of(context)
        record = await self._service.access(who, diagram_id, EDIT)
        reading = await self._service.read(who, record.id, revision=base_revision)
        draft = Draft(reading.diagram, names_are_ids=True)
        _, results, removed = _build(lambda draft: _run(draft, changes), draft, base_revision)
        rehearsal, pictures = await rehearse(
            self._engine, context, reading.diagram, draft.operation()
        )
        answer = ChangesApplied(
            ids=draft.names,
            results=results,
            deleted_edges=removed.edges,
            unparented_nodes=removed.unparented,
            rehearsal=rehearsal,
            **await outcome_of(self._service, who, reading, nothing_submitted(reading)),
        )
        return Pictured(answer, pictures)

    async def _edit(
        self,
        context: ToolContext,
        diagram_id: str,
        base_revision: int | None,
        label: str,
        build: Callable[[Draft], _T],
    ) -> tuple[_T, Outcome]:
        """Builds on what the caller has read and submits it as made there, so that whatever
        others have done since is merged with it."""
        who = principal_of(context)
        reading = await self._service.read(who, diagram_id, revision=base_revision, permission=EDIT)
        draft = Draft(reading.diagram)
        built = _build(build, draft, base_revision)
        operation = draft.operation()
        submitted = nothing_submitted(reading)
        if not operation.is_empty():
            submitted = await self._service.submit(
                who, reading.record.id, operation, reading, label=label
            )
        return built, await outcome_of(self._service, who, reading, submitted, operation)


def _build(build: Callable[[Draft], _T], draft: Draft, base_revision: int | None) -> _T:
    """Says which revision was searched where the caller has named one."""
    try:
        return build(draft)
    except OperationError as error:
        if base_revision is None or error.code != "not_found":
            raise
        message = (
            f"{error.message} That is, not at your base_revision {base_revision}: if it was made "
            "later, send the revision of the answer that told you of it, or none."
        )
        raise OperationError(error.code, message, error.at) from None


def _run(draft: Draft, changes: list[Change]) -> tuple[Draft, list[str], Removed]:
    removed = Removed([], [])
    draft.coming = frozenset(_called(changes))
    results = [draft.change(change, f"changes/{i}/", removed) for i, change in enumerate(changes)]
    return draft, results, removed


def _called(changes: list[Change]) -> Iterator[str]:
    """The names and the ids that the changes give."""
    for change in changes:
        match change:
            case AddNode():
                given = (change.name, change.node_data.id)
            case AddEdge():
                data = change.edge_data
                given = (change.name, None if data is None else data.id)
            case _:
                continue
        yield from filter(None, given)
