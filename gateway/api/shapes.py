"""The bodies of requests and answers. The OpenAPI document is made from these."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from actors.ports import AuthorKind, Policy
from gateway.api.reading import MAX_REVISION
from gateway.critic.findings import Code, Severity
from gateway.layout import DEFAULT_SPACING, MAX_SPACING, MIN_SPACING, Algorithm, Direction
from gateway.templates import TemplateName
from ot.conflicts import ConflictKind, TargetKind
from ot.validate import MAX_ID_LENGTH, MAX_STRING_LENGTH

MAX_TITLE_LENGTH: Final = 1_000
MAX_TAGS: Final = 100
MAX_TAG_LENGTH: Final = 200
#: Nodes that one request names.
MAX_NAMED: Final = 20_000

#: What a row is written with, and read with: ``react_flow`` is an older spelling.
WrittenFormat: TypeAlias = Literal["reactflow", "react_flow", "mermaid"]
Format: TypeAlias = Literal["reactflow", "mermaid"]
Title: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_TITLE_LENGTH)]
Tag: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_TAG_LENGTH)]
Tags: TypeAlias = Annotated[list[Tag], Meta(max_length=MAX_TAGS)]
NodeIds: TypeAlias = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]], Meta(max_length=MAX_NAMED)
]
MermaidText: TypeAlias = Annotated[str, Meta(max_length=MAX_STRING_LENGTH)]
Spacing: TypeAlias = Annotated[float, Meta(ge=MIN_SPACING, le=MAX_SPACING)]
Revision: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_REVISION)]
Content: TypeAlias = Annotated[
    Any,
    Meta(description="React Flow's {nodes, edges, viewport}, or a Mermaid text, bare or wrapped."),
]


class CreateDiagram(msgspec.Struct, rename="camel", kw_only=True):
    """A new diagram. What is left out, or null, takes its default; unknown fields are ignored."""

    title: Title
    description: str | None = None
    template: TemplateName | None = None
    content: Content = None
    format: WrittenFormat | None = None
    tags: Tags | None = None
    is_public: bool | None = None
    agent_accessible: bool | None = None
    agent_metadata: dict[str, Any] | None = None
    policy: Policy | None = None


class UpdateDiagram(msgspec.Struct, rename="camel", kw_only=True):
    """What is to change; what is left out stays. Unknown fields are ignored.

    ``revision`` is the one the caller read: only what differs from it is written, so that the
    edits others have made since are kept. Without it the latest is meant. ``If-Match`` does the
    same.
    """

    title: Title | None = None
    description: str | UnsetType | None = UNSET
    content: Content = None
    format: WrittenFormat | None = None
    tags: Tags | None = None
    is_public: bool | None = None
    agent_accessible: bool | None = None
    agent_metadata: dict[str, Any] | None = None
    revision: Revision | None = None


class PatchMermaid(msgspec.Struct, rename="camel", kw_only=True):
    """The Mermaid text that the diagram is to say. ``revision`` is as for any other change."""

    text: MermaidText
    revision: Revision | None = None


class LayOut(msgspec.Struct, rename="camel", kw_only=True):
    """How the nodes are to be arranged.

    ``only`` names the nodes that may move, ``pinned`` some that may not. With ``keepPlaced`` those
    that people moved lately are pinned, too. With ``dryRun`` nothing is stored: the operation is
    answered, for whoever wants to make the edit.
    """

    direction: Direction | None = None
    only: NodeIds | None = None
    pinned: NodeIds | None = None
    keep_placed: bool = True
    spacing: Spacing = DEFAULT_SPACING
    algorithm: Algorithm = "auto"
    dry_run: bool = False
    revision: Revision | None = None


class DiagramEntry(msgspec.Struct, rename="camel", kw_only=True):
    """A diagram in a list: all but its content. Both ids name it everywhere."""

    id: str
    uuid: str
    title: str
    description: str | None
    format: Format
    kind: str
    tags: list[str]
    is_public: bool
    agent_accessible: bool
    agent_metadata: dict[str, Any] | None
    created_by_agent: bool
    last_agent_edit: datetime | None
    agent_edit_count: int
    user_id: str | None
    policy: Policy
    revision: int
    node_count: int
    edge_count: int
    created_at: datetime
    updated_at: datetime


class DiagramRow(DiagramEntry, kw_only=True):
    """A diagram with its content as it is at ``revision``."""

    content: dict[str, Any] | str


class ImportedEntry(msgspec.Struct, rename="camel", kw_only=True):
    """A diagram that was imported, and what had to be mended in it, in plain words."""

    id: str
    uuid: str
    title: str
    format: Format
    kind: str
    node_count: int
    edge_count: int
    report: list[str]


class PatchedDiagram(msgspec.Struct, rename="camel", kw_only=True):
    """The diagram says what the text does; so many nodes and edges came, changed and went."""

    id: str
    uuid: str
    revision: int
    added: int
    changed: int
    removed: int


class LaidOut(msgspec.Struct, rename="camel", kw_only=True):
    """The diagram is laid out; ``moved`` counts the nodes that stand elsewhere now.

    After a ``dryRun`` it is not: ``operation`` is what would do it to the diagram at ``revision``.
    """

    id: str
    uuid: str
    revision: int
    moved: int
    operation: dict[str, Any] | UnsetType = UNSET


class CheckFinding(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """Something that is wrong. ``count`` counts all elements it is about, named or not.

    ``mend`` is the operation that mends it, where that was asked for.
    """

    code: Code
    severity: Severity
    message: str
    nodes: list[str]
    edges: list[str]
    count: int
    mend: dict[str, Any] | UnsetType = UNSET


class Checked(msgspec.Struct, rename="camel", kw_only=True):
    """What is wrong with the diagram as it was at ``revision``."""

    revision: int
    findings: list[CheckFinding]


class DeletedDiagram(msgspec.Struct, rename="camel", kw_only=True):
    """A diagram that is in the trash now."""

    id: str
    uuid: str
    revision: int


class Pagination(msgspec.Struct, rename="camel", kw_only=True):
    """Where in the whole list this page is; ``page`` counts from 1."""

    total: int
    limit: int
    offset: int
    page: int
    pages: int


class Participant(msgspec.Struct, rename="camel", kw_only=True):
    """A person or an agent."""

    kind: AuthorKind
    id: str
    name: str


class ConflictReport(msgspec.Struct, rename="camel", kw_only=True):
    """Something one author wrote that gave way to another's edit.

    ``kept`` and ``dropped`` are left out where there is no value, as after a deletion.
    """

    kind: ConflictKind
    target: TargetKind
    id: str
    path: str
    revision: int
    kept_author: Participant
    dropped_author: Participant
    kept: Any = UNSET
    dropped: Any = UNSET


class Services(msgspec.Struct, rename="camel", kw_only=True):
    """How the parts of the server are."""

    database: Literal["connected", "error"]


class Health(msgspec.Struct, rename="camel", kw_only=True):
    """Whether the server can do its work."""

    status: Literal["healthy", "degraded"]
    timestamp: datetime
    version: str
    services: Services


class Version(msgspec.Struct, rename="camel", kw_only=True):
    """What is running here."""

    version: str
    timestamp: datetime


class Session(msgspec.Struct, rename="camel", kw_only=True):
    """Who is asking, the address at which this server was reached, and how its command line is
    called on the computer where it runs. ``isAdmin`` is whether they look after the server."""

    participant: Participant
    base_url: str
    command: str
    version: str
    is_admin: bool


class SignedOut(msgspec.Struct, rename="camel", kw_only=True):
    """``signedOut`` says whether there was a session to end."""

    signed_out: bool
