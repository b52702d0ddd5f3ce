"""The prompts: their names, arguments and messages."""

from collections.abc import Mapping
from typing import Final

import msgspec
from mcp_types import EmbeddedResource, PromptMessage, TextContent, TextResourceContents

from gateway.errors import ServiceError
from gateway.prompts import texts
from gateway.prompts.limits import MAX_ARGUMENT_LENGTH
from gateway.resources.contents import REVISION_KEY
from gateway.resources.uris import OUTLINE, uri_of
from gateway.service import Reading

#: The argument that names a diagram, in whichever prompt.
DIAGRAM_ID: Final = "diagram_id"


class Argument(msgspec.Struct, frozen=True):
    name: str
    title: str
    description: str
    required: bool = False


class PromptSpec(msgspec.Struct, frozen=True):
    name: str
    title: str
    description: str
    arguments: tuple[Argument, ...]


_DIAGRAM: Final = Argument(DIAGRAM_ID, "Diagram", "The diagram's id; completed by title", True)

DRAFT: Final = PromptSpec(
    "draft_diagram",
    "Draft a diagram",
    "Draw a new diagram from a description",
    (
        Argument("description", "Description", "What the diagram is to show", True),
        Argument("title", "Title", "The new diagram's title"),
    ),
)
REVIEW: Final = PromptSpec(
    "review_diagram",
    "Review a diagram",
    "Find what is wrong with a diagram, and change it once you agree",
    (_DIAGRAM, Argument("concerns", "Concerns", "What to look at above all")),
)
EXPLAIN: Final = PromptSpec(
    "explain_diagram",
    "Explain a diagram",
    "Tell in words what a diagram says",
    (_DIAGRAM, Argument("audience", "Audience", "Who is to understand it")),
)
TIDY_UP: Final = PromptSpec(
    "tidy_up_diagram",
    "Tidy up a diagram",
    "Put a diagram in order without changing what it says",
    (_DIAGRAM,),
)
FROM_TEXT: Final = PromptSpec(
    "diagram_from_text",
    "Turn a text into a diagram",
    "Draw what a text tells, in a new diagram or in one that exists",
    (
        Argument("text", "Text", "The text", True),
        Argument(DIAGRAM_ID, "Diagram", "The diagram to put it into; without it a new one"),
    ),
)
PROMPTS: Final = {each.name: each for each in (DRAFT, REVIEW, EXPLAIN, TIDY_UP, FROM_TEXT)}


def find_prompt(name: str) -> PromptSpec:
    """Raises ServiceError ``invalid``."""
    prompt = PROMPTS.get(name)
    if prompt is None:
        message = f"There is no prompt {name!r}. The prompts are {', '.join(PROMPTS)}."
        raise ServiceError("invalid", message, "name")
    return prompt


def read_arguments(prompt: PromptSpec, given: Mapping[str, str] | None) -> dict[str, str]:
    """The arguments that were filled in. Raises ServiceError ``invalid`` with the argument."""
    known = {argument.name for argument in prompt.arguments}
    found: dict[str, str] = {}
    for name, value in (given or {}).items():
        if name not in known:
            message = f"{prompt.name} takes {', '.join(sorted(known))} and nothing else."
            raise ServiceError("invalid", message, name)
        if len(value) > MAX_ARGUMENT_LENGTH:
            message = f"{name} has at most {MAX_ARGUMENT_LENGTH} characters; send a part of it."
            raise ServiceError("invalid", message, name)
        # Clients send what a person left empty as empty text.
        if value.strip():
            found[name] = value.strip()
    for argument in prompt.arguments:
        if argument.required and argument.name not in found:
            message = f"{prompt.name} needs {argument.name}: {argument.description}."
            raise ServiceError("invalid", message, argument.name)
    return found


def messages_of(
    prompt: PromptSpec, arguments: Mapping[str, str], reading: Reading | None, outline: str
) -> list[PromptMessage]:
    """What the model gets; ``reading`` is the diagram that the arguments name, if they do, and
    ``outline`` its outline."""
    said = [_instruct(prompt, arguments, reading)]
    said += [arguments[name] for name in ("description", "text") if name in arguments]
    found = [_message(TextContent(type="text", text=text)) for text in said]
    if reading is not None:
        found.append(_message(_embedded(outline, reading)))
    return found


def _instruct(prompt: PromptSpec, arguments: Mapping[str, str], reading: Reading | None) -> str:
    quoted = '"..."' if reading is None else msgspec.json.encode(reading.record.id).decode()
    match prompt.name:
        case DRAFT.name:
            return texts.DRAFT.format(title=_after(", with the title ", arguments.get("title")))
        case REVIEW.name:
            concerns = _after(" Look above all at this: ", arguments.get("concerns"))
            revision = 0 if reading is None else reading.revision
            return texts.REVIEW.format(id=quoted, concerns=concerns, revision=revision)
        case EXPLAIN.name:
            audience = _after(" to this audience: ", arguments.get("audience"))
            return texts.EXPLAIN.format(id=quoted, audience=audience)
        case TIDY_UP.name:
            return texts.TIDY_UP.format(id=quoted)
    where = texts.FROM_TEXT_NEW if reading is None else texts.FROM_TEXT_INTO.format(id=quoted)
    return texts.FROM_TEXT.format(id=quoted, where=where)


def _after(words: str, value: str | None) -> str:
    """The value quoted behind these words, or nothing."""
    return f"{words}{msgspec.json.encode(value).decode()}" if value else ""


def _message(content: TextContent | EmbeddedResource) -> PromptMessage:
    return PromptMessage(role="user", content=content)


def _embedded(outline: str, reading: Reading) -> EmbeddedResource:
    contents = TextResourceContents(
        uri=uri_of(reading.record.id, OUTLINE),
        mime_type=OUTLINE.mime_type,
        text=outline,
        _meta={REVISION_KEY: reading.revision},
    )
    return EmbeddedResource(type="resource", resource=contents)
