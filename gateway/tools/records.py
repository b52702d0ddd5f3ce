"""What the catalogue knows of a diagram, as tools tell it."""

from gateway.tools.replies import DiagramInfo, ListedDiagram, Metadata
from ot.diagram import Diagram
from persistence.catalogue import DiagramRecord


def listed(record: DiagramRecord) -> ListedDiagram:
    return ListedDiagram(
        diagram_id=record.id,
        title=record.title,
        description=record.description,
        kind=record.kind,
        revision=record.revision,
        node_count=record.node_count,
        edge_count=record.edge_count,
        updated_at=record.updated_at,
        created_by_agent=record.created_by_agent,
    )


def info_of(record: DiagramRecord) -> DiagramInfo:
    return DiagramInfo(
        diagram_id=record.id,
        uuid=record.uuid,
        revision=record.revision,
        title=record.title,
        description=record.description,
        kind=record.kind,
        format=record.format,
        tags=record.tags,
        created_at=record.created_at,
        updated_at=record.updated_at,
        node_count=record.node_count,
        edge_count=record.edge_count,
        is_public=record.is_public,
        agent_accessible=record.agent_accessible,
        created_by_agent=record.created_by_agent,
        agent_metadata=record.agent_metadata,
        agent_edit_count=record.agent_edit_count,
        last_agent_edit=record.last_agent_edit,
        policy=record.policy,
    )


def metadata_of(record: DiagramRecord, diagram: Diagram) -> Metadata:
    """The record's, but for what the diagram itself says at the revision that was read."""
    return Metadata(
        title=diagram.title,
        description=diagram.description,
        created_at=record.created_at,
        updated_at=record.updated_at,
        node_count=len(diagram.nodes),
        edge_count=len(diagram.edges),
        created_by_agent=record.created_by_agent,
        agent_metadata=record.agent_metadata,
    )
