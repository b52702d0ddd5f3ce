"""The examples of docs/agents.md: found, played on a real server, compared, and written anew.

``python -m tests.support.agent_examples`` plays them and writes the answers into the document.
"""

import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import trio
from mcp_types import ImageContent

from persistence.embedded import start_embedded
from persistence.migrate import migrate_blocking
from tests.support.markdown import ROOT, Document
from tests.support.mcp import MODERN, Agent, McpWorld, content_of, open_world
from tests.support.postgres import database_named, run_sql

Json: TypeAlias = Any
Played: TypeAlias = Awaitable[dict[str, Json]]

DOCUMENT: Final = ROOT / "docs" / "agents.md"
#: Below this heading every tool has a heading of its own.
TOOLS: Final = "Tools"
#: Ids that the server makes up.
MADE_UP: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:node|edge)-[0-9a-z]{8}")
#: Fields with points in time.
TIMES: Final = frozenset({"created_at", "updated_at", "last_agent_edit", "at"})
MAX_LINE: Final = 100

_EXCHANGE: Final = re.compile(
    r"^### `(?P<tool>\w+)`$"
    r"|^(?P<before>[^\n]+)\n\n```json\n(?P<arguments>.*?)^```\n\n"
    r"(?P<between>[^\n]+)\n\n```json\n(?P<answer>.*?)^```$",
    re.M | re.S,
)


class Exchange(msgspec.Struct, frozen=True):
    """One call as the document shows it."""

    tool: str
    arguments: dict[str, Json]
    answer: dict[str, Json]
    #: Where the answer stands in the document.
    span: tuple[int, int]
    #: The document says that a picture comes with the answer.
    has_picture: bool = False
    #: The document says that another agent calls.
    by_another: bool = False


def exchanges(document: Document) -> list[Exchange]:
    """All of them in order."""
    heading = f"\n## {TOOLS}\n"
    start = document.text.index(heading) + len(heading) - 1
    return list(_exchanges(document.text, start, start + len(document.section(TOOLS))))


def _exchanges(text: str, start: int, end: int) -> Iterator[Exchange]:
    tool = ""
    for found in _EXCHANGE.finditer(text, start, end):
        if found["tool"]:
            tool = found["tool"]
            continue
        yield Exchange(
            tool,
            json.loads(found["arguments"]),
            json.loads(found["answer"]),
            found.span("answer"),
            has_picture="picture" in found["between"],
            by_another="another agent" in found["before"].lower(),
        )


class Names:
    """Which id of this run stands for which id of the document."""

    def __init__(self, real: dict[str, str] | None = None) -> None:
        self.real = real or {}

    def in_this_run(self, value: Json) -> Json:
        """The value with the ids of this run in the place of the document's."""
        if isinstance(value, dict):
            return {self.in_this_run(k): self.in_this_run(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.in_this_run(item) for item in value]
        if isinstance(value, str):
            return MADE_UP.sub(lambda m: self.real.get(m[0], m[0]), value)
        return value

    def in_the_document(self, value: Json) -> Json:
        """The value with the document's ids in the place of this run's."""
        back = {real: shown for shown, real in self.real.items()}
        return Names(back).in_this_run(value)

    def learn(self, shown: Json, real: Json) -> None:
        """Which ids stand in the same place of both."""
        if isinstance(shown, dict) and isinstance(real, dict):
            for key, value in shown.items():
                self.learn(value, real.get(self.in_this_run(key)))
        elif isinstance(shown, list) and isinstance(real, list):
            for one, other in zip(shown, real, strict=False):
                self.learn(one, other)
        elif isinstance(shown, str) and isinstance(real, str):
            is_known = shown in self.real or real in self.real.values()
            if not is_known and MADE_UP.fullmatch(shown) and MADE_UP.fullmatch(real):
                self.real[shown] = real


def untimed(value: Json) -> Json:
    """The value with the same text for every point in time. Raises ValueError for what is none."""
    if isinstance(value, dict):
        return {key: _time(item) if key in TIMES else untimed(item) for key, item in value.items()}
    return [untimed(item) for item in value] if isinstance(value, list) else value


def _time(text: str | None) -> str | None:
    return None if text is None else type(datetime.fromisoformat(text)).__name__


@asynccontextmanager
async def playing(world: McpWorld, mode: str = MODERN) -> AsyncIterator[Callable[..., Played]]:
    """Plays exchanges as the agents of the document: gives what an exchange is answered."""
    async with world.agent("my-agent", mode) as mine, world.agent("other-agent", mode) as other:

        async def play(exchange: Exchange, names: Names) -> dict[str, Json]:
            return await _play(other if exchange.by_another else mine, exchange, names)

        yield play


async def _play(agent: Agent, exchange: Exchange, names: Names) -> dict[str, Json]:
    arguments = names.in_this_run(exchange.arguments)
    result = await agent.result(exchange.tool, **arguments)
    answer = content_of(result)
    assert result.is_error == ("error" in answer)
    pictures = [block for block in result.content if isinstance(block, ImageContent)]
    assert len(pictures) == exchange.has_picture, f"{exchange.tool} and its picture"
    names.learn(exchange.answer, answer)
    return answer


def written(value: Json, indent: int = 0, used: int = 0) -> str:
    """JSON for readers: whatever fits into a line is in one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + used + len(flat) <= MAX_LINE or not isinstance(value, dict | list) or not value:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: "
            f"{written(item, indent + 2, len(json.dumps(key, ensure_ascii=False)) + 3)}"
            for key, item in value.items()
        ]
        opening, closing = "{", "}"
    else:
        lines = [f"{inner}{written(item, indent + 2, 1)}" for item in value]
        opening, closing = "[", "]"
    return "\n".join([opening, ",\n".join(lines), " " * indent + closing])


async def _rewrite(database_url: str, path: Path) -> None:
    """Plays the document's calls and puts what is answered into it."""
    document, names = Document(path), Names()
    found = exchanges(document)
    answers: list[str] = []
    async with open_world(database_url) as world, playing(world) as play:
        for exchange in found:
            answer = await play(exchange, names)
            answers.append(written(names.in_the_document(answer)) + "\n")
    text = document.text
    for exchange, put in reversed(list(zip(found, answers, strict=True))):
        text = text[: exchange.span[0]] + put + text[exchange.span[1] :]
    path.write_text(text, encoding="utf-8")


def main(folder: str) -> None:
    """Rewrites the document with a database in ``folder``."""
    server = start_embedded(folder)
    try:
        run_sql(server.url, "DROP DATABASE IF EXISTS examples", "CREATE DATABASE examples")
        url = database_named(server.url, "examples")
        migrate_blocking(url)
        trio.run(partial(_rewrite, url, DOCUMENT))
    finally:
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1])
