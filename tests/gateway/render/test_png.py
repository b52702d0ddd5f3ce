"""PNG pictures: the same bytes everywhere, within their bounds, quickly, and off the event loop."""

import hashlib
import random
import threading
import time

import pytest
from anyio import to_process

from gateway.render import png as png_module
from gateway.render.fonts import FONT_FILES, family_runs
from gateway.render.limits import MAX_PNG_BYTES, MAX_SIDE_PX
from gateway.render.marks import marks_between
from gateway.render.options import RenderError, RenderOptions
from gateway.render.png import render_png
from gateway.render.samples import changed_flow, edge, edge_kinds, node, node_types, order_flow
from ot.diagram import Diagram
from tests.gateway.render.reading import first_pixel, png_size

#: The first 16 digits of SHA-256; a change of looks, of a font or of resvg changes them.
GOLDEN = {
    "node types": "898c754366bf0eb7",
    "edges": "e572659e61acf8e6",
    "dark": "964fa961db13f272",
    "marks": "3e54ea2cdd9a2f24",
}


def golden_pictures() -> dict[str, bytes]:
    before, after = changed_flow()
    small = 600
    return {
        "node types": render_png(node_types(), RenderOptions(max_side_px=small)),
        "edges": render_png(edge_kinds(), RenderOptions(max_side_px=small)),
        "dark": render_png(order_flow(), RenderOptions(theme="dark", max_side_px=small)),
        "marks": render_png(
            after, RenderOptions(marks=marks_between(before, after), max_side_px=small)
        ),
    }


def large(nodes: int) -> Diagram:
    """A diagram as people draw them, 25 nodes in a row, each joined to the next."""
    kinds = ("process", "decision", "database", "document", "cloud")
    boxes = {
        f"n{i}": node(kinds[i % 5], f"Step number {i}", i % 25 * 200, i // 25 * 140)
        for i in range(nodes)
    }
    edges = {
        f"e{i}": edge(f"n{i}", f"n{i + 1}", "next" if i % 5 == 1 else "") for i in range(nodes - 1)
    }
    return Diagram(nodes=boxes, edges=edges)


def test_pictures_are_what_they_were() -> None:
    found = {name: hashlib.sha256(png).hexdigest()[:16] for name, png in golden_pictures().items()}
    assert found == GOLDEN


def test_the_longer_side_is_as_long_as_asked() -> None:
    assert max(png_size(render_png(large(60)))) == MAX_SIDE_PX
    assert max(png_size(render_png(large(60), RenderOptions(max_side_px=300)))) == 300


def test_a_small_diagram_is_drawn_at_twice_its_size_and_no_larger() -> None:
    png = render_png(Diagram(nodes={"a": node("process", "A", 0, 0)}))
    assert png_size(png) == (2 * (150 + 48), 2 * (50 + 48))


def test_a_picture_of_too_many_bytes_is_drawn_smaller() -> None:
    full = render_png(large(60))
    bound = len(full) // 3
    smaller = render_png(large(60), RenderOptions(max_bytes=bound))
    assert len(smaller) <= bound
    assert max(png_size(smaller)) > MAX_SIDE_PX / 6


def test_a_bound_that_cannot_be_kept_is_said_so() -> None:
    rnd = random.Random(1)
    nodes = {
        f"n{i}": node(
            "rectangle", "", i % 40 * 20, i // 40 * 20, width=20, height=20,
            style={"backgroundColor": f"#{rnd.randrange(2**24):06x}"},
        )
        for i in range(1_600)
    }  # fmt: skip
    with pytest.raises(RenderError) as caught:
        render_png(Diagram(nodes=nodes), RenderOptions(max_bytes=4_096))
    assert caught.value.code == "too_large"


def test_500_nodes_take_little_time_and_keep_the_default_bounds() -> None:
    diagram = large(500)
    started = time.process_time()
    png = render_png(diagram)
    # A fifth of it on a quiet machine; this finds what is slower by a whole order.
    assert time.process_time() - started < 1.5
    assert len(png) <= MAX_PNG_BYTES
    assert max(png_size(png)) <= MAX_SIDE_PX


def test_the_background_is_as_asked() -> None:
    diagram = order_flow()
    assert first_pixel(render_png(diagram)) == (0xF6, 0xF7, 0xFA, 255)
    dark = render_png(diagram, RenderOptions(theme="dark"))
    assert first_pixel(dark) == (0x14, 0x17, 0x1E, 255)
    clear = render_png(diagram, RenderOptions(background="transparent"))
    assert first_pixel(clear) == (0, 0, 0, 0)


async def test_a_picture_is_drawn_in_a_worker_process() -> None:
    diagram = order_flow()
    options = RenderOptions(marks=marks_between(*changed_flow()))
    png = await to_process.run_sync(render_png, diagram, options)
    assert png == render_png(diagram, options)


def test_pictures_drawn_at_once_are_the_same() -> None:
    diagram, found = order_flow(), []
    workers = [threading.Thread(target=lambda: found.append(render_png(diagram))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_fonts_are_there() -> None:
    for path in FONT_FILES:
        with open(path, "rb") as font:
            assert font.read(4) in {b"\x00\x01\x00\x00", b"OTTO"}


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("plain", [(None, "plain")]),
        ("Größe", [(None, "Größe")]),
        ("a 中文 b", [(None, "a "), ("Noto Sans CJK TC", "中文"), (None, " b")]),
        ("שלום עולם", [("Noto Sans Hebrew", "שלום עולם")]),
        ("ok ✅", [(None, "ok "), ("Noto Emoji", "✅")]),
        ("👩‍💻", [("Noto Emoji", "👩‍💻")]),
        ("1️⃣", [("Noto Emoji", "1️⃣")]),
    ],
)
def test_each_script_has_its_font(text: str, runs: list[tuple[str | None, str]]) -> None:
    found = [(family and family.split(",")[0], part) for family, part in family_runs(text)]
    assert found == runs


@pytest.mark.parametrize(
    "letter", ["é", "Ж", "Ω", "中", "한", "か", "ש", "ع", "न", "ব", "ท", "த", "🚀", "→", "█", "∑"]
)
def test_no_letter_is_drawn_as_a_missing_one(letter: str) -> None:
    def picture(text: str) -> bytes:
        options = RenderOptions(max_side_px=200)
        return render_png(Diagram(nodes={"a": node("process", text, 0, 0)}), options)

    assert picture(letter) != picture("\ue123")
    assert picture(letter) != picture("")


def tangle(count: int) -> Diagram:
    """Nodes strewn over the plane, and as many lines between any two of them."""
    r = random.Random(5)
    places = [(r.randrange(4_000), r.randrange(4_000)) for _ in range(count)]
    nodes = {f"n{i}": node("process", f"Node {i}", x, y) for i, (x, y) in enumerate(places)}
    keys = sorted(nodes)
    edges = {f"e{i}": edge(r.choice(keys), r.choice(keys), type="default") for i in range(count)}
    return Diagram(nodes=nodes, edges=edges)


def test_a_picture_that_is_surely_too_large_is_not_drawn_in_vain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []

    def counted(svg: str) -> bytes:
        png = drawn(svg)
        sizes.append(len(png))
        return png

    drawn = png_module._drawn
    monkeypatch.setattr(png_module, "_drawn", counted)
    png = render_png(tangle(500))
    assert sizes == [len(png)]
    assert MAX_PNG_BYTES / 2 < len(png) <= MAX_PNG_BYTES
