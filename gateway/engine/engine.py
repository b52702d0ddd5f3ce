"""The engine for whoever is on the event loop: small work at once, all else in a process.

Pixels and layouts always go to a process: the libraries that make them hold the interpreter's lock,
and one of them ends its process where it meets what it cannot lay out.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from gateway.critic.findings import Finding
from gateway.engine import jobs
from gateway.engine.jobs import LayoutWish, Refused
from gateway.engine.pool import WorkerPool
from gateway.engine.progress import Progress
from gateway.errors import ServiceError
from gateway.geometry.fields import edge_label_of, label_of
from gateway.layout.work import Stage
from gateway.render.options import DEFAULT_OPTIONS, RenderOptions
from ot.diagram import Diagram
from ot.operation import Operation

#: Elements, of which 20 characters of Mermaid count as one, that are worked on at once; it takes
#: up to 10 ms.
MAX_INLINE_WEIGHT: Final = 100
#: Characters of Mermaid that weigh as much as an element.
_CHARACTERS_OF_AN_ELEMENT: Final = 20
#: Characters of a label that do; most labels are shorter and weigh nothing.
_CHARACTERS_OF_A_LABEL: Final = 100
#: The stages of a layout in words.
_WORDS: Final[dict[Stage, str]] = {
    "ordering": "Ordering the nodes",
    "placing": "Placing the nodes",
    "joining": "Putting the parts and groups together",
}


def weight_of(diagram: Diagram) -> int:
    """How much work a diagram is, in elements; labels count where there are few of them."""
    count = len(diagram.nodes) + len(diagram.edges)
    if count > MAX_INLINE_WEIGHT:
        return count
    about = diagram.data.get("mermaid")
    source = about.get("source") if isinstance(about, dict) else None
    texts = [label_of(node) for node in diagram.nodes.values()]
    texts += [edge_label_of(edge)[0] for edge in diagram.edges.values()]
    labels = sum(len(text) // _CHARACTERS_OF_A_LABEL for text in texts)
    return count + labels + _weight_of_text(diagram.data.get("text")) + _weight_of_text(source)


def _weight_of_text(text: Any) -> int:
    """Of lists joined by ``&`` every one leads to every one: their product is what they weigh."""
    if not isinstance(text, str):
        return 0
    return len(text) // _CHARACTERS_OF_AN_ELEMENT + (text.count("&") // 2) ** 2


def _free() -> None:
    """Work costs nothing where nobody counts it."""


class Engine:
    """Draws, lays out, checks, and reads and writes Mermaid.

    Every method raises ServiceError: with the code of what was wrong about the request, or
    ``overloaded``, ``engine_timeout``, ``engine_failed``.
    """

    def __init__(self, pool: WorkerPool | None = None) -> None:
        self._pool = pool or WorkerPool()
        #: Called before every piece of work; may raise ServiceError.
        self.on_run: Callable[[], None] = _free

    async def warm(self) -> None:
        """Has a process ready for the first job, which would wait for it half a second or more."""
        await self._pool.warm()

    async def svg(
        self,
        diagram: Diagram,
        options: RenderOptions = DEFAULT_OPTIONS,
        before: Diagram | None = None,
    ) -> str:
        """The picture; what has changed since ``before`` is marked in it."""
        weight = weight_of(diagram) + (0 if before is None else weight_of(before))
        if diagram.kind == "mermaid":
            # It is laid out first.
            weight = max(weight, MAX_INLINE_WEIGHT + 1)
        answer = await self._do(weight, jobs.draw_svg, diagram, options, before)
        assert isinstance(answer, str)
        return answer

    async def png(
        self,
        diagram: Diagram,
        options: RenderOptions = DEFAULT_OPTIONS,
        before: Diagram | None = None,
    ) -> bytes:
        """The picture, always drawn in a process."""
        answer = _answered(await self._run_apart(jobs.draw_png, diagram, options, before))
        assert isinstance(answer, bytes)
        return answer

    async def mermaid(self, diagram: Diagram) -> str:
        """The diagram as Mermaid text."""
        answer = await self._do(weight_of(diagram), jobs.write_mermaid, diagram)
        assert isinstance(answer, str)
        return answer

    async def canvas(self, text: str) -> Diagram:
        """A flowchart or mindmap as nodes and edges, laid out; other kinds as their text."""
        answer = _answered(await self._run_apart(jobs.canvas_of, text))
        assert isinstance(answer, Diagram)
        return answer

    async def patch(self, diagram: Diagram, text: str) -> Operation:
        """The operation on ``diagram`` after which it says what the Mermaid text does."""
        answer = _answered(await self._run_apart(jobs.patch, diagram, text))
        assert isinstance(answer, Operation)
        return answer

    async def check(
        self, diagram: Diagram, *, with_mends: bool = False, largest_layout: int | None = None
    ) -> list[Finding]:
        """What is wrong with the diagram; with what mends it, if wanted, which may be a layout.

        A layout of more than ``largest_layout`` nodes is not made: what needs one has no mend.
        """
        arguments = (diagram, with_mends, largest_layout)
        if with_mends:
            answer = _answered(await self._run_apart(jobs.find_defects, *arguments))
        else:
            answer = await self._do(weight_of(diagram), jobs.find_defects, *arguments)
        assert isinstance(answer, list)
        return answer

    async def check_edit(
        self, before: Diagram, after: Diagram
    ) -> tuple[list[Finding], list[Finding]]:
        """What is wrong before and after an edit, which leaves most of the diagram as it is."""
        weight = weight_of(before) + weight_of(after)
        answer = await self._do(weight, jobs.compare_defects, before, after)
        old, new = answer
        return old, new

    async def layout(
        self,
        diagram: Diagram,
        wish: LayoutWish | None = None,
        report: Callable[[float], None] | None = None,
        *,
        progress: Callable[[float, str], Awaitable[None]] | None = None,
    ) -> Operation:
        """Where the nodes should stand.

        While it takes long, and once at the end, ``report`` is called with a share from 0 to 1, and
        ``progress`` with the same and what is being done, in words. The work does not wait for
        them. Cancelling ends it at once.
        """
        wish = wish or LayoutWish()

        async def tell(share: float, words: str) -> None:
            if report is not None:
                report(share)
            if progress is not None:
                await progress(share, words)

        async def pass_on(now: Progress) -> None:
            await tell(now.share, _WORDS[now.stage])

        is_asked = report is not None or progress is not None
        if is_asked and weight_of(diagram) > MAX_INLINE_WEIGHT:
            job = jobs.lay_out_in_process
            self.on_run()
            answer = _answered(await self._pool.run_telling(pass_on, job, diagram, wish))
        else:
            answer = _answered(await self._run_apart(jobs.lay_out, diagram, wish))
        assert isinstance(answer, Operation)
        await tell(1.0, "Done")
        return answer

    async def run(self, job: Callable[..., Any], *arguments: Any) -> Any:
        """Any other job, always in a process; it may raise what the engine's parts raise."""
        return _answered(await self._run_apart(job, *arguments))

    async def _run_apart(self, job: Callable[..., Any], *args: Any) -> Any:
        self.on_run()
        return await self._pool.run(job, *args)

    async def _do(self, weight: int, job: Callable[..., Any], *arguments: Any) -> Any:
        if weight <= MAX_INLINE_WEIGHT:
            self.on_run()
            return _answered(jobs.attempt(job, *arguments))
        return _answered(await self._run_apart(job, *arguments))


def _answered(answer: Any) -> Any:
    """The answer, unless it is none. Raises ServiceError."""
    if isinstance(answer, Refused):
        raise ServiceError(answer.code, answer.message, answer.at)
    return answer
