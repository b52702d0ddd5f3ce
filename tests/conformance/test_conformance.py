"""Our server holds what both revisions of the protocol require, as their authors test it."""

from pathlib import Path

import pytest

from tests.conformance.server import serve_fixtures
from tests.conformance.suite import (
    EXPECTED_FAILURES,
    REVISIONS,
    expected_failures,
    install_in_thread,
    run_suite,
)
from tests.support.mcp import McpWorld, world

__all__ = ["world"]

#: Scored scenarios of the fixed requirements.
REQUIRED = {"2025-11-25": 30, "2026-07-28": 37}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_server_holds_what_the_protocol_requires(
    world: McpWorld, revision: str, tmp_path: Path
) -> None:
    await install_in_thread()
    async with serve_fixtures(world.serving) as url:
        outcome = await run_suite(url, revision, tmp_path)
    assert outcome.failed() <= expected_failures(), outcome.output
    assert len(outcome.passed()) >= REQUIRED[revision], outcome.output
    assert outcome.status == 0, outcome.output


def test_each_expected_failure_has_a_reason() -> None:
    lines = EXPECTED_FAILURES.read_text("utf-8").splitlines()
    listed = [number for number, line in enumerate(lines) if line.startswith("  - ")]
    assert len(listed) == len(expected_failures())
    first = [number for number in listed if number - 1 not in listed]
    assert all(lines[number - 1].startswith("  #") for number in first)


async def test_in_production_there_are_no_fixtures(world: McpWorld) -> None:
    async with world.agent() as agent:
        names = {tool.name for tool in (await agent.client.list_tools()).tools}
    assert not [name for name in names if name.startswith("test_")]
