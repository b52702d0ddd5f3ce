"""The log form of an edit, read off the diagram before it is applied."""

from ot.apply import change_element, write_element
from ot.diagram import Diagram, Element
from ot.errors import OperationError
from ot.operation import Changes, Operation, PropertiesChange, Replace, Update


def log_of(S: Diagram, a: Operation) -> Operation:
    """``a`` with what it replaces in ``S``. Costs time by the size of ``a``.

    Raises OperationError where a change does not fit its element; references are not looked at.
    """
    properties = None if a.diagram is None else _log_properties(S, a.diagram)
    nodes = _log_changes(S.nodes, a.nodes, "nodes")
    return Operation(properties, nodes, _log_changes(S.edges, a.edges, "edges"))


def _log_properties(S: Diagram, change: PropertiesChange) -> PropertiesChange:
    was = S.properties()
    if isinstance(change, Update):
        return write_element(was, change.writes)[1]
    return Replace(change.element, was=was)


def _log_changes(elements: dict[str, Element], changes: Changes, at: str) -> Changes:
    out: Changes = {}
    for key, change in changes.items():
        try:
            out[key] = change_element(elements.get(key), change)[1]
        except OperationError as error:
            place = f"{at}/{key}{error.at}"
            raise OperationError(error.code, error.message, place) from None
    return out
