"""Deleting: what must be said for it, and what the user is asked where the client can ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Literal

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from gateway.identity import EDIT, READ
from gateway.service import DiagramService
from ot.operation import Operation, Set, Update
from tests.support.mcp import ERAS, STREAMED, Agent, McpWorld
from tests.support.serving import PERSON
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

#: Of agents, whose names are taken for good.
NUMBERS = count()
Action = Literal["accept", "decline", "cancel"]


class User:
    """Who answers the forms that a client shows."""

    def __init__(self, action: Action, *, delete: bool = True) -> None:
        self._answer = ElicitResult(
            action=action, content={"delete": delete} if action == "accept" else None
        )
        self.asked: list[str] = []

    async def answer(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        assert params.requested_schema["properties"].keys() == {"delete"}
        self.asked.append(params.message)
        return self._answer


@asynccontextmanager
async def agent_of(
    world: McpWorld, user: User, mode: str, permissions: tuple[str, ...] = ("full_access",)
) -> AsyncIterator[Agent]:
    """An agent whose client can show its user a form."""
    key = await world.key(f"agent-{next(NUMBERS)}", permissions)
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http,
        Client(
            streamable_http_client(world.url, http_client=http),
            mode=mode,
            elicitation_callback=user.answer,
        ) as client,
    ):
        await client.list_tools()
        yield Agent(client)


async def is_there(service: DiagramService, identifier: str) -> bool:
    records, _ = await service.list(PERSON)
    return identifier in {record.id for record in records}


@pytest.mark.parametrize("mode", ERAS)
async def test_a_user_who_can_be_asked_is_asked_and_may_refuse(world: McpWorld, mode: str) -> None:
    service = world.serving.service
    for user in (User("decline"), User("cancel"), User("accept", delete=False)):
        async with agent_of(world, user, mode) as agent:
            identifier = await agent.new_diagram("Plan", template="flowchart")
            error = await agent.error("delete_diagram", diagram_id=identifier, confirm=True)
            assert error["code"] == "declined"
            assert user.asked == ["Move the diagram 'Plan' with 4 nodes to the trash?"]
            assert await is_there(service, identifier)
    user = User("accept")
    async with agent_of(world, user, mode) as agent:
        answer = await agent.call("delete_diagram", diagram_id=identifier, confirm=True)
        assert answer["deleted"] is True
        assert len(user.asked) == 1
        assert not await is_there(service, identifier)


@pytest.mark.parametrize("mode", ERAS)
async def test_no_answer_stands_for_the_confirmation_the_permission_or_the_revision(
    world: McpWorld, mode: str
) -> None:
    user = User("accept")
    async with world.agent() as maker:
        identifier = await maker.new_diagram("Plan")
    async with agent_of(world, user, mode) as agent:
        error = await agent.error("delete_diagram", diagram_id=identifier, confirm=False)
        assert (error["code"], error["field"]) == ("confirmation_required", "confirm")
        error = await agent.error(
            "delete_diagram", diagram_id=identifier, confirm=True, expected_revision=7
        )
        assert (error["code"], error["field"]) == ("conflict", "expected_revision")
        error = await agent.error("delete_diagram", diagram_id="none", confirm=True)
        assert error["code"] == "not_found"
    async with agent_of(world, user, mode, (READ, EDIT)) as agent:
        error = await agent.error("delete_diagram", diagram_id=identifier, confirm=True)
        assert error["code"] == "forbidden"
    assert user.asked == []
    assert await is_there(world.serving.service, identifier)


async def test_a_diagram_that_changes_while_the_user_thinks_is_not_deleted(
    world: McpWorld,
) -> None:
    service = world.serving.service

    class SlowUser(User):
        async def answer(self, context: object, params: ElicitRequestParams) -> ElicitResult:
            reading = await service.read(PERSON, identifier)
            describe = Operation(diagram=Update({"/description": Set("Important")}))
            await service.submit(PERSON, identifier, describe, reading)
            return await super().answer(context, params)

    user = SlowUser("accept")
    async with agent_of(world, user, "auto") as agent:
        identifier = await agent.new_diagram("Plan")
        error = await agent.error(
            "delete_diagram", diagram_id=identifier, confirm=True, expected_revision=0
        )
    assert (error["code"], len(user.asked)) == ("conflict", 1)
    assert await is_there(service, identifier)


async def test_the_answer_of_a_client_that_was_not_asked_counts_for_nothing(
    world: McpWorld,
) -> None:
    """The question is not an argument: nobody can answer it in the call."""
    async with world.agent() as agent:
        identifier = await agent.new_diagram("Plan")
        error = await agent.error(
            "delete_diagram", diagram_id=identifier, confirm=False, answer={"delete": True}
        )
        assert (error["code"], error["field"]) == ("unknown_argument", "answer")
        tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
        assert tools["delete_diagram"].input_schema["properties"].keys() == {
            "diagram_id", "confirm", "expected_revision",
        }  # fmt: skip
