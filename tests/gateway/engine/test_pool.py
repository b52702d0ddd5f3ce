"""Processes that work for the event loop: ended, crashed, crowded, and told of their progress."""

import os
from pathlib import Path
from random import Random

import pytest
import trio
import trio.testing
from anyio.to_process import _process_pool_workers

from gateway.engine.engine import _WORDS, Engine
from gateway.engine.jobs import LayoutWish, Refused
from gateway.engine.pool import WorkerPool
from gateway.engine.progress import Progress, ProgressWriter, read_progress
from gateway.errors import ServiceError
from gateway.layout import plan_layout
from gateway.layout.work import STAGES
from gateway.mermaid.errors import MermaidError
from ot.diagram import Diagram, Element
from tests.support.slow_jobs import die, fail, held_at, wait_at, wait_at_with_progress
from tests.support.waiting import wait_until


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


def refuse_text() -> None:
    raise MermaidError("mermaid_syntax", "No.", 3, 4, expected="'-->'")


async def test_a_job_runs_in_a_process_that_is_kept() -> None:
    pool = WorkerPool()
    first, second = await pool.run(os.getpid), await pool.run(os.getpid)
    assert first == second != os.getpid()


async def test_a_pool_that_was_warmed_starts_no_process_for_its_first_jobs() -> None:
    pool = WorkerPool()
    await pool.warm()
    (ready,) = _processes()
    assert await pool.run(os.getpid) == ready
    await pool.warm()
    assert _processes() == {ready}


def _processes() -> set[int]:
    """The processes of the pools of this run that have not ended."""
    return {process.pid for process in _process_pool_workers.get() if process.returncode is None}


async def test_what_is_refused_in_a_process_comes_back_with_its_place() -> None:
    refused = await WorkerPool().run(refuse_text)
    assert refused == Refused("mermaid_syntax", "No; expected '-->'.", "line 3, column 4")


async def test_a_crash_is_a_coded_error_and_the_next_job_works() -> None:
    pool = WorkerPool()
    with pytest.raises(ServiceError) as caught:
        await pool.run(die)
    assert (caught.value.code, caught.value.retry) == ("engine_failed", True)
    assert await pool.run(os.getcwd) == os.getcwd()


async def test_a_defect_in_a_job_is_raised_as_it_is_and_the_process_kept() -> None:
    pool = WorkerPool()
    before = await pool.run(os.getpid)
    with pytest.raises(ZeroDivisionError):
        await pool.run(fail)
    assert await pool.run(os.getpid) == before


async def test_a_job_that_takes_too_long_is_ended(gate: Path) -> None:
    pool = WorkerPool(timeout_seconds=0.05)
    with pytest.raises(ServiceError) as caught:
        await pool.run(wait_at, str(gate))
    assert caught.value.code == "engine_timeout"
    await _wait_for_the_end_of_readers(gate)


async def test_a_cancelled_job_is_ended_and_the_next_one_works(gate: Path) -> None:
    pool = WorkerPool()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pool.run, wait_at, str(gate))
        async with held_at(gate):
            nursery.cancel_scope.cancel()
    assert await pool.run(os.getcwd) == os.getcwd()


async def test_beyond_its_bound_the_queue_refuses(tmp_path: Path) -> None:
    gates = [tmp_path / name for name in ("a", "b", "c")]
    for path in gates:
        os.mkfifo(path)
    pool = WorkerPool(max_waiting=1)
    async with trio.open_nursery() as nursery:
        for path in gates[:2]:
            nursery.start_soon(pool.run, wait_at, str(path))
        async with held_at(gates[0]), held_at(gates[1]):
            nursery.start_soon(pool.run, wait_at, str(gates[2]))
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(ServiceError) as caught:
                await pool.run(os.getpid)
            assert (caught.value.code, caught.value.retry) == ("overloaded", True)
        async with held_at(gates[2]):
            pass


async def test_a_large_layout_tells_how_far_it_is_and_moves_what_a_small_one_would() -> None:
    nodes = {f"n{i}": {"position": {"x": 0, "y": 0}} for i in range(120)}
    edges = {f"e{i}": {"source": f"n{i}", "target": f"n{i * 7 % 120}"} for i in range(120)}
    diagram, told = Diagram(nodes=dict(nodes), edges=dict(edges)), list[float]()
    engine = Engine()
    operation = await engine.layout(diagram, LayoutWish(direction="LR"), told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert operation == await engine.layout(diagram, LayoutWish(direction="LR"))


async def test_progress_comes_with_words_and_goes_up_to_one() -> None:
    told = list[tuple[float, str]]()
    r = Random(1)
    edges = {f"e{i}": _edge(r.randrange(800), r.randrange(800)) for i in range(1_200)}
    diagram = Diagram(nodes={f"n{i}": {} for i in range(800)}, edges=edges)

    async def progress(share: float, words: str) -> None:
        told.append((share, words))

    await Engine().layout(diagram, progress=progress)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "Done")
    assert {words for _, words in told[:-1]} & set(_WORDS.values())


def _edge(source: int, target: int) -> Element:
    return {"source": f"n{source}", "target": f"n{target}"}


def test_what_is_left_of_progress_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    path.write_bytes(b"")
    assert read_progress(str(path)) == Progress(0.0, "ordering")
    writer = ProgressWriter(str(path))
    diagram = Diagram(nodes={"a": {}, "b": {}}, edges={"e": {"source": "a", "target": "b"}})
    seen = list[Progress]()

    def advance(share: float) -> None:
        writer.advance(share)
        seen.append(read_progress(str(path)))

    plan_layout(diagram, progress=advance, stage=writer.enter)
    assert seen[-1] == Progress(1.0, "joining")
    assert {now.stage for now in seen} == set(STAGES)


async def test_a_layout_that_nobody_waits_for_is_ended_with_its_process(gate: Path) -> None:
    pool, told = WorkerPool(), list[Progress]()

    async def tell(now: Progress) -> None:
        told.append(now)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pool.run_telling, tell, wait_at_with_progress, str(gate))
        async with held_at(gate):
            await wait_until(lambda: _is(bool(told)))
            nursery.cancel_scope.cancel()
    await _wait_for_the_end_of_readers(gate)
    assert [now.share for now in told] == [0.5]


async def _is(value: bool) -> bool:
    return value


async def test_a_large_layout_that_is_refused_is_refused_by_its_code_alone() -> None:
    nodes = {f"n{i}": {"position": {"x": 0, "y": 0}} for i in range(120)}
    wish = LayoutWish(only=frozenset({"nobody"}))
    with pytest.raises(ServiceError) as caught:
        await Engine().layout(Diagram(nodes=dict(nodes)), wish, lambda _: None)
    assert (caught.value.code, caught.value.at) == ("unknown_node", "only/nobody")


async def _wait_for_the_end_of_readers(gate: Path) -> None:
    """The process is gone, and with it the one who read from the pipe."""
    with pytest.raises(OSError, match="No such device"):
        os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
