"""Fixtures that ask their client something, each in the way of one protocol era."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts.base import Prompt, UserMessage
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
)

from gateway.mcp.server import DiagramServer

Ctx = Context[Any, Any]
Answer = CallToolResult | InputRequiredResult


def _said(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])


def _form(message: str, properties: dict[str, Any]) -> ElicitRequestFormParams:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return ElicitRequestFormParams(message=message, requested_schema=schema)


# Up to 2025-11-25 the server asks while the call waits -----------------------------------------


async def _elicit(context: Ctx, message: str, properties: dict[str, Any]) -> ElicitResult:
    schema = {"type": "object", "properties": properties}
    session = context.request_context.session
    return await session.elicit_form(message, schema, context.request_id)


async def test_sampling(prompt: str, context: Ctx) -> CallToolResult:
    """Asks the client's model."""
    asked = CreateMessageRequestParams(
        messages=[SamplingMessage(role="user", content=TextContent(type="text", text=prompt))],
        max_tokens=100,
    )
    answer = await context.request_context.session._request_outbound.send_raw_request(
        "sampling/createMessage", asked.model_dump(by_alias=True, mode="json", exclude_none=True)
    )
    return _said(f"LLM response: {CreateMessageResult.model_validate(answer).content}")


async def test_elicitation(message: str, context: Ctx) -> CallToolResult:
    """Asks the user."""
    fields = {"response": {"type": "string", "description": "User's response"}}
    answer = await _elicit(context, message, fields)
    return _said(f"User response: {answer.action}, {answer.content}")


async def test_elicitation_sep1034_defaults(context: Ctx) -> CallToolResult:
    """Asks with a default for each kind of field."""
    fields = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "default": True},
    }
    answer = await _elicit(context, "Please provide user information", fields)
    return _said(f"Elicitation completed: {answer.action}, {answer.content}")


async def test_elicitation_sep1330_enums(context: Ctx) -> CallToolResult:
    """Asks with each form of an enumeration."""
    titled = [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]
    options = ["option1", "option2", "option3"]
    fields = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", "enum": options, "enumNames": ["One", "Two", "Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }
    answer = await _elicit(context, "Please select", fields)
    return _said(f"Elicitation completed: {answer.action}, {answer.content}")


# From 2026-07-28 on it answers with a question, and the call is made again with the answer ------

NAME: Final = ElicitRequest(params=_form("What is your name?", {"name": {"type": "string"}}))
CONFIRM: Final = ElicitRequest(params=_form("Please confirm", {"ok": {"type": "boolean"}}))
COLOUR: Final = ElicitRequest(
    params=_form("Step 2: What is your favorite color?", {"color": {"type": "string"}})
)
CONTEXT: Final = ElicitRequest(
    params=_form("What context should the prompt use?", {"context": {"type": "string"}})
)
ROOTS: Final = ListRootsRequest()


def _sample(text: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=100)
    )


def _ask(state: str | None = None, **requests: Any) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def _has(context: Ctx, *names: str) -> bool:
    answers = context.input_responses or {}
    return all(name in answers for name in names)


async def test_input_required_result_elicitation(context: Ctx) -> Answer:
    """Asks for a name."""
    answer = (context.input_responses or {}).get("user_name")
    if not isinstance(answer, ElicitResult) or not answer.content:
        return _ask(user_name=NAME)
    return _said(f"Hello, {answer.content.get('name')}!")


async def test_input_required_result_sampling(context: Ctx) -> Answer:
    """Asks the client's model."""
    if not _has(context, "capital_question"):
        return _ask(capital_question=_sample("What is the capital of France?"))
    return _said("answered")


async def test_input_required_result_list_roots(context: Ctx) -> Answer:
    """Asks for the roots."""
    if not _has(context, "client_roots"):
        return _ask(client_roots=ROOTS)
    return _said(f"{(context.input_responses or {})['client_roots']}")


async def test_input_required_result_request_state(context: Ctx) -> Answer:
    """Asks and gives a state away."""
    if not _has(context, "confirm"):
        return _ask("asked", confirm=CONFIRM)
    return _said("state-ok" if context.request_state == "asked" else "state-lost")


async def test_input_required_result_tampered_state(context: Ctx) -> Answer:
    """Gives a state away that nobody may change."""
    return await test_input_required_result_request_state(context)


async def test_input_required_result_multiple_inputs(context: Ctx) -> Answer:
    """Asks three things at once."""
    if not _has(context, "user_name", "greeting", "client_roots"):
        return _ask(
            "asked", user_name=NAME, greeting=_sample("Generate a greeting"), client_roots=ROOTS
        )
    return _said("answered")


async def test_input_required_result_multi_round(context: Ctx) -> Answer:
    """Asks twice, one after the other."""
    if context.request_state == "second" and _has(context, "step2"):
        return _said("answered")
    if context.request_state == "first" and _has(context, "step1"):
        return _ask("second", step2=COLOUR)
    return _ask("first", step1=NAME)


async def test_input_required_result_capabilities(context: Ctx) -> Answer:
    """Asks only what the client can answer."""
    able = context.client_capabilities
    questions = {
        "user_name": NAME if able and able.elicitation else None,
        "greeting": _sample("Generate a greeting") if able and able.sampling else None,
    }
    asked: dict[str, Any] = {
        name: question for name, question in questions.items() if question is not None
    }
    return _ask(**asked) if asked and not _has(context, *asked) else _said("answered")


async def test_missing_capability(context: Ctx) -> Answer:
    """Needs a client with sampling."""
    able = context.client_capabilities
    if able is None or able.sampling is None:
        needed: dict[str, Any] = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "sampling is needed", needed)
    return _said("done")


async def test_streaming_elicitation(context: Ctx) -> Answer:
    """Tells how far it is, then asks."""
    await context.report_progress(1, 2)
    return _ask(user_name=NAME) if not _has(context, "user_name") else _said("answered")


TOOLS: Final[list[Callable[..., Awaitable[Any]]]] = [
    test_sampling,
    test_elicitation,
    test_elicitation_sep1034_defaults,
    test_elicitation_sep1330_enums,
    test_input_required_result_elicitation,
    test_input_required_result_sampling,
    test_input_required_result_list_roots,
    test_input_required_result_request_state,
    test_input_required_result_tampered_state,
    test_input_required_result_multiple_inputs,
    test_input_required_result_multi_round,
    test_input_required_result_capabilities,
    test_missing_capability,
    test_streaming_elicitation,
]


async def test_input_required_result_prompt(
    context: Ctx,
) -> list[UserMessage] | InputRequiredResult:
    """A prompt that asks first."""
    if not _has(context, "user_context"):
        return _ask(user_context=CONTEXT)
    return [UserMessage("with a context")]


def add_questions(server: DiagramServer) -> None:
    for function in TOOLS:
        server.add_tool(function, structured_output=False)
    server.add_prompt(Prompt.from_function(test_input_required_result_prompt))
