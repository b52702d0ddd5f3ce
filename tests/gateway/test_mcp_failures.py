"""How a tool's failure reaches the model, whatever was raised inside."""

import logging
from typing import Any

import msgspec
import pytest
from mcp_types import CallToolResult

from gateway.errors import ServiceError
from gateway.mcp_server import DiagramServer
from gateway.tools.registry import as_tool
from gateway.tools.results import MAX_MESSAGE_LENGTH
from ot.errors import OperationError
from persistence.errors import PersistenceError
from tests.support.mcp import content_of


class Fine(msgspec.Struct):
    ok: bool


class RaisingTools:
    """A tool that raises what it was given."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def fail(self) -> Fine:
        """Fail."""
        raise self._error


async def failure(error: Exception) -> dict[str, Any]:
    server = DiagramServer([as_tool(RaisingTools(error).fail, "Fail")])
    result = await server.call_tool("fail", {})
    assert isinstance(result, CallToolResult)
    assert result.is_error
    told: dict[str, Any] = content_of(result)["error"]
    return told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ServiceError("conflict", "Read again.", "expected_revision"),
            {"code": "conflict", "message": "Read again.", "field": "expected_revision"},
        ),
        (
            ServiceError("overloaded", "Too much.", retry=True),
            {"code": "overloaded", "message": "Too much.", "retry": True},
        ),
        (
            OperationError("not_found", "There is none.", "/nodes/a"),
            {"code": "not_found", "message": "There is none.", "field": "nodes/a"},
        ),
        (
            PersistenceError("unavailable", "Postgres is away."),
            {"code": "unavailable", "message": "Postgres is away.", "retry": True},
        ),
        (
            PersistenceError("outcome_unknown", "The connection was lost."),
            {"code": "outcome_unknown", "message": "The connection was lost."},
        ),
    ],
)
async def test_an_expected_failure_is_told_as_it_is(error: Exception, told: dict[str, Any]) -> None:
    assert await failure(error) == told


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), PersistenceError("corrupt", "row secret cannot be read")]
)
async def test_a_crash_is_logged_and_told_without_its_details(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        told = await failure(error)
    assert (told["code"], told["retry"]) == ("internal_error", True)
    assert "secret" not in str(told)
    assert "secret" in caplog.text


async def test_a_message_is_bounded_and_can_be_sent() -> None:
    told = await failure(ServiceError("invalid", "\ud800" + "x" * 10_000, "y" * 10_000))
    assert len(told["message"]) <= MAX_MESSAGE_LENGTH + len("...")
    assert len(told["field"]) <= MAX_MESSAGE_LENGTH + len("...")
    assert told["message"].startswith("?x")
