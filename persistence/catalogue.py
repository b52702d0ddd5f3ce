"""The table of diagrams: what is known of each without opening it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import uuid4

import msgspec

from actors.ports import Policy
from ot.diagram import Diagram, Json
from persistence.bridge import Bridge
from persistence.errors import PersistenceError
from persistence.limits import MAX_FILTER_LENGTH, MAX_PAGE
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, encode_diagram, encode_jsonb, is_storable, storable


class DiagramRecord(msgspec.Struct, frozen=True):
    """One row. Times are UTC; ``extra`` holds what an import did not understand."""

    id: str
    uuid: str
    title: str
    description: str | None
    kind: str
    format: str
    tags: list[str]
    is_public: bool
    user_id: str | None
    agent_accessible: bool
    created_by_agent: bool
    agent_metadata: dict[str, Json] | None
    last_agent_edit: datetime | None
    agent_edit_count: int
    policy: Policy
    revision: int
    node_count: int
    edge_count: int
    extra: dict[str, Json] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    #: Who moved it to the trash, where that is known.
    deleted_by: str | None = None
    deleted_by_name: str | None = None


Role: TypeAlias = Literal["viewer", "editor", "owner"]


class Access(msgspec.Struct, frozen=True):
    """A diagram, and what the tables say of one who asks for it."""

    record: DiagramRecord
    #: The role somebody gave the person, or the agent's owner. Owners stand in the record.
    role: Role | None = None
    #: The permissions that the agent was granted on this very diagram.
    grant: frozenset[str] | None = None


class Asker(msgspec.Struct, frozen=True):
    """Whose access is asked for. For an agent with an owner, ``person_id`` is the owner's.

    The rest is for lists: ``sees_everything`` and ``all_diagrams`` as in the rule for one diagram.
    """

    person_id: str | None = None
    agent_id: str | None = None
    sees_everything: bool = False
    all_diagrams: bool = True


class NewDiagram(msgspec.Struct, kw_only=True):
    """What a new row is made from. Without an ``id`` it gets a fresh one, its ``uuid`` as well."""

    diagram: Diagram
    id: str | None = None
    uuid: str | None = None
    tags: Sequence[str] = ()
    is_public: bool = False
    user_id: str | None = None
    agent_accessible: bool = True
    created_by_agent: bool = False
    agent_metadata: Mapping[str, Json] | None = None
    policy: Policy = "later_wins"
    extra: Mapping[str, Json] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    #: An agent, and what it is granted on the new diagram.
    grant: tuple[str, frozenset[str]] | None = None


#: When a diagram was made, and its id: a place among all of them.
Made: TypeAlias = tuple[datetime, str]

NOBODY = Asker()

#: Inside the class the method of that name hides the builtin.
_Records: TypeAlias = list[DiagramRecord]
_Page: TypeAlias = tuple[_Records, int]
_AccessPage: TypeAlias = tuple[list[Access], int]


class Catalogue:
    """Creates, finds, lists, changes and trashes rows. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def insert(self, new: NewDiagram) -> DiagramRecord | None:
        """Stores a diagram with its first snapshot at revision 0.

        ``None`` where its id or uuid names a diagram already, be it in the trash. Raises
        PersistenceError ``invalid`` or ``refused`` for a value that no row can hold.
        """
        row = await self._bridge.write_row(sql("insert_diagram"), *_insert_arguments(new))
        return _optional_record(row)

    async def insert_all(self, new: Sequence[NewDiagram]) -> _Records | int:
        """The same for many, all or none: the index of the first whose id or uuid is taken."""
        rows = await self._bridge.run(
            self._bridge.database.write_each,
            sql("insert_diagram"),
            [_insert_arguments(each) for each in new],
        )
        return rows if isinstance(rows, int) else [_record(row) for row in rows]

    async def find(self, key: str) -> DiagramRecord | None:
        """The diagram with this id, or else with this uuid; not one in the trash."""
        found = await self.find_access(key, NOBODY)
        return None if found is None else found.record

    async def find_access(self, key: str, asker: Asker, *, in_trash: bool = False) -> Access | None:
        """The diagram, and what is on record of the one who asks for it."""
        # A key that no row can hold is asked for all the same: it takes as long as any other.
        key = key if is_storable(key) else ""
        row = await self._bridge.fetch_row(
            sql("find_diagram"), key, asker.person_id, asker.agent_id, in_trash
        )
        return None if row is None else _access(row)

    async def list(
        self,
        *,
        limit: int = 20,
        offset: int = 0,
        filter: str | None = None,
        agent_accessible_only: bool = False,
        in_trash: bool = False,
    ) -> _Page:
        """A page of everybody's, last changed first, and how many there are on all pages.

        ``filter`` is looked for in title and description, without regard to case.
        """
        found, total = await self.list_access(
            Asker(sees_everything=True),
            limit=limit,
            offset=offset,
            filter=filter,
            agent_accessible_only=agent_accessible_only,
            in_trash=in_trash,
        )
        return [each.record for each in found], total

    async def list_access(
        self,
        asker: Asker,
        *,
        limit: int = 20,
        offset: int = 0,
        filter: str | None = None,
        agent_accessible_only: bool = False,
        in_trash: bool = False,
    ) -> _AccessPage:
        """A page of those that ``asker`` may read or, in the trash, restore."""
        criteria = (
            pattern_of(filter),
            agent_accessible_only,
            in_trash,
            asker.person_id,
            asker.agent_id,
            asker.sees_everything,
            asker.all_diagrams,
        )
        return await self._bridge.run(
            self._list, criteria, min(max(limit, 0), MAX_PAGE), max(offset, 0)
        )

    async def _list(self, criteria: tuple[Any, ...], limit: int, offset: int) -> _AccessPage:
        database = self._bridge.database
        rows = await database.fetch(sql("list_diagrams"), *criteria, limit, offset)
        total = await database.fetch(sql("count_diagrams"), *criteria)
        return [_access(row) for row in rows], total[0]["total"]

    async def list_made_before(self, asker: Asker, made: Made | None, *, limit: int) -> _Records:
        """Those that ``asker`` may read, the last made first; after a page, those made before its
        last one. However diagrams are edited meanwhile, the pages have each of them once.
        """
        time, identifier = (None, None) if made is None else made
        rows = await self._bridge.run(
            self._bridge.database.fetch,
            sql("list_diagrams_made_before"),
            time,
            identifier,
            asker.person_id,
            asker.agent_id,
            asker.sees_everything,
            asker.all_diagrams,
            min(max(limit, 0), MAX_PAGE),
        )
        return [_record(row) for row in rows]

    async def update_record(
        self,
        diagram_id: str,
        *,
        tags: Sequence[str] | None = None,
        is_public: bool | None = None,
        agent_accessible: bool | None = None,
        agent_metadata: Mapping[str, Json] | None = None,
        policy: Policy | None = None,
    ) -> DiagramRecord | None:
        """Changes what is not ``None``. ``None`` where there is no such diagram."""
        row = await self._bridge.write_row(
            sql("update_diagram"),
            diagram_id,
            tags,
            is_public,
            agent_accessible,
            encode_jsonb(agent_metadata, "agent_metadata"),
            policy,
        )
        return _optional_record(row)

    async def soft_delete(
        self,
        diagram_id: str,
        expected_revision: int | None = None,
        *,
        by: tuple[str, str] | None = None,
    ) -> DiagramRecord | None:
        """Moves the diagram to the trash; what is committed on it from then on is fenced off.

        ``by`` is the id and name of who does it. ``None`` where there is no such diagram, or it
        stands at another revision than expected.
        """
        row = await self._bridge.write_row(
            sql("trash_diagram"), diagram_id, expected_revision, *(by or (None, None))
        )
        return _optional_record(row)

    async def restore(self, diagram_id: str) -> DiagramRecord | None:
        """Takes the diagram out of the trash. ``None`` where it is not in there."""
        return _optional_record(await self._bridge.write_row(sql("restore_diagram"), diagram_id))


def _insert_arguments(new: NewDiagram) -> tuple[Any, ...]:
    diagram = new.diagram
    # One id for both uses, unless an import brings two: two are easily mixed up.
    diagram_id = new.id or new.uuid or str(uuid4())
    uuid = new.uuid or (str(uuid4()) if new.id else diagram_id)
    _check_text(diagram_id, "id")
    _check_text(uuid, "uuid")
    _check_text(diagram.title, "title")
    return (
        diagram_id,
        uuid,
        diagram.title,
        diagram.description,
        diagram.kind,
        "mermaid" if diagram.kind == "mermaid" else "reactflow",
        list(new.tags),
        new.is_public,
        new.user_id,
        new.agent_accessible,
        new.created_by_agent,
        encode_jsonb(new.agent_metadata, "agent_metadata"),
        new.policy,
        encode_jsonb(new.extra, "extra"),
        len(diagram.nodes),
        len(diagram.edges),
        new.created_at,
        new.updated_at,
        encode_diagram(diagram),
        None if new.grant is None else new.grant[0],
        None if new.grant is None else msgspec.json.encode(sorted(new.grant[1])),
    )


def _check_text(text: str, at: str) -> None:
    if not is_storable(text):
        raise PersistenceError("invalid", "Text here may not contain the character NUL.", at)


def pattern_of(filter: str | None) -> str | None:
    """An ILIKE pattern that finds the text anywhere, its own wildcards taken literally."""
    if not filter:
        return None
    escaped = storable(filter[:MAX_FILTER_LENGTH])
    for special in ("\\", "%", "_"):
        escaped = escaped.replace(special, "\\" + special)
    return f"%{escaped}%"


def _optional_record(row: Row | None) -> DiagramRecord | None:
    return None if row is None else _record(row)


def _record(row: Row) -> DiagramRecord:
    values = dict(row)
    values["agent_metadata"] = decode_jsonb(values["agent_metadata"])
    values["extra"] = decode_jsonb(values["extra"])
    return DiagramRecord(**{name: values[name] for name in DiagramRecord.__struct_fields__})


def _access(row: Row) -> Access:
    grant = decode_jsonb(row["grant_permissions"])
    return Access(_record(row), row["member_role"], None if grant is None else frozenset(grant))
