"""What can be done with diagrams, whoever asks and through whichever door."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import msgspec
import trio

from actors.commands import ReadDiagram, Submit, Subscribe, Unsubscribe
from actors.events import Acknowledged, Conflict, Read
from actors.limits import MAX_BASE_AGE
from actors.ports import Author, JournalEntry, Policy, Storage
from actors.registry import Registry
from actors.sessions import Receiver, Subscription
from gateway.access import RESTORE, SHARE, Access, check_access, not_found
from gateway.agent_activity import READING, PresenceState, editing
from gateway.agents_at_work import AgentsAtWork
from gateway.calls import Call
from gateway.errors import ServiceError
from gateway.identity import CREATE, DELETE, EDIT, READ, Principal
from gateway.placed import MAX_PLACED_AGE, placed_by_people
from gateway.rate_limits.limiter import Kind
from gateway.rate_limits.quota import Quota
from gateway.trail import Trail, current_call, on_record
from ot.apply import apply_in_place
from ot.diagram import Diagram
from ot.diff import diff
from ot.invert import invert
from ot.lengths import check_text_lengths
from ot.operation import NOTHING, Operation
from ot.validate import check_operation
from persistence.catalogue import Asker, Catalogue, DiagramRecord, Made, NewDiagram

log = logging.getLogger("diagramai.service")

#: Operations taken back at a time before others get their turn.
REWIND_SLICE = 200
#: Diagrams in one page of a list.
MAX_PAGE = 100


class Submitted(msgspec.Struct, frozen=True):
    """What became of an edit: durable at ``revision`` as ``operation``, after these conflicts."""

    revision: int
    operation: Operation
    conflicts: Sequence[Conflict]


class Reading(msgspec.Struct, frozen=True):
    """A diagram as it was at ``revision``; the reader owns it."""

    record: DiagramRecord
    diagram: Diagram
    revision: int


#: Inside the class a method hides the builtin.
_Accesses: TypeAlias = list[Access]


#: What is counted for a permission; anything else counts as an edit.
_KIND_OF: Final[dict[str, Kind]] = {READ: "read", DELETE: "delete"}


class DiagramService:
    """Create, read, edit and delete, with the permission of each checked here."""

    def __init__(
        self,
        catalogue: Catalogue,
        registry: Registry,
        storage: Storage,
        trail: Trail,
        at_work: AgentsAtWork,
    ) -> None:
        self._catalogue = catalogue
        self._registry = registry
        self._storage = storage
        self._at_work = at_work
        #: Around every call: what is put on record, and what is counted.
        self.trail = trail
        #: How much may be made; all that there is room for, where it is ``None``.
        self.quota: Quota | None = None
        #: Raises ServiceError for one who is nobody any more, though the call had begun in time.
        self.confirm: Callable[[Principal], Awaitable[None]] = _disbelieve
        #: Called when the list of diagrams has become another; never blocks, never raises.
        self.listing_changed: Callable[[], None] = _nobody_to_tell
        #: Called when a diagram was taken from somebody, in part or wholly; as the one before.
        self.access_taken: Callable[[], None] = _nobody_to_tell

    @on_record("create_diagram")
    async def create(
        self,
        who: Principal,
        *,
        diagram: Diagram,
        id: str | None = None,
        uuid: str | None = None,
        tags: Sequence[str] = (),
        is_public: bool = False,
        agent_accessible: bool = True,
        agent_metadata: Mapping[str, Any] | None = None,
        policy: Policy = "later_wins",
        extra: Mapping[str, Any] | None = None,
        created_at: datetime | None = None,
        updated_at: datetime | None = None,
        user_id: str | None = None,
    ) -> DiagramRecord:
        """Stores a new diagram. Raises OperationError where ``diagram`` is not a valid one,
        ServiceError ``already_exists`` where the id is taken."""
        await self._check_new(who, 1)
        by_agent = who.author.kind == "agent"
        record = await self._catalogue.insert(
            NewDiagram(
                diagram=checked(diagram),
                id=id,
                uuid=uuid,
                tags=list(tags),
                is_public=is_public,
                agent_accessible=agent_accessible,
                agent_metadata=dict(agent_metadata) if agent_metadata is not None else None,
                created_by_agent=by_agent,
                policy=policy,
                extra=dict(extra or {}),
                created_at=created_at,
                updated_at=updated_at,
                user_id=_owner_of_new(who, user_id),
                grant=_grant_of_new(who),
            )
        )
        if record is None:
            message = "A diagram with this id exists already; choose another id."
            raise ServiceError("already_exists", message, "id")
        self.listing_changed()
        await self._note_new(who, [record])
        return record

    @on_record("import_diagram")
    async def create_all(self, who: Principal, new: Sequence[NewDiagram]) -> list[DiagramRecord]:
        """Stores diagrams that are checked already, all or none. What says nothing of its owner is
        theirs who stores it. Raises ServiceError ``already_exists`` where an id is taken."""
        await self._check_new(who, len(new))
        by_agent = who.author.kind == "agent"
        for each in new:
            each.created_by_agent = by_agent
            each.user_id = _owner_of_new(who, each.user_id)
            each.grant = _grant_of_new(who)
        records = await self._catalogue.insert_all(new)
        if isinstance(records, int):
            taken = new[records].id or new[records].uuid
            message = (
                f"The diagram {taken} exists already, perhaps in the trash; nothing was stored. "
                "New ids make a copy beside it."
            )
            raise ServiceError("already_exists", message, f"[{records}]")
        self.listing_changed()
        await self._note_new(who, records)
        return records

    async def _check_new(self, who: Principal, more: int) -> None:
        check_access(who, CREATE, None)
        self.trail.charge(who, "write")
        if self.quota is not None:
            await self.quota.check(who, more)

    async def _note_new(self, who: Principal, records: Sequence[DiagramRecord]) -> None:
        """Whose they are counted as; and of an agent, a row for each."""
        if self.quota is not None:
            await self.quota.note(who, [record.id for record in records])
        await self.trail.note_each(who, [record.id for record in records])

    async def record(self, who: Principal, diagram_id: str) -> DiagramRecord:
        """What the catalogue knows. ``diagram_id`` may be either of a diagram's two ids."""
        return await self._record(who, diagram_id, READ)

    async def access(self, who: Principal, diagram_id: str, permission: str) -> DiagramRecord:
        """The record, once ``who`` may do this to it."""
        return await self._record(who, diagram_id, permission)

    @on_record("open_diagram", weak=True)
    async def find_access(self, who: Principal, diagram_id: str, permission: str) -> Access:
        """The record and what of ``who`` is on it, once they may do this to it."""
        # A key that reads nothing learns from no answer which diagrams there are.
        check_access(who, READ, None)
        await self.confirm(who)
        self.trail.charge(who, _KIND_OF.get(permission, "write"))
        return await self._find_access(who, diagram_id, permission)

    async def look_again(self, who: Principal, diagram_id: str, permission: str) -> Access:
        """The same of somebody who was let in before and is still there. They ask for nothing, so
        it is neither counted nor on record: what they have used up must not keep them in."""
        check_access(who, READ, None)
        await self.confirm(who)
        return await self._find_access(who, diagram_id, permission)

    async def _find_access(self, who: Principal, diagram_id: str, permission: str) -> Access:
        in_trash = permission == RESTORE
        found = await self._catalogue.find_access(diagram_id, asker(who), in_trash=in_trash)
        if found is None:
            raise not_found()
        check_access(who, permission, found)
        return found

    async def _record(self, who: Principal, diagram_id: str, permission: str) -> DiagramRecord:
        return (await self.find_access(who, diagram_id, permission)).record

    @on_record("list_diagrams")
    async def list(
        self,
        who: Principal,
        *,
        limit: int = 20,
        offset: int = 0,
        filter: str | None = None,
        agent_accessible_only: bool = False,
    ) -> tuple[list[DiagramRecord], int]:
        """A page of the diagrams they may read, last changed first, and how many in all."""
        found, total = await self.list_access(
            who,
            limit=limit,
            offset=offset,
            filter=filter,
            agent_accessible_only=agent_accessible_only,
        )
        return [each.record for each in found], total

    @on_record("list_diagrams")
    async def list_access(
        self,
        who: Principal,
        *,
        limit: int = 20,
        offset: int = 0,
        filter: str | None = None,
        agent_accessible_only: bool = False,
        in_trash: bool = False,
    ) -> tuple[_Accesses, int]:
        """The same with what of ``who`` is on each; of the trash, those that they may restore."""
        check_access(who, READ, None)
        self.trail.charge(who, "read")
        if not 1 <= limit <= MAX_PAGE:
            raise ServiceError("invalid", f"limit is between 1 and {MAX_PAGE}.", "limit")
        if not 0 <= offset <= 2**31:
            raise ServiceError("invalid", "offset is 0 or more.", "offset")
        return await self._catalogue.list_access(
            asker(who, in_trash=in_trash),
            limit=limit,
            offset=offset,
            filter=filter,
            agent_accessible_only=agent_accessible_only,
            in_trash=in_trash,
        )

    @on_record("list_diagrams")
    async def list_made(
        self, who: Principal, *, limit: int, before: Made | None = None
    ) -> Sequence[DiagramRecord]:
        """A page of the diagrams they may read, the last made first: those made ``before``."""
        check_access(who, READ, None)
        self.trail.charge(who, "read")
        return await self._catalogue.list_made_before(asker(who), before, limit=limit)

    @on_record("read_diagram")
    async def read(
        self,
        who: Principal,
        diagram_id: str,
        *,
        revision: int | None = None,
        shown: bool = False,
        permission: str = READ,
    ) -> Reading:
        """The diagram at its latest durable revision, or at an earlier one.

        ``shown``: the people in the diagram see an agent read it. ``permission``: what it is read
        for, so that who may not edit is told so before anything else that is wrong.
        """
        record = await self._record(who, diagram_id, permission)
        if shown and self._at_work.is_seen(who.author, record.id):
            self._at_work.show(who.author, record.id, READING)
        call = Call()
        self._registry.post_nowait(record.id, ReadDiagram(call))
        answer = await call.wait_answer()
        assert isinstance(answer, Read), "a read is answered by the diagram"
        if revision is None or revision == answer.revision:
            return Reading(record, answer.diagram, answer.revision)
        await self._rewind(record.id, answer, revision)
        return Reading(record, answer.diagram, revision)

    async def _rewind(self, diagram_id: str, head: Read, revision: int) -> None:
        """Takes everything after ``revision`` back, in the reader's copy."""
        if not 0 <= revision <= head.revision:
            message = f"The diagram has revisions 0 to {head.revision}."
            raise ServiceError("future_revision", message, "base_revision")
        if head.revision - revision > MAX_BASE_AGE:
            message = "That revision is too old; read the diagram again."
            raise ServiceError("base_too_old", message, "base_revision")
        entries = await self._storage.read_entries(diagram_id, revision, head.revision)
        for count, entry in enumerate(reversed(entries), start=1):
            apply_in_place(head.diagram, invert(entry.operation))
            if count % REWIND_SLICE == 0:
                await trio.lowlevel.checkpoint()

    def show(self, who: Principal, diagram_id: str, state: PresenceState) -> None:
        """Lets the people in the diagram see what an agent does with it now."""
        if self._at_work.is_seen(who.author, diagram_id):
            self._at_work.show(who.author, diagram_id, state)

    async def entries(
        self, reading: Reading, after: int, up_to: int | None = None
    ) -> Sequence[JournalEntry]:
        """The journal of what was read, ``after < revision <= up_to``; up to the reading's."""
        up_to = reading.revision if up_to is None else up_to
        if after >= up_to:
            return ()
        return await self._storage.read_entries(reading.record.id, after, up_to)

    def follow(self, diagram_id: str, subscription: Subscription, revision: int) -> None:
        """Has the receiver told of everything after ``revision``, what has come since included.

        For a diagram that the follower was let read."""
        command = Subscribe(subscription=subscription, revision=revision, pending=True)
        self._registry.post_nowait(diagram_id, command)

    def unfollow(self, diagram_id: str, receiver: Receiver) -> None:
        """Ends that at once; to be called however the following ends."""
        self._registry.post_if_open_nowait(diagram_id, Unsubscribe(receiver))

    async def placed_by_people(self, reading: Reading) -> frozenset[str]:
        """The nodes that stand where a person moved them, within the last MAX_PLACED_AGE edits."""
        first = max(0, reading.revision - MAX_PLACED_AGE)
        if first == reading.revision:
            return frozenset()
        entries = await self._storage.read_entries(reading.record.id, first, reading.revision)
        return placed_by_people(entries)

    @on_record("submit")
    async def submit(
        self,
        who: Principal,
        diagram_id: str,
        operation: Operation,
        reading: Reading,
        *,
        label: str = "submit",
        mark: str | None = None,
    ) -> Submitted:
        """Edits what was read; returns once it is durable, and merged with what others have done
        since. Raises ServiceError where nothing was changed.

        With a ``mark``, its only one, an edit is stored once, under that as its client's id, and
        refused with ``conflict`` rather than merged."""
        record = await self._record(who, diagram_id, EDIT)
        return await self._submit(who, record.id, operation, reading, label=label, mark=mark)

    async def _submit(
        self,
        who: Principal,
        diagram_id: str,
        operation: Operation,
        reading: Reading,
        *,
        label: str,
        mark: str | None = None,
    ) -> Submitted:
        if self._at_work.is_seen(who.author, diagram_id):
            self._show_editing(who.author, diagram_id, operation, reading.diagram, label)
        call = Call()
        under_way = current_call(who)
        command = Submit(
            receiver=call,
            author=who.author,
            operation=operation,
            base_revision=reading.revision,
            label=label,
            origin=None if under_way is None or not who.is_agent else under_way.origin,
            client_id=mark,
            sequence=None if mark is None else 1,
            alone=mark is not None,
        )
        self._registry.post_nowait(diagram_id, command)
        answer = await call.wait_answer()
        assert isinstance(answer, Acknowledged), "an edit is acknowledged"
        assert answer.revision is not None, "a first arrival has a revision"
        if under_way is not None:
            under_way.revision = answer.revision
            # What had been committed before is committed no second time.
            under_way.is_stored = answer.operation is not None
        return Submitted(answer.revision, answer.operation or NOTHING, answer.conflicts)

    def _show_editing(
        self, author: Author, diagram_id: str, operation: Operation, before: Diagram, label: str
    ) -> None:
        if not self._at_work.is_seen(author, diagram_id):
            return
        try:
            self._at_work.show(author, diagram_id, editing(operation, before, label))
        except Exception:
            # Whatever is wrong with showing it, the edit goes on.
            log.exception("could not show what an agent does in diagram %s", diagram_id)

    @on_record("replace")
    async def replace(
        self,
        who: Principal,
        diagram_id: str,
        diagram: Diagram,
        *,
        base_revision: int | None = None,
        label: str = "replace",
    ) -> Submitted:
        """Makes the diagram what the caller wants, against what the caller had read.

        Only what differs from the state at ``base_revision`` is written, so a stale writer merges
        instead of overwriting.
        """
        record = await self._record(who, diagram_id, EDIT)
        wanted = checked(diagram)
        reading = await self.read(who, record.id, revision=base_revision)
        operation = diff(reading.diagram, wanted)
        if operation.is_empty():
            return Submitted(reading.revision, NOTHING, ())
        return await self._submit(who, record.id, operation, reading, label=label)

    @on_record("update_diagram")
    async def update_record(
        self,
        who: Principal,
        diagram_id: str,
        *,
        tags: Sequence[str] | None = None,
        is_public: bool | None = None,
        agent_accessible: bool | None = None,
        agent_metadata: Mapping[str, Any] | None = None,
    ) -> DiagramRecord:
        """Changes what stands beside the diagram; ``None`` leaves a field alone.

        Who sees it, only an owner changes.
        """
        record = await self.access_to_update(
            who, diagram_id, is_public=is_public, agent_accessible=agent_accessible
        )
        updated = await self._catalogue.update_record(
            record.id,
            tags=None if tags is None else list(tags),
            is_public=is_public,
            agent_accessible=agent_accessible,
            agent_metadata=None if agent_metadata is None else dict(agent_metadata),
        )
        if updated is None:
            raise not_found()
        self.listing_changed()
        if is_public is False or agent_accessible is False:
            self.access_taken()
        return updated

    async def access_to_update(
        self,
        who: Principal,
        diagram_id: str,
        *,
        is_public: bool | None = None,
        agent_accessible: bool | None = None,
    ) -> DiagramRecord:
        """The record, once ``who`` may edit it and give these fields these values."""
        access = await self.find_access(who, diagram_id, EDIT)
        record = access.record
        wanted = (is_public, record.is_public), (agent_accessible, record.agent_accessible)
        if any(value not in (None, before) for value, before in wanted):
            check_access(who, SHARE, access)
        return record

    @on_record("delete_diagram")
    async def delete(
        self, who: Principal, diagram_id: str, *, expected_revision: int | None = None
    ) -> DiagramRecord:
        """Moves the diagram to the trash and closes it for everybody who follows it."""
        record = await self._record(who, diagram_id, DELETE)
        by = (who.author.id, who.author.name)
        deleted = await self._catalogue.soft_delete(record.id, expected_revision, by=by)
        if deleted is None:
            raise changed_since()
        self.listing_changed()
        await self._registry.wait_closed(record.id, "deleted")
        return deleted

    @on_record("restore_diagram")
    async def restore(self, who: Principal, diagram_id: str) -> DiagramRecord:
        """Takes the diagram out of the trash, as it was."""
        access = await self.find_access(who, diagram_id, RESTORE)
        restored = await self._catalogue.restore(access.record.id)
        if restored is None:
            raise not_found()
        return restored


async def _disbelieve(who: Principal) -> None:
    """A server that forgot to say who confirms lets nobody in."""
    raise ServiceError("unauthenticated", "Nobody confirms here who is asking.")


def asker(who: Principal, *, in_trash: bool = False) -> Asker:
    """Whose roles and grants the tables are asked for."""
    if who.is_agent:
        return Asker(
            person_id=who.owner_id,
            agent_id=who.author.id,
            sees_everything=who.owner_id is None or who.standing != "member",
            all_diagrams=who.all_diagrams,
        )
    owns_everything = who.is_admin or who.standing == "everything"
    sees_everything = owns_everything or (who.standing == "editor" and not in_trash)
    return Asker(person_id=who.author.id, sees_everything=sees_everything)


def _owner_of_new(who: Principal, wanted: str | None) -> str | None:
    """Only an admin makes diagrams that are somebody else's."""
    if who.is_agent:
        return who.owner_id
    return wanted if wanted and who.is_admin else who.author.id


def _grant_of_new(who: Principal) -> tuple[str, frozenset[str]] | None:
    """An agent that is confined to single diagrams may go on with the one it made."""
    if not who.is_agent or who.all_diagrams:
        return None
    return who.author.id, who.permissions


def changed_since() -> ServiceError:
    """The refusal to delete what has changed since it was read."""
    message = "The diagram has changed since you read it; read it again, then delete."
    return ServiceError("conflict", message, "expected_revision")


def _nobody_to_tell() -> None:
    pass


def checked(diagram: Diagram) -> Diagram:
    """The diagram, once it is known to be valid. Raises OperationError."""
    operation = diff(Diagram(), diagram)
    check_operation(operation)
    check_text_lengths(Diagram(), operation)
    apply_in_place(Diagram(), operation)
    return diagram
