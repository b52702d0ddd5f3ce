"""What tools take, as pydantic models: the SDK derives the published schemas from them.

An unknown key of a node or edge is kept, as React Flow has many; an unknown key anywhere else is
an error, so that a misspelt argument is never silently dropped.
"""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    model_validator,
)
from pydantic.json_schema import WithJsonSchema

from gateway.tools.limits import (
    MAX_CHANGES,
    MAX_DESCRIPTION_LENGTH,
    MAX_LABEL_LENGTH,
    MAX_TYPE_LENGTH,
)
from ot.validate import MAX_ID_LENGTH, MAX_STRING_LENGTH, MAX_TITLE_LENGTH

NODE_TYPES = "process, decision, start, end, input, database, cloud"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must consist of printable characters")
    return text


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("cannot hold the NUL character")
    return text


Id: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=MAX_ID_LENGTH), AfterValidator(_printable)
]
Label: TypeAlias = Annotated[str, Field(max_length=MAX_LABEL_LENGTH)]
Title: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=MAX_TITLE_LENGTH), AfterValidator(_without_nul)
]
Description: TypeAlias = Annotated[
    str, Field(max_length=MAX_DESCRIPTION_LENGTH), AfterValidator(_without_nul)
]
TypeName: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=MAX_TYPE_LENGTH), AfterValidator(_printable)
]
#: Whole numbers stay whole.
Number: TypeAlias = Annotated[int | FiniteFloat, WithJsonSchema({"type": "number"})]
Properties: TypeAlias = dict[str, Any]

DiagramId: TypeAlias = Id
BaseRevision: TypeAlias = Annotated[
    Annotated[int, Field(ge=0)] | None,
    Field(description="Revision you read; later edits are merged with yours"),
]

DryRun: TypeAlias = Annotated[
    bool,
    Field(description="Change nothing; see what would change, what is wrong then, and a picture"),
]
MermaidText: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=MAX_STRING_LENGTH, description="A whole Mermaid text"),
    AfterValidator(_without_nul),
]


class Position(BaseModel):
    model_config = ConfigDict(extra="forbid")

    x: Number
    y: Number


class _NodeFields(BaseModel):
    """Other fields are kept as given, but not those that would be taken for the place of a node:
    nothing draws by them."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _refuse_stray_place(self) -> Self:
        if {"x", "y"} & (self.model_extra or {}).keys():
            raise ValueError('x and y go into position, such as {"position": {"x": 40, "y": 80}}')
        return self


class NodeData(_NodeFields):
    type: Annotated[TypeName, Field(description=f"One of {NODE_TYPES}; others are kept as given")]
    label: Label
    position: Annotated[Position, Field(description="Top left corner; nodes are about 150 x 50")]
    style: Annotated[Properties | None, Field(description="CSS properties, camelCase")] = None
    data: Annotated[Properties | None, Field(description="Additional data")] = None
    id: Annotated[Id | None, Field(description="Default: a new one")] = None
    parentId: Annotated[
        Id | None,
        Field(
            validation_alias=AliasChoices("parentId", "parent_id"),
            description="Node to group it in; position is then relative to that node",
        ),
    ] = None


class NodeUpdates(_NodeFields):
    type: TypeName | None = None
    label: Label | None = None
    position: Position | None = None
    style: Annotated[Properties | None, Field(description="Merged key by key")] = None
    data: Annotated[Properties | None, Field(description="Merged key by key")] = None
    parentId: Annotated[
        Id | None, Field(validation_alias=AliasChoices("parentId", "parent_id"))
    ] = None


class EdgeData(BaseModel):
    model_config = ConfigDict(extra="allow")

    label: Label | None = None
    type: Annotated[
        TypeName | None, Field(description="One of default, smoothstep, step, straight")
    ] = None
    style: Annotated[Properties | None, Field(description="CSS properties, camelCase")] = None
    animated: bool = False
    data: Properties | None = None
    id: Annotated[Id | None, Field(description="Default: a new one")] = None


class EdgeUpdates(BaseModel):
    model_config = ConfigDict(extra="allow")

    source: Annotated[
        Id | None, Field(validation_alias=AliasChoices("source", "source_node_id"))
    ] = None
    target: Annotated[
        Id | None, Field(validation_alias=AliasChoices("target", "target_node_id"))
    ] = None
    label: Label | None = None
    type: TypeName | None = None
    style: Annotated[Properties | None, Field(description="Merged key by key")] = None
    animated: bool | None = None
    data: Annotated[Properties | None, Field(description="Merged key by key")] = None


class DiagramUpdates(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None
    mermaid_syntax: Annotated[
        str | None,
        Field(max_length=MAX_STRING_LENGTH, description="Only where kind is mermaid"),
    ] = None


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")


Name: TypeAlias = Annotated[
    Id | None, Field(description="Stands for the new id in the changes that follow")
]


class AddNode(_Change):
    action: Literal["add_node"]
    name: Name = None
    node_data: NodeData


class UpdateNode(_Change):
    action: Literal["update_node"]
    node_id: Id
    updates: NodeUpdates


class DeleteNode(_Change):
    action: Literal["delete_node"]
    node_id: Id


class AddEdge(_Change):
    action: Literal["add_edge"]
    name: Name = None
    source_node_id: Id
    target_node_id: Id
    edge_data: EdgeData | None = None


class UpdateEdge(_Change):
    action: Literal["update_edge"]
    edge_id: Id
    updates: EdgeUpdates


class DeleteEdge(_Change):
    action: Literal["delete_edge"]
    edge_id: Id


class UpdateDiagram(_Change):
    action: Literal["update_diagram"]
    updates: DiagramUpdates


Change: TypeAlias = (
    AddNode | UpdateNode | DeleteNode | AddEdge | UpdateEdge | DeleteEdge | UpdateDiagram
)
ACTIONS = frozenset({
    "add_node", "update_node", "delete_node", "add_edge", "update_edge", "delete_edge",
    "update_diagram",
})  # fmt: skip
Changes: TypeAlias = Annotated[
    list[Annotated[Change, Field(discriminator="action")]],
    Field(min_length=1, max_length=MAX_CHANGES, description="Made in order, all or none"),
]
