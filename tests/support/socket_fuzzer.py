"""Throws messages at a server's socket, by several participants at once, and counts what is left.

``python -m tests.support.socket_fuzzer --messages 200000`` does it at length.
"""

import gc
import logging
import tempfile
import time
from collections import Counter
from random import Random
from typing import Any, Final

import click
import msgspec
import psutil  # type: ignore[import-untyped]
import trio
import trio_websocket

from gateway.identity import FULL_ACCESS, READ
from gateway.legacy import LegacyFollower
from gateway.local_access import MAX_RATE_LIMIT, create_agent
from gateway.session import Session
from gateway.templates import make_template
from gateway.websocket_connection import WebSocketConnection
from persistence.embedded import start_embedded
from persistence.migrate import migrate_blocking
from tests.support.serving import PERSON, Site, open_site
from tests.support.socket_client import Socket, open_socket
from tests.support.socket_grammar import Grammar
from tests.support.waiting import wait_until

#: Messages between two looks at whether anything is answered at all.
BATCH: Final = 50
#: Messages after which a connection is left, mostly without a good-bye.
CONNECTION: Final = 1_000
PATIENCE_SECONDS: Final = 60.0
#: What a server may close with, and why: what is no text, too long, or too much of it; a sign-out.
MAY_CLOSE: Final = frozenset({1003, 1007, 1008, 1009, 4401})
#: What is one for each connection, and has to be gone with it.
RECEIVERS: Final = (Session, LegacyFollower, WebSocketConnection)


class Findings(msgspec.Struct):
    """What came of it: answers by their codes, and what should not be."""

    sent: int = 0
    seconds: float = 0.0
    answers: Counter[str] = msgspec.field(default_factory=Counter)
    faults: list[str] = []
    tasks: int = 0
    receivers: int = 0
    followed: int = 0
    #: Bytes of the process at a fifth of the way, and at the end.
    memory: tuple[int, int] = (0, 0)


class _Errors(logging.Handler):
    def __init__(self, faults: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        self.faults.append(f"logged: {record.getMessage()[:300]}")


async def fuzz(site: Site, messages: int, seed: int) -> Findings:
    """Sends that many messages. Afterwards everything is as it was, or ``faults`` says what not."""
    findings, listener = Findings(), _Errors([])
    logging.getLogger().addHandler(listener)
    process = psutil.Process()
    tasks, began = _count_tasks(), time.monotonic()
    try:
        doors = await _make_doors(site)
        warm = _Fuzzer(site, doors, Random(seed), findings)
        await warm.run(messages // 5)
        first = process.memory_info().rss
        await warm.run(messages - messages // 5)
        findings.memory = first, process.memory_info().rss
    finally:
        logging.getLogger().removeHandler(listener)
    findings.seconds = time.monotonic() - began
    findings.faults += listener.faults
    await _count_what_is_left(site, findings, tasks)
    return findings


async def _make_doors(site: Site) -> list[dict[str, str]]:
    credentials = site.serving.credentials
    full = await create_agent(credentials, "fuzz-full", [FULL_ACCESS], rate_limit=MAX_RATE_LIMIT)
    reader = await create_agent(credentials, "fuzz-reads", [READ], rate_limit=MAX_RATE_LIMIT)
    slow = await create_agent(credentials, "fuzz-slow", [FULL_ACCESS], rate_limit=60)
    keys = [{"authorization": f"Bearer {each.key}"} for each in (full, reader, slow)]
    return [{"cookie": site.cookie}, *keys]


class _Fuzzer:
    def __init__(
        self, site: Site, doors: list[dict[str, str]], random: Random, findings: Findings
    ) -> None:
        self._site = site
        self._doors = doors
        self._random = random
        self._findings = findings

    async def run(self, messages: int) -> None:
        share = messages // len(self._doors)
        ids, uuids = [self._site.diagram_id], [self._site.diagram_uuid]
        for number in range(2):
            record = await self._site.serving.service.create(
                PERSON, diagram=make_template("flowchart", f"Fuzzed {number}", None)
            )
            ids.append(record.id)
            uuids.append(record.uuid)
        async with trio.open_nursery() as nursery:
            for headers in self._doors:
                grammar = Grammar(Random(self._random.random()), ids, uuids)
                nursery.start_soon(self._participate, headers, grammar, share)

    async def _participate(self, headers: dict[str, str], grammar: Grammar, share: int) -> None:
        while share > 0:
            count = min(share, CONNECTION)
            share -= count
            try:
                async with open_socket(self._site.socket_url, headers) as socket:
                    await self._converse(socket, grammar, count)
                    if self._random.random() < 0.7:
                        # Gone without a good-bye.
                        await trio.aclose_forcefully(socket.connection._stream)
            except* (trio_websocket.ConnectionClosed, trio.BrokenResourceError, OSError):
                # Looked at where it happened; also what became of one that left.
                pass

    async def _converse(self, socket: Socket, grammar: Grammar, count: int) -> None:
        sent = 0
        while sent < count:
            batch = min(BATCH, count - sent)
            try:
                with trio.fail_after(PATIENCE_SECONDS):
                    for _ in range(batch):
                        await socket.connection.send_message(grammar.next())
                    await socket.send({"type": "ping", "id": f"batch {sent}"})
                    await self._hear_out(socket, f"batch {sent}")
            except trio.TooSlowError:
                self._findings.faults.append("a connection is stuck")
                return
            except trio_websocket.ConnectionClosed as closed:
                code = closed.reason.code if closed.reason else None
                if code not in MAY_CLOSE:
                    self._findings.faults.append(f"closed with {code}")
                return
            finally:
                self._findings.sent += batch
            sent += batch

    async def _hear_out(self, socket: Socket, until: str) -> None:
        while True:
            told: dict[str, Any] = msgspec.json.decode(await socket.connection.get_message())
            code = told.get("code") or told["type"]
            self._findings.answers[code] += 1
            if code == "internal_error":
                self._findings.faults.append(str(told)[:300])
            if told["type"] == "pong" and told.get("id") == until:
                return


async def _count_what_is_left(site: Site, findings: Findings, tasks: int) -> None:
    serving = site.serving

    async def all_gone() -> bool:
        return not serving.live.handles() and not _receivers() and _count_tasks() <= tasks + 5

    with trio.move_on_after(20):
        await wait_until(all_gone)
    findings.receivers = len(_receivers())
    findings.followed = sum(each["subscribers"] for each in serving.registry.statistics().values())
    # The actor of each of five diagrams stays in memory for a while; it is no leak.
    findings.tasks = _count_tasks() - tasks - len(serving.registry.statistics())


def _receivers() -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, RECEIVERS)]


def _count_tasks() -> int:
    return trio.lowlevel.current_statistics().tasks_living


async def _at_length(url: str, messages: int, seed: int) -> Findings:
    async with open_site(url) as site:
        return await fuzz(site, messages, seed)


@click.command()
@click.option("--messages", default=200_000, show_default=True)
@click.option("--seed", default=20_261_124, show_default=True)
def main(messages: int, seed: int) -> None:
    """Throw messages at the socket of a server of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = start_embedded(folder)
        try:
            migrate_blocking(server.url)
            found = trio.run(_at_length, server.url, messages, seed)
        finally:
            server.stop()
    before, after = (size // 2**20 for size in found.memory)
    click.echo(f"{found.sent} messages in {found.seconds:.0f} s, {before} then {after} MiB")
    click.echo(
        f"left: {found.tasks} tasks, {found.receivers} receivers, {found.followed} followers"
    )
    for code, count in found.answers.most_common():
        click.echo(f"{count:>9} {code}")
    for fault in found.faults[:20]:
        click.echo(f"FAULT {fault}")
    raise SystemExit(1 if found.faults or found.receivers or found.tasks > 0 else 0)


if __name__ == "__main__":
    main()
