"""From what was imported to what the catalogue stores."""

from collections.abc import Sequence

from gateway.import_row import ImportedDiagram
from gateway.service import checked
from ot.errors import OperationError
from persistence.catalogue import NewDiagram


def to_store(
    imported: ImportedDiagram, *, new_ids: bool = False, open_to_agents: bool = False
) -> NewDiagram:
    """Raises OperationError where it is no valid diagram."""
    return NewDiagram(
        diagram=checked(imported.diagram),
        id=None if new_ids else imported.id,
        uuid=None if new_ids else imported.uuid,
        tags=imported.tags,
        is_public=imported.is_public,
        agent_accessible=imported.agent_accessible or open_to_agents,
        agent_metadata=imported.agent_metadata,
        user_id=imported.user_id,
        extra=imported.extra,
        created_at=imported.created_at,
        updated_at=imported.updated_at,
    )


def to_store_all(diagrams: Sequence[ImportedDiagram], *, new_ids: bool) -> list[NewDiagram]:
    """Raises OperationError that names the diagram, where there are several."""
    found: list[NewDiagram] = []
    for index, imported in enumerate(diagrams):
        try:
            found.append(to_store(imported, new_ids=new_ids))
        except OperationError as error:
            place = f"[{index}]" if len(diagrams) > 1 else ""
            at = ": ".join(part for part in (place, error.at) if part)
            raise OperationError(error.code, error.message, at) from error
    return found
