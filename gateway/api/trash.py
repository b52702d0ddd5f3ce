"""The routes of the trash: what is in it, and how it comes out."""

from quart import Response, request

from gateway.access import Access, role_on
from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.sharing_shapes import ListedDiagram, RestoredDiagram, TrashedDiagram
from gateway.identity import Principal
from gateway.service import DiagramService

_OF_RECORD = tuple(
    name
    for name in TrashedDiagram.__struct_fields__
    if name not in ("role", "deleted_at", "deleted_by", "deleted_by_name")
)


class TrashRoutes:
    """The handler; whoever asks comes first. It raises ServiceError."""

    def __init__(self, service: DiagramService) -> None:
        self._service = service

    async def restore(self, who: Principal, diagram_id: str) -> Response:
        check_own_request(request)
        record = await self._service.restore(who, diagram_id)
        done = RestoredDiagram(id=record.id, uuid=record.uuid, revision=record.revision)
        return success(done, message="The diagram is out of the trash.")


def listed(who: Principal, access: Access) -> ListedDiagram:
    """The diagram as a list shows it, of the trash where it is in there."""
    record = access.record
    role = None if who.is_agent else role_on(who, access)
    fields = {name: getattr(record, name) for name in _OF_RECORD}
    if record.deleted_at is None:
        return ListedDiagram(**fields, role=role)
    return TrashedDiagram(
        **fields,
        role=role,
        deleted_at=record.deleted_at,
        deleted_by=record.deleted_by,
        deleted_by_name=record.deleted_by_name,
    )
