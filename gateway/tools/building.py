"""From tool arguments to an operation, without input or output.

A draft is a copy of the diagram that the calls change; the operation is the difference. So what
a call does not name, or sets to what it was, is not written, and edits that others make meanwhile
stay.
"""

import msgspec

from gateway.tools.arguments import (
    AddEdge,
    AddNode,
    Change,
    DeleteEdge,
    DeleteNode,
    DiagramUpdates,
    EdgeData,
    EdgeUpdates,
    NodeData,
    NodeUpdates,
    UpdateDiagram,
    UpdateEdge,
    UpdateNode,
)
from gateway.tools.elements import (
    as_root,
    new_edge,
    new_node,
    position_of,
    updated_edge,
    updated_node,
)
from gateway.tools.ids import IdMaker, new_id
from gateway.tools.incidence import Incidence
from gateway.tools.texts import with_short_texts_whole
from ot.diagram import Diagram, Element
from ot.diff import diff
from ot.errors import OperationError
from ot.operation import Operation
from ot.validate import check_string


class Removed(msgspec.Struct):
    """What went with a deleted node: its edges; and the children that lost their group."""

    edges: list[str]
    unparented: list[str]


class Draft:
    """A diagram being edited. Every method checks first, and raises OperationError.

    ``at`` is the path of the arguments, for errors; it is empty for a tool's own arguments.
    ``names_are_ids``: new elements that have a name get it for their id, as suits a rehearsal, in
    which the author knows them by nothing else.
    """

    def __init__(
        self, diagram: Diagram, make_id: IdMaker = new_id, *, names_are_ids: bool = False
    ) -> None:
        self._before = diagram
        self._make_id = make_id
        self._names_are_ids = names_are_ids
        self._incidence: Incidence | None = None
        self.after = diagram.copy()
        self.names: dict[str, str] = {}
        #: Names and ids that changes still to be made will give, for errors.
        self.coming: frozenset[str] = frozenset()

    def operation(self) -> Operation:
        return with_short_texts_whole(diff(self._before, self.after), self._before)

    def add_node(self, data: NodeData, at: str = "", *, name: str | None = None) -> str:
        self._refuse_mermaid()
        element = new_node(data, f"{at}node_data")
        self._resolve_parent(element, f"{at}node_data")
        self._refuse_taken_name(name, at)
        wanted = data.id or (name if self._names_are_ids else None)
        identifier = self._free_id("node", wanted, self.after.nodes, f"{at}node_data")
        self._put_node(identifier, element)
        self._define(name, identifier)
        return identifier

    def update_node(self, node_id: str, updates: NodeUpdates, at: str = "") -> str:
        identifier = self._node(node_id, f"{at}node_id")
        element = updated_node(self.after.nodes[identifier], updates, f"{at}updates")
        if "parentId" in updates.model_fields_set:
            self._resolve_parent(element, f"{at}updates")
            self._refuse_cycle(identifier, element, f"{at}updates/parentId")
        self._put_node(identifier, element)
        return identifier

    def delete_node(self, node_id: str, at: str = "") -> Removed:
        """Deletes its edges too; its children stay where they are drawn, without a group."""
        identifier = self._node(node_id, f"{at}node_id")
        hanging = self._hanging()
        removed = Removed(list(hanging.edges[identifier]), list(hanging.children[identifier]))
        origin = self._place(identifier)
        for edge_id in removed.edges:
            self._put_edge(edge_id, None)
        for child_id in removed.unparented:
            self._put_node(child_id, as_root(self.after.nodes[child_id], origin))
        self._put_node(identifier, None)
        return removed

    def add_edge(
        self,
        source: str,
        target: str,
        data: EdgeData | None,
        at: str = "",
        *,
        name: str | None = None,
    ) -> str:
        self._refuse_mermaid()
        data = data or EdgeData()
        ends = (
            self._node(source, f"{at}source_node_id"),
            self._node(target, f"{at}target_node_id"),
        )
        for key, named, end in zip(("source", "target"), (source, target), ends, strict=True):
            _refuse_other_end(data, key, {named, end}, f"{at}edge_data/{key}")
        element = new_edge(*ends, data, f"{at}edge_data")
        self._refuse_taken_name(name, at)
        wanted = data.id or (name if self._names_are_ids else None)
        identifier = self._free_id("edge", wanted, self.after.edges, f"{at}edge_data")
        self._put_edge(identifier, element)
        self._define(name, identifier)
        return identifier

    def update_edge(self, edge_id: str, updates: EdgeUpdates, at: str = "") -> str:
        identifier = self._edge(edge_id, f"{at}edge_id")
        element = updated_edge(self.after.edges[identifier], updates, f"{at}updates")
        for end in {"source", "target"} & updates.model_fields_set:
            element[end] = self._node(element[end], f"{at}updates/{end}")
        self._put_edge(identifier, element)
        return identifier

    def delete_edge(self, edge_id: str, at: str = "") -> str:
        identifier = self._edge(edge_id, f"{at}edge_id")
        self._put_edge(identifier, None)
        return identifier

    def update_diagram(self, updates: DiagramUpdates, at: str = "") -> None:
        given = updates.model_fields_set
        if not given:
            raise _nothing_given(f"{at}updates")
        if "title" in given:
            if updates.title is None:
                raise OperationError("required", "A diagram needs a title.", f"{at}updates/title")
            self.after.title = updates.title
        if "description" in given:
            self.after.description = updates.description
        if "mermaid_syntax" in given:
            self._write_mermaid(updates.mermaid_syntax or "", f"{at}updates/mermaid_syntax")

    def change(self, change: Change, at: str, removed: Removed) -> str:
        """Makes one change of a batch and returns the id it was about."""
        match change:
            case AddNode():
                return self.add_node(change.node_data, at, name=change.name)
            case UpdateNode():
                return self.update_node(change.node_id, change.updates, at)
            case DeleteNode():
                gone = self.delete_node(change.node_id, at)
                removed.edges += gone.edges
                removed.unparented += gone.unparented
                return self.names.get(change.node_id, change.node_id)
            case AddEdge():
                ends = (change.source_node_id, change.target_node_id)
                return self.add_edge(*ends, change.edge_data, at, name=change.name)
            case UpdateEdge():
                return self.update_edge(change.edge_id, change.updates, at)
            case DeleteEdge():
                return self.delete_edge(change.edge_id, at)
            case UpdateDiagram():
                self.update_diagram(change.updates, at)
                return "diagram"

    def _write_mermaid(self, text: str, at: str) -> None:
        if self.after.kind != "mermaid":
            message = "This diagram consists of nodes and edges: change those instead of its text."
            raise OperationError("wrong_kind", message, at)
        check_string(text, at)
        self.after.data = {**self.after.data, "text": text}

    def _refuse_mermaid(self) -> None:
        if self.after.kind == "mermaid":
            message = (
                "This diagram is Mermaid text and has no nodes or edges: call apply_changes with "
                '{"action":"update_diagram","updates":{"mermaid_syntax":"..."}}.'
            )
            raise OperationError("wrong_kind", message, "diagram_id")

    def _node(self, reference: str, at: str) -> str:
        return self._existing(reference, "node", self.after.nodes, at)

    def _edge(self, reference: str, at: str) -> str:
        return self._existing(reference, "edge", self.after.edges, at)

    def _existing(self, reference: str, kind: str, elements: dict[str, Element], at: str) -> str:
        identifier = self.names.get(reference, reference)
        if identifier not in elements:
            message = (
                f"{reference!r} is made by a later change; changes are made in order, so put that "
                "one first."
                if reference in self.coming
                else f"There is no {kind} {reference!r} in this diagram; read_diagram lists them."
            )
            raise OperationError("not_found", message, at)
        return identifier

    def _free_id(self, kind: str, wanted: str | None, elements: dict[str, Element], at: str) -> str:
        if wanted is None:
            return self._make_id(kind, self._is_id)
        if wanted in elements:
            message = f"The id {wanted!r} is taken; leave it out to get a new one."
            raise OperationError("already_exists", message, f"{at}/id")
        return wanted

    def _is_id(self, name: str) -> bool:
        """Whether an element has this id, or had it before this draft deleted it."""
        return any(
            name in elements
            for diagram in (self.after, self._before)
            for elements in (diagram.nodes, diagram.edges)
        )

    def _refuse_taken_name(self, name: str | None, at: str) -> None:
        if name is not None and (name in self.names or self._is_id(name)):
            message = f"The name {name!r} is taken in this call or by an element; use another."
            raise OperationError("name_taken", message, f"{at}name")

    def _define(self, name: str | None, identifier: str) -> None:
        if name is not None:
            self.names[name] = identifier

    def _resolve_parent(self, element: Element, at: str) -> None:
        if "parentId" in element:
            element["parentId"] = self._node(element["parentId"], f"{at}/parentId")

    def _refuse_cycle(self, identifier: str, element: Element, at: str) -> None:
        if identifier in self._line_of_parents(element.get("parentId")):
            message = "A node cannot be inside itself; choose a parentId outside of it."
            raise OperationError("parent_cycle", message, at)

    def _line_of_parents(self, identifier: str | None) -> list[str]:
        """The node, its parent, and so on up; ends where a parent comes again."""
        line: dict[str, None] = {}
        while identifier in self.after.nodes and identifier not in line:
            line[identifier] = None
            identifier = self.after.nodes[identifier].get("parentId")
        return list(line)

    def _place(self, identifier: str) -> tuple[float, float]:
        """Where a node stands on the canvas; positions are relative to parents."""
        line = [position_of(self.after.nodes[node]) for node in self._line_of_parents(identifier)]
        return sum(x for x, _ in line), sum(y for _, y in line)

    def _hanging(self) -> Incidence:
        if self._incidence is None:
            self._incidence = Incidence(self.after)
        return self._incidence

    def _put_node(self, identifier: str, element: Element | None) -> None:
        if self._incidence is not None:
            self._incidence.replace_node(identifier, self.after.nodes.get(identifier), element)
        _put(self.after.nodes, identifier, element)

    def _put_edge(self, identifier: str, element: Element | None) -> None:
        if self._incidence is not None:
            self._incidence.replace_edge(identifier, self.after.edges.get(identifier), element)
        _put(self.after.edges, identifier, element)


def _put(elements: dict[str, Element], identifier: str, element: Element | None) -> None:
    if element is None:
        del elements[identifier]
    else:
        elements[identifier] = element


def _refuse_other_end(data: EdgeData, key: str, said: set[str], at: str) -> None:
    """An edge's data as React Flow has it names the ends once more; that has to be the same."""
    again = (data.model_extra or {}).get(key)
    if again is not None and again not in said:
        message = (
            f"It is not what {key}_node_id says, which an edge is joined by; leave it out here."
        )
        raise OperationError("invalid_arguments", message, at)


def _nothing_given(at: str) -> OperationError:
    return OperationError("nothing_to_update", "Name at least one field to change.", at)
