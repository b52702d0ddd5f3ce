"""What is said about a text that is refused: the code, the place, and what was expected."""

import pytest

from gateway.mermaid.document import import_mermaid
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.source import read_source


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("flowchart TD\n  A -->\n", 3, 1, "a node"),
        ("flowchart TD\n  A[one\n", 3, 1, "the closing bracket of the label"),
        ("flowchart TD\n  A[one (two)]", 2, 9, "the closing bracket of the label"),
        ("flowchart TD\n  A --> B C\n", 2, 11, "the end of the statement (a line end or ';')"),
        ("flowchart TD\n  subgraph x\n  A\n", 4, 1, "'end' for the subgraph"),
        ("flowchart TD\n  end\n", 2, 3, "a statement"),
        ("flowchart XX\n  A\n", 1, 10, "a direction or a line end"),
        ("flowchart TD A\n", 1, 14, "a line end after the direction"),
        ("flowchart TD\n  class A\n", 2, 10, "one space"),
        ("flowchart TD\n  A --> B\n  linkStyle x stroke:red\n", 3, 13, ""),
        ("---\ntitle: x\n---\n%% c\nflowchart TD\n\n  A -- x y\n", 8, 1, "an arrow"),
        ("flowchart TD\r\n  A[#quot;] --> B C\r\n", 2, 19, ""),
        ("mindmap\n  a\n    b[c\n", 4, 1, ""),
        ("mindmap\n  a\n    ::icon(x)\n     [b] c\n", 4, 9, "the end of the line"),
    ],
)
def test_the_place_and_what_was_expected(text: str, line: int, column: int, expected: str) -> None:
    with pytest.raises(MermaidError) as refused:
        import_mermaid(text)
    error = refused.value
    assert error.code == "mermaid_syntax"
    assert (error.line, error.column) == (line, column)
    assert error.at == f"line {line}, column {column}"
    if expected:
        assert error.expected == expected
        assert expected in error.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('flowchart TD\n  A["a"b"] --> C\n  C --> D["e"]\n', "'] --> C'"),
        (f'flowchart TD\n  A["a"{"b" * 90}"]{"c" * 90}"]\n', f"']{'c' * 29}…'"),
        ("flowchart TD\n  end\n", "'end'"),
    ],
)
def test_what_was_found_is_shown_to_the_end_of_its_line(text: str, found: str) -> None:
    with pytest.raises(MermaidError) as refused:
        import_mermaid(text)
    assert refused.value.message.endswith(f", found {found}.")


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("flowchart TD\n\n  A@{ shape: nope }\n", "no shape 'nope'", 3),
        ("flowchart TD\n  A --> B\n  linkStyle 0,7 stroke:red\n", "no edge 7", 3),
        ("flowchart TD\n  A@{ a: b: c }\n", "comma", 2),
        ("---\na: b: c\n---\nflowchart TD\n  A\n", "quotes", 1),
        ("mindmap\n    a\n  b\n", "one root", 3),
    ],
)
def test_what_parses_and_means_nothing(text: str, words: str, line: int) -> None:
    with pytest.raises(MermaidError, match=words) as refused:
        import_mermaid(text)
    assert (refused.value.code, refused.value.line) == ("mermaid_value", line)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "^A Mermaid text starts with a kind of diagram, such as 'flowchart TD'"),
        ("\n```mermaid\nflowchart TD\n  A\n```\n", "^Leave out the lines with ```"),
        (" \n%% a comment\n", "^There is nothing to draw"),
    ],
)
def test_what_is_no_diagram_is_told_what_to_do(text: str, words: str) -> None:
    with pytest.raises(MermaidError, match=words) as refused:
        import_mermaid(text)
    assert (refused.value.code, refused.value.at) == ("mermaid_kind", "line 1, column 1")
    assert refused.value.expected in refused.value.message


@pytest.mark.parametrize("text", ["", "hello", "graf TD\nA", "---\ntitle: x\n", "%% comment\n"])
def test_what_is_no_diagram(text: str) -> None:
    with pytest.raises(MermaidError) as refused:
        import_mermaid(text)
    assert refused.value.code == "mermaid_kind"
    assert detect_kind(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sequenceDiagram\n A->>B: x", "sequence"),
        ("classDiagram\n class A", "class"),
        ("stateDiagram-v2\n [*] --> A", "state"),
        ("erDiagram\n A ||--o{ B : x", "er"),
        ("%%{init: {}}%%\ngantt\n title x", "gantt"),
        ("---\ntitle: x\n---\npie\n", "pie"),
        ("  \n%% c\ngitGraph\n commit", "git"),
        ("journey\n title x", "journey"),
        ("timeline\n title x", "timeline"),
        ("C4Context\n title x", "c4"),
        ("requirementDiagram\n", "requirement"),
        ("quadrantChart\n", "quadrant"),
        ("xychart-beta\n", "xychart"),
        ("block-beta\n", "block"),
        ("kanban\n", "kanban"),
    ],
)
def test_other_kinds_stay_texts(text: str, kind: str) -> None:
    assert detect_kind(text) == kind
    diagram = import_mermaid(text)
    assert (diagram.kind, diagram.data) == ("mermaid", {"text": text})


def test_a_source_knows_where_everything_came_from() -> None:
    text = '%% one\r\ngraph TD\r\n  A[<b class="x">y</b>]\r\n  %% two\r\n  B\r\n'
    source = read_source(text)
    assert source.text == "graph TD\n  A[<b class='x'>y</b>]\n  B\n"
    for place, letter in enumerate(source.text):
        if letter not in "'\n":
            assert text[source.origin[place]] == letter
    assert [(piece.kind, text[piece.start : piece.end].strip()) for piece in source.pieces] == [
        ("comment", "%% one"),
        ("comment", "%% two"),
    ]
