"""Documents that want something else than to be drawn."""

import re
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.render.options import RenderOptions
from gateway.render.picture import render_svg
from gateway.render.png import render_png
from gateway.render.samples import edge, node
from ot.diagram import Diagram, Element, Json
from property_tests.generate import make_diagram
from tests.gateway.render.reading import drawn, parsed, texts, view_box

TEXTS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "]]><svg onload=alert(1)>",
    "&lt;b&gt; &#x3c; &nbsp;",
    "\"' onclick='x'",
    "\x00\x01\x08\x0b\x0c\x1b[31m",
    "\ud800 lone \udfff",
    "\ufffe\uffff",
    "-->",
    "{{7*7}} ${x}",
    "%PDF",
]
COLOURS: list[Json] = [
    "url(https://example.org/x)",
    "url(#a)",
    "javascript:alert(1)",
    "red;background:url(x)",
    'red" onload="x',
    "expression(1)",
    "var(--x)",
    "calc(1px)",
    "rgb(1,2)",
    "rgb(nan,1,1)",
    "currentcolor",
    "inherit",
    "#12345",
    "#" + "f" * 10_000,
    "rgb(" + "9" * 10_000 + ")",
    None,
    7,
    [],
    {},
]
DANGEROUS = re.compile(
    r"url\(|href|<script|<image|<style|<use|\son\w+=|javascript:|nan\b|\binf", re.I
)


def pair(label: str) -> Diagram:
    """Two nodes and an edge, the text in every place where one is shown."""
    nodes = {
        "a": node(label, label, 0, 0, data={"icon": label}),
        label: node("group", label, 300, 0),
        "b": node("process", label, 400, 300, style={"border": label}),
    }
    return Diagram(title=label, nodes=nodes, edges={label or "e": edge("a", "b", label)})


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_stays_a_text(text: str) -> None:
    svg = render_svg(pair(text))
    assert parsed(svg).tag.endswith("svg")
    names = {element.tag.rpartition("}")[2] for element in parsed(svg).iter()}
    assert names <= {"svg", "title", "rect", "g", "path", "text", "tspan"}
    attributes = {name for element in parsed(svg).iter() for name in dict(element.attrib)}
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    assert render_png(pair(text))


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_diagram_stays_a_text(text: str) -> None:
    svg = render_svg(Diagram(title=text, kind="mermaid", data={"text": text}))
    names = {element.tag.rpartition("}")[2] for element in parsed(svg).iter()}
    assert names <= {"svg", "title", "rect", "text", "tspan"}


def test_an_escaped_label_is_read_back_as_it_was() -> None:
    label = "<b>&\"'</b>"
    svg = render_svg(Diagram(nodes={"<&>": node("process", label, 0, 0)}))
    assert texts(drawn(svg, "node")["<&>"]) == [label]


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_no_colour_is_not_drawn_with(colour: Json) -> None:
    keys = ("backgroundColor", "background", "borderColor", "stroke", "color", "fill", "border")
    style = dict.fromkeys(keys, colour)
    nodes = {
        "a": node("process", "A", 0, 0, style=style, data={"color": colour}),
        "b": node("process", "B", 300, 0),
    }
    marker = {"type": "arrow", "color": colour}
    edges = {"e": edge("a", "b", style=style, data={"color": colour}, markerEnd=marker)}
    plain = Diagram(nodes={**nodes, "a": node("process", "A", 0, 0)})
    plain.edges["e"] = edge("a", "b", markerEnd={"type": "arrow"})
    assert render_svg(Diagram(nodes=nodes, edges=edges)) == render_svg(plain)


def test_a_label_of_100_kilobytes_is_drawn_in_bounded_time() -> None:
    started = time.process_time()
    svg = render_svg(Diagram(nodes={"a": node("note", "<&>" * 33_000, 0, 0)}))
    assert time.process_time() - started < 0.5
    lines = texts(drawn(svg, "node")["a"])
    assert len(lines) <= 100
    assert lines[-1].endswith("…")
    assert len(svg) < 100_000


@pytest.mark.parametrize(
    "label", ["مرحبا بالعالم", "שלום", "中文字体很长" * 9, "👩‍💻🇩🇪1️⃣", "नमस्ते สวัสดี"]
)
def test_every_script_is_drawn(label: str) -> None:
    svg = render_svg(Diagram(nodes={"a": node("process", label, 0, 0)}))
    assert "".join(texts(drawn(svg, "node")["a"])).replace(" ", "") == label.replace(" ", "")


NUMBERS: list[Json] = [
    0,
    -0.0,
    1e300,
    -1e300,
    1e-300,
    10**400,
    float("inf"),
    float("nan"),
    "7",
    True,
]


def odd_value(rnd: Random) -> Json:
    simple = [*NUMBERS, *TEXTS, *COLOURS, "", None, [1], {"x": {}}]
    return rnd.choice(simple)


def odd_element(rnd: Random, keys: list[str]) -> Element:
    """An element whose known fields hold anything."""
    style_keys = ("width", "height", "opacity", "borderWidth", "strokeWidth", "strokeDasharray")
    element = {
        "style": {key: odd_value(rnd) for key in style_keys if rnd.random() < 0.3},
        "data": {key: odd_value(rnd) for key in ("label", "icon", "color")},
        "position": {"x": rnd.choice([odd_value(rnd), rnd.uniform(-900, 900)]), "y": 5},
        "source": rnd.choice(keys),
        "target": rnd.choice(keys),
        "markerEnd": {"type": "arrowclosed", "width": odd_value(rnd), "height": odd_value(rnd)},
        "parentId": rnd.choice([None, *keys]),
        "type": rnd.choice(["smoothstep", "decision", "step", "straight", "cloud", "group"]),
    }
    for key in rnd.sample([*element, "width", "height", "zIndex"], 3):
        element[key] = odd_value(rnd)
    return element


def check(diagram: Diagram) -> None:
    svg = render_svg(diagram)
    _, _, width, height = view_box(svg)
    assert 0 < width < 1e9
    assert 0 < height < 1e9
    markup = re.sub(r'>[^<]*<|data-id="[^"]*"', "><", svg)
    assert not DANGEROUS.search(markup)
    assert drawn(svg, "node").keys() <= set(diagram.nodes)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_any_document_gives_a_well_formed_picture(rnd: Random) -> None:
    check(make_diagram(rnd, rnd.randint(0, 8), rnd.randint(0, 8)))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_any_fields_give_a_well_formed_picture(seed: int) -> None:
    rnd = Random(seed)
    keys = [f"n{i}" for i in range(rnd.randint(1, 6))]
    nodes = {key: odd_element(rnd, keys) for key in keys}
    diagram = Diagram(nodes=nodes, edges={f"e{i}": odd_element(rnd, keys) for i in range(6)})
    check(diagram)
    png = render_png(diagram, RenderOptions(max_side_px=200))
    assert png.startswith(b"\x89PNG")
