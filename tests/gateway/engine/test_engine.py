"""What is worked on at once, and what goes to a process."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.engine import jobs
from gateway.engine.engine import MAX_INLINE_WEIGHT, Engine, weight_of
from gateway.engine.pool import WorkerPool
from gateway.errors import ServiceError
from ot.apply import apply
from ot.diagram import Diagram
from ot.operation import NOTHING


class Recorder(WorkerPool):
    """Does the work at once, and keeps which it was."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    async def run(self, job: Callable[..., Any], *arguments: Any) -> Any:
        self.names.append(job.__name__)
        return jobs.attempt(job, *arguments)


def chain(length: int, label: str = "x") -> Diagram:
    """Nodes one below the other, and the edges between them."""
    nodes = {
        f"n{i}": {"position": {"x": 0, "y": i * 150}, "data": {"label": label}}
        for i in range(length)
    }
    edges = {f"e{i}": {"source": f"n{i}", "target": f"n{i + 1}"} for i in range(length - 1)}
    return Diagram(nodes=nodes, edges=edges)


async def use(engine: Engine, diagram: Diagram) -> None:
    """Everything that neither draws pixels nor lays out."""
    await engine.svg(diagram)
    await engine.mermaid(diagram)
    await engine.check(diagram)


async def test_small_diagrams_need_no_process_and_large_ones_do() -> None:
    pool = Recorder()
    await use(Engine(pool), chain(10))
    assert pool.names == []
    await use(Engine(pool), chain(MAX_INLINE_WEIGHT))
    assert pool.names == ["draw_svg", "write_mermaid", "find_defects"]


async def test_whatever_draws_pixels_or_lays_out_goes_to_a_process() -> None:
    pool = Recorder()
    engine = Engine(pool)
    await engine.png(chain(1))
    await engine.check(chain(1), with_mends=True)
    await engine.layout(chain(1))
    await engine.patch(chain(1), "flowchart TD\n  n0[New]\n")
    await engine.canvas("flowchart TD\n  n0[New]\n")
    assert pool.names == ["draw_png", "find_defects", "lay_out", "patch", "canvas_of"]


async def test_what_has_changed_since_counts_as_well() -> None:
    pool = Recorder()
    await Engine(pool).svg(chain(30), before=chain(30))
    assert pool.names == ["draw_svg"]


def test_texts_weigh_by_their_length() -> None:
    text = Diagram(kind="mermaid", data={"text": "x" * 4_000})
    canvas = Diagram(data={"mermaid": {"source": "x" * 4_000}})
    assert weight_of(text) == weight_of(canvas) == 200
    assert weight_of(chain(2, "short")) == 3
    many = " & ".join(f"a{i}" for i in range(99))
    assert weight_of(Diagram(kind="mermaid", data={"text": f"graph TD\n{many} --> {many}"})) > 9_000
    assert weight_of(chain(2, "x" * 10_000)) == 203
    assert weight_of(Diagram(data={"text": 7, "mermaid": "x"})) == 0


async def test_errors_have_the_code_and_the_place_of_the_part_they_come_from() -> None:
    engine = Engine(Recorder())
    with pytest.raises(ServiceError) as caught:
        await engine.canvas("flowchart TD\n  a[")
    assert caught.value.code == "mermaid_syntax"
    assert caught.value.at.startswith("line ")
    with pytest.raises(ServiceError) as caught:
        await engine.canvas("flowchart TD\n" + "  a --> b\n" * 20_000)
    assert caught.value.code == "mermaid_too_large"


async def test_a_patch_by_the_diagrams_own_text_is_nothing_whatever_the_size() -> None:
    engine = Engine(Recorder())
    for length in (3, MAX_INLINE_WEIGHT):
        diagram = chain(length)
        assert await engine.patch(diagram, await engine.mermaid(diagram)) == NOTHING


async def test_what_a_patch_adds_does_not_lie_on_what_was_there() -> None:
    engine = Engine(Recorder())
    canvas = await engine.canvas("flowchart LR\n  a --> b\n")
    operation = await engine.patch(canvas, "flowchart LR\n  a --> b --> c\n  d --> a\n")
    after = apply(canvas, operation)[0]
    assert {key: after.nodes[key] for key in canvas.nodes} == canvas.nodes
    found = await engine.check(after)
    assert [finding for finding in found if finding.code == "overlap"] == []
