"""How long an agent's calls take on a large diagram: ``python -m benchmarks.agents``.

A real server in a process of its own. First each tool is called by one agent alone, then by many at
once on one diagram and on a diagram each; every answer has to be a good one.
"""

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import click
import trio

from tests.support.mcp import ERAS, MODERN
from tests.support.mcp_raw import RawAgent, raw_agent
from tests.support.server import run_command, run_server

COLUMNS = 25
#: Nodes that one call adds, with an edge between each two.
AT_ONCE = 250
TEXT = "flowchart TD\n" + "\n".join(f"  a{i}[Step {i}] --> a{i + 1}" for i in range(99))

#: Durations in milliseconds, by tool.
Times: TypeAlias = dict[str, list[float]]


def node(at: int) -> dict[str, Any]:
    place = {"x": at % COLUMNS * 220, "y": at // COLUMNS * 140}
    return {"type": "process", "label": f"Step {at}", "position": place}


def some(first: int, count: int) -> list[dict[str, Any]]:
    """Changes that add nodes, each joined to the next."""
    numbers = range(first, first + count)
    nodes = [{"action": "add_node", "name": f"n{i}", "node_data": node(i)} for i in numbers]
    edges = [
        {"action": "add_edge", "source_node_id": f"n{i}", "target_node_id": f"n{i + 1}"}
        for i in numbers[:-1]
    ]
    return [*nodes, *edges]


class Worker:
    """One agent with a diagram and nodes of its own in it."""

    def __init__(self, agent: RawAgent, times: Times) -> None:
        self._agent = agent
        self._times = times
        self._turn = 0

    async def call(self, tool: str, as_: str = "", **arguments: Any) -> dict[str, Any]:
        begun = time.perf_counter()
        answer = await self._agent.call(tool, **arguments)
        milliseconds = (time.perf_counter() - begun) * 1_000
        self._times.setdefault(as_ or tool, []).append(milliseconds)
        return answer

    async def new_diagram(self, nodes: int) -> str:
        """A diagram of ``nodes`` nodes in a grid, each joined to the next."""
        diagram: str = (await self._agent.call("create_diagram", title="Benchmark"))["diagram_id"]
        for first in range(0, nodes, AT_ONCE):
            changes = some(first, min(AT_ONCE, nodes - first))
            await self._agent.call("apply_changes", diagram_id=diagram, changes=changes)
        return diagram

    async def round(self, diagram: str) -> None:
        """Every tool that edits or reads, once."""
        on = partial(self.call, diagram_id=diagram)
        self._turn += 1
        begun = (await on("get_diagram_info"))["revision"]
        one, two = [
            (await on("add_node", node_data=node(self._turn + i)))["node_id"] for i in range(2)
        ]
        await on("update_node", node_id=one, updates={"data": {"label": "Renamed"}})
        edge = await on("add_edge", source_node_id=one, target_node_id=two)
        await on("update_edge", edge_id=edge["edge_id"], updates={"label": "then"})
        await on("delete_edge", edge_id=edge["edge_id"])
        await on("apply_changes", changes=self._changes(one))
        await on("get_changes", since_revision=begun)
        await on("undo_changes", last_n=1)
        for name in (one, two):
            await on("delete_node", node_id=name)
        for form in ("outline", "reactflow", "both"):
            await on("read_diagram", f"read_diagram {form}", format=form)
        await self.call("list_diagrams")

    def _changes(self, at: str) -> list[dict[str, Any]]:
        moved = {"position": {"x": self._turn, "y": self._turn}}
        return [{"action": "update_node", "node_id": at, "updates": moved}, *some(0, 5)]

    async def slow_round(self, diagram: str) -> None:
        """The tools whose work is done in other processes, and diagrams as a whole."""
        on = partial(self.call, diagram_id=diagram)
        await on("check_diagram")
        await on("render_diagram")
        await on("apply_changes", "apply_changes dry_run", changes=some(0, 5), dry_run=True)
        await on("layout_diagram")
        made = await self.call("create_diagram", title="Small")
        of_text = partial(self.call, diagram_id=made["diagram_id"])
        await of_text("write_mermaid", mermaid_syntax=TEXT)
        await of_text("delete_diagram", confirm=True)


async def measure(agents: int, nodes: int, rounds: int) -> list[tuple[str, Times]]:
    """Titles, and the times of each tool."""
    with tempfile.TemporaryDirectory(prefix="diagramai-agents-") as data:
        folder = Path(data)
        async with run_server(folder) as server, AsyncExitStack() as stack:
            told = await run_command(
                folder, ["agents", "create", "bench", "--rate-limit", "1000000"]
            )
            key = next(word for word in told.split() if word.startswith("dai_"))
            url = f"{server.base_url}/mcp"
            connect = partial(raw_agent, url, key)
            crowd = [await stack.enter_async_context(connect(ERAS[i % 2])) for i in range(agents)]
            first = await stack.enter_async_context(connect(MODERN))
            return await _measure(first, crowd, nodes, rounds)


async def _measure(
    first: RawAgent, crowd: Sequence[RawAgent], nodes: int, rounds: int
) -> list[tuple[str, Times]]:
    alone: Times = {}
    worker = Worker(first, alone)
    diagram = await worker.new_diagram(nodes)
    for _ in range(rounds):
        await worker.round(diagram)
    for _ in range(max(1, rounds // 5)):
        await worker.slow_round(diagram)
    together: Times = {}
    workers = [Worker(agent, together) for agent in crowd]
    await _all([partial(each.round, diagram) for each in workers])
    apart: Times = {}
    own = [Worker(agent, apart) for agent in crowd]
    diagrams = [await worker.new_diagram(nodes) for _ in own]
    await _all([partial(each.round, at) for each, at in zip(own, diagrams, strict=True)])
    return [
        (f"one agent, {nodes} nodes", alone),
        (f"{len(crowd)} agents at once on one diagram of {nodes} nodes", together),
        (f"{len(crowd)} agents at once, a diagram of {nodes} nodes each", apart),
    ]


async def _all(calls: Sequence[Callable[[], Awaitable[None]]]) -> None:
    async with trio.open_nursery() as nursery:
        for call in calls:
            nursery.start_soon(call)


def table(title: str, times: Times) -> str:
    lines = [f"\n{title}", "", "| tool | calls | p50 ms | p95 ms |", "|---|---|---|---|"]
    for tool, values in sorted(times.items()):
        values.sort()
        p95 = values[min(len(values) - 1, int(len(values) * 0.95))]
        lines.append(f"| {tool} | {len(values)} | {statistics.median(values):.1f} | {p95:.1f} |")
    return "\n".join(lines)


@click.command()
@click.option("--agents", default=50, show_default=True, help="At once.")
@click.option("--nodes", default=500, show_default=True, help="Of the diagrams.")
@click.option("--rounds", default=20, show_default=True, help="Of one agent alone.")
def main(agents: int, nodes: int, rounds: int) -> None:
    """Prints p50 and p95 of each tool."""
    for title, times in trio.run(measure, agents, nodes, rounds):
        print(table(title, times))


if __name__ == "__main__":
    main()
