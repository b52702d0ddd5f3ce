"""Errors of tools as results that a model can act on: a code, what to do, the field."""

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from mcp.server.mcpserver.exceptions import ToolError
from msgspec import UNSET, UnsetType
from pydantic import ValidationError

from gateway.errors import ServiceError
from gateway.tools.arguments import ACTIONS
from ot.diagram import Diagram
from ot.errors import OperationError
from persistence.errors import PersistenceError

logger = logging.getLogger(__name__)

#: Wrong fields named in one message.
_MAX_NAMED = 5
#: What storage says to callers as it is; its other codes are defects of ours.
_TOLD_STORAGE_CODES = frozenset({"unavailable", "outcome_unknown", "invalid"})


#: What to do next where the one who refuses does not know of these tools; by code and field.
_NEXT_STEPS: Final = {
    ("not_found", "diagram_id"): "list_diagrams has those that there are.",
    ("future_revision", "base_revision"): "Read it again, and send the revision that you get.",
    ("future_revision", "since_revision"): "Read it again, and send the revision that you get.",
}
_NO_ACTION: Final = f"Its action has to be one of {', '.join(sorted(ACTIONS))}"
#: Kinds of values in the words of JSON, which is what callers write.
_WORDS: Final = {
    "model_type": "Input should be an object",
    "model_attributes_type": "Input should be an object",
    "dict_type": "Input should be an object",
    "list_type": "Input should be an array",
    "extra_forbidden": "There is no such field here",
    # A change without an action that is one.
    "union_tag_invalid": _NO_ACTION,
    "union_tag_not_found": _NO_ACTION,
}


def require_elements(diagram: Diagram) -> None:
    """Raises OperationError ``wrong_kind`` for a Mermaid text, which has no nodes of its own."""
    if diagram.kind == "mermaid":
        message = (
            "This diagram is Mermaid text, and Mermaid itself places what it draws: look at it "
            "with render_diagram, and change it with write_mermaid."
        )
        raise OperationError("wrong_kind", message, "diagram_id")


class Failure(msgspec.Struct):
    code: str
    message: str
    field: str | UnsetType = UNSET
    retry: bool | UnsetType = UNSET


def explain(error: ToolError, tool: str) -> Failure:
    """What went wrong in a call of ``tool``. A crash is logged, and told without its details."""
    match error.__cause__:
        case ValidationError() as cause:
            return _wrong_arguments(cause)
        case ServiceError() as cause:
            retry = True if cause.retry else UNSET
            return Failure(cause.code, _with_next_step(cause), cause.at or UNSET, retry)
        case OperationError() as cause:
            return Failure(cause.code, _with_next_step(cause), cause.at.strip("/") or UNSET)
        case PersistenceError() as cause if cause.code in _TOLD_STORAGE_CODES:
            retry = True if cause.code == "unavailable" else UNSET
            return Failure(cause.code, cause.message, cause.at or UNSET, retry)
        case _:
            logger.error("tool %r crashed", tool, exc_info=error)
            message = "DiagramAI failed inside; nothing is known to have changed. Read, then retry."
            return Failure("internal_error", message, retry=True)


def _with_next_step(error: ServiceError | OperationError) -> str:
    step = _NEXT_STEPS.get((error.code, error.at))
    return error.message if step is None else f"{error.message} {step}"


def _wrong_arguments(error: ValidationError) -> Failure:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    named = [
        (_place(problem["loc"]), _WORDS.get(problem["type"], problem["msg"]))
        for problem in problems[:_MAX_NAMED]
    ]
    text = " ".join(f"{place}: {_sentence(message)}" for place, message in named)
    rest = len(problems) - len(named)
    more = f" And {rest} more." if rest else ""
    return Failure("invalid_arguments", f"{text}{more}", named[0][0] or UNSET)


def _place(steps: Sequence[int | str]) -> str:
    """The path of an argument; pydantic names the kind of a change and union members besides."""
    return "/".join(str(step) for i, step in enumerate(steps) if not _is_tag(steps, i))


def _is_tag(steps: Sequence[int | str], i: int) -> bool:
    step = steps[i]
    if i > 0 and isinstance(steps[i - 1], int) and step in ACTIONS:
        return True
    return i > 0 and step in {"int", "finite-float", "float"}


def _sentence(message: str) -> str:
    message = re.sub(r"^Value error, ", "", message)
    return message[:1].upper() + message[1:].rstrip(".") + "."


def unknown_tool(name: str, known: Iterable[str]) -> Failure:
    message = f"There is no tool {name!r}. The tools are {', '.join(known)}."
    return Failure("unknown_tool", message, "name")


def unknown_argument(name: str, known: Iterable[str]) -> Failure:
    message = f"There is no argument {name!r}. The arguments are {', '.join(known)}."
    return Failure("unknown_argument", message, name)
