"""The documents tell the truth: messages, error codes, limits and files are those of the code."""

import ast
import importlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.ports import Author
from gateway import frame_reader, messages, session, websocket_connection
from gateway.api import envelope
from gateway.codec import decode
from gateway.handshake import Refusal
from ot.diagram import Diagram
from ot.operation import Operation
from tests.support.markdown import ROOT, Block, Document, code_in, table_rows

SOURCES = ("ot", "client", "actors", "persistence", "gateway")
PROTOCOL = Document(ROOT / "docs" / "protocol.md")
LIMITS = Document(ROOT / "docs" / "limits.md")
GLOSSARY = Document(ROOT / "docs" / "glossary.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


class HandshakeError(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    message: str


class HandshakeRefused(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a handshake that is refused."""

    error: HandshakeError


#: Structs of the protocol that are no messages of their own.
PARTS: dict[str, type[msgspec.Struct]] = {
    "Author": Author,
    "Change": messages.Change,
    "Diagram": Diagram,
    "HandshakeRefused": HandshakeRefused,
    "Operation": Operation,
}


def all_messages() -> dict[str, type[msgspec.Struct]]:
    """Every struct of the protocol's module that has a type of its own."""
    found = {
        name: value
        for name, value in vars(messages).items()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == messages.__name__
        and value.__struct_config__.tag is not None
    }
    assert len(found) > 15
    return found


MESSAGES = all_messages()
INBOUND = frozenset(kind.__name__ for kind in messages.Inbound.__args__)
STRUCTS = MESSAGES | PARTS


def documented_structs() -> list[tuple[str, str]]:
    """The name in each ``struct`` mark, and what stands between it and the next one."""
    pieces = re.split(r"<!-- struct: (\w+) -->\n", PROTOCOL.text)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def examples() -> list[tuple[str, Block]]:
    """Every JSON block of the protocol, with the message or part that it is an example of."""
    marks = [(m.start(), m[1]) for m in re.finditer(r"<!-- struct: (\w+) -->", PROTOCOL.text)]
    found = []
    for block in PROTOCOL.blocks("json"):
        names = [name for start, name in marks if start < block.start]
        assert names, f"nothing says what this is: {block.text}"
        # The table of a change stands between its message and the message's example.
        name = names[-2] if names[-1] == "Change" else names[-1]
        found.append((name, block))
    return found


def told(kind: type[msgspec.Struct], text: str) -> Any:
    """The example as plain values, once read and written by the server's own types.

    An unknown field gets lost on that way. Operations inside changes travel as they are encoded,
    so they are read by themselves. Raises msgspec.ValidationError.
    """
    for change in json.loads(text).get("changes", ()):
        msgspec.convert(change["operation"], Operation)
    return json.loads(msgspec.json.encode(msgspec.json.decode(text, type=kind)))


@pytest.mark.parametrize(("name", "block"), examples())
def test_an_example_of_the_protocol_is_what_the_code_reads_and_writes(
    name: str, block: Block
) -> None:
    kind, example = STRUCTS[name], json.loads(block.text)
    if name in INBOUND:
        message = decode(block.text.encode())
        assert type(message) is kind
        assert example.keys() - {"type"} <= set(kind.__struct_fields__)
    else:
        assert told(kind, block.text) == example


def test_every_message_has_its_place_and_an_example() -> None:
    assert {name for name, _ in documented_structs()} == STRUCTS.keys()
    assert {name for name, _ in examples()} == STRUCTS.keys() - {"Change"}


def test_messages_stand_below_the_side_that_sends_them_under_their_type() -> None:
    sections = {
        "From the client": INBOUND - {"AgentOperation"},
        "From the server": MESSAGES.keys() - INBOUND - set(_old_messages()),
        "The old app's messages": set(_old_messages()),
    }
    for title, expected in sections.items():
        named = re.findall(
            r"^### `(\w+)`.*\n\n<!-- struct: (\w+) -->$", PROTOCOL.section(title), re.M
        )
        assert {name for _, name in named} == expected
        assert [tag for tag, name in named if MESSAGES[name].__struct_config__.tag != tag] == []


def _old_messages() -> Iterator[str]:
    return (name for name in MESSAGES if name.startswith("Legacy") or name == "AgentOperation")


@pytest.mark.parametrize("name", [*MESSAGES, "Change"])
def test_a_messages_table_names_exactly_its_fields(name: str) -> None:
    (text,) = [text for found, text in documented_structs() if found == name]
    table = re.match(r"(?:\|.*\|\n)+", text)
    assert table, f"{name} has a table first of all"
    named = [code_in(row[0]) for row in table_rows(table[0])]
    assert [field for cell in named for field in cell] == list(STRUCTS[name].__struct_fields__)


# Error codes ----------------------------------------------------------------------------------

#: Where the code stands among the arguments of what raises or answers it.
CODE_ARGUMENT = {
    "ServiceError": 0,
    "OperationError": 0,
    "PersistenceError": 0,
    "ImportRefused": 0,
    "LayoutError": 0,
    "MermaidError": 0,
    "Failure": 0,
    "error": 0,
    "error_at": 0,
    "refuse": 0,
    "Refusal": 1,
    "_refuse": 1,
    "_give_up": 1,
    "_reject": 1,
    "_tell_refused": 1,
}
CODE = re.compile(r"[a-z][a-z0-9_]+")
#: Codes that are made of something else.
COMPOSED = {"repeated_id", "repeated_uuid"}


def python_files() -> list[Path]:
    return [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]


def codes_in(source: str) -> Iterator[str]:
    """Every code that some text of the program raises or answers with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            place = CODE_ARGUMENT.get(_name(node.func))
            named = [each.value for each in node.keywords if each.arg == "code"]
            if place is not None and len(node.args) > place:
                named.append(node.args[place])
            for value in named:
                if isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value)):
                    yield str(value.value)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)


def raised_codes() -> set[str]:
    found = {code for path in python_files() for code in codes_in(path.read_text("utf-8"))}
    return found | COMPOSED | set(envelope._CODE_OF_STATUS.values())


def test_every_error_code_is_documented_and_every_documented_one_exists() -> None:
    rows = table_rows(PROTOCOL.section("Error codes"))
    documented = [code for row in rows for code in code_in(row[0])]
    assert sorted(documented) == sorted(set(documented)), "each code stands in one place"
    assert set(documented) == raised_codes()


def test_every_refusal_of_a_handshake_is_documented_with_its_status() -> None:
    rows = table_rows(PROTOCOL.section("Connecting"))
    documented = {(row[0], code) for row in rows if row[0].isdigit() for code in code_in(row[1])}
    raised = {
        (ast.unparse(node.args[0]), node.args[1].value)
        for name in ("handshake", "socket_door")
        for node in ast.walk(ast.parse((ROOT / "gateway" / f"{name}.py").read_text("utf-8")))
        if isinstance(node, ast.Call)
        and _name(node.func) == Refusal.__name__
        and isinstance(node.args[1], ast.Constant)
    }
    assert raised - documented == set()
    # Told before the handshake, and while the database is away.
    assert documented - raised <= {("503", "overloaded"), ("503", "unavailable")}


def test_every_close_code_is_documented() -> None:
    documented = {row[0] for row in table_rows(PROTOCOL.section("Close codes"))}
    used = {
        str(value)
        for module in (frame_reader, websocket_connection)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int) and 1000 <= value < 1016
        if not name.startswith(("MAX_", "_"))
    }
    assert used
    used.add(str(session.SIGNED_OUT))
    assert documented == used | {"1002"}, "1002 is wsproto's own"


# Limits ---------------------------------------------------------------------------------------

LIMIT = re.compile(
    r"^(?:MAX|MIN|KEPT|FIRST|LAST|HISTORY|SNAPSHOT)_|DEFAULT_PAGE"
    r"|_(?:SECONDS|MS|BYTES|DAYS|LENGTH|LIFETIME|INTERVAL)$"
)
#: What the WebSocket standard says is no choice of ours.
NO_CHOICE = ("gateway/frames.py",)
UNITS = {"": 1, "s": 1, "ms": 1, "days": 1, "h": 3600, "KiB": 1024, "MiB": 1024**2}
UNIT_OF_NAME = {"SECONDS": {"s"}, "MS": {"ms"}, "DAYS": {"days"}, "BYTES": {"KiB", "MiB"}}


def limits_of(path: Path) -> dict[str, float]:
    """The bounds that a file defines, by name: numbers, and spans of time in seconds."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    is_all = path.name == "limits.py"
    defined = re.findall(r"^([A-Z][A-Z0-9_]+)(?:: Final)? = ", path.read_text("utf-8"), re.M)
    found: dict[str, float] = {}
    for name in defined:
        value = getattr(module, name)
        if isinstance(value, timedelta):
            value = value.total_seconds()
        if isinstance(value, int | float) and (is_all or LIMIT.search(name)):
            found[name] = value
    return found


def read_value(text: str) -> tuple[float, str]:
    """The number and the unit of a cell such as ``32 MiB``, ``20,000`` or ``2^53``."""
    number, _, unit = text.partition(" ")
    base, _, exponent = number.replace(",", "").partition("^")
    value = float(base) ** int(exponent) if exponent else float(base)
    return value * UNITS[unit], unit


def test_every_limit_is_documented_with_its_value_and_unit() -> None:
    documented = LIMITS.subsections()
    defined = {
        str(path.relative_to(ROOT)): limits
        for path in python_files()
        if (limits := limits_of(path)) and str(path.relative_to(ROOT)) not in NO_CHOICE
    }
    assert documented.keys() == defined.keys()
    for path, text in documented.items():
        rows = {code_in(row[0])[0]: read_value(row[1]) for row in table_rows(text)}
        assert {name: value for name, (value, _) in rows.items()} == defined[path], path
        for name, (_, unit) in rows.items():
            assert unit in UNIT_OF_NAME.get(name.rpartition("_")[2], UNITS), name


# Files, links, words --------------------------------------------------------------------------


def documents() -> list[Document]:
    paths = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return [Document(path) for path in sorted(paths)]


def test_every_link_leads_to_a_file_and_a_heading_that_exist() -> None:
    for document in documents():
        for link in document.links():
            target, _, anchor = link.partition("#")
            if re.match(r"\w+:", target):
                continue
            path = (document.path.parent / target).resolve() if target else document.path
            assert path.exists(), f"{document.path.name}: {link}"
            if anchor:
                assert anchor in Document(path).anchors(), f"{document.path.name}: {link}"


#: In no repository: the build makes it.
MADE = "gateway/static/"


def test_every_file_and_method_that_is_named_exists() -> None:
    folders = (*SOURCES, "building", "editor", "tests", "property_tests", "benchmarks", "docs")
    for document in documents():
        for span in document.code_spans():
            if span != MADE and re.fullmatch(rf"(?:{'|'.join(folders)})/[\w/.-]*", span):
                assert (ROOT / span).exists(), f"{document.path.name}: {span}"
            if found := re.fullmatch(r"(Core|DiagramService)\.(\w+)", span):
                source = "".join(path.read_text("utf-8") for path in python_files())
                assert f"class {found[1]}" in source, span
                assert f"def {found[2]}(" in source, span


def test_decisions_are_numbered_without_a_gap_and_all_linked() -> None:
    overview = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert len(DECISIONS) > 10
    for number, path in enumerate(DECISIONS, 1):
        text = path.read_text("utf-8")
        assert path.name.startswith(f"{number:04}-")
        title = text.splitlines()[0].removeprefix(f"# {number}. ")
        assert f"{number}. [{title}](decisions/{path.name})" in overview
        parts = re.findall(r"^\*\*([\w ]+)[.*]", text, re.M)
        assert parts[0] == "Decided"
        assert parts[-1] == "Where"


def test_the_glossary_is_in_order_and_defines_each_word_once() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\*", GLOSSARY.text, re.M)
    assert words == sorted(set(words))
    assert len(words) == len(table_rows(GLOSSARY.text))


def test_every_word_of_the_glossary_is_in_use() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\*", GLOSSARY.text, re.M)
    text = "".join(path.read_text("utf-8") for path in python_files()).lower()
    text += "".join(each.text for each in documents() if each.path != GLOSSARY.path).lower()
    assert [word for word in words if word not in text] == []


def test_a_field_that_the_code_does_not_have_is_found() -> None:
    with pytest.raises(AssertionError):
        test_an_example_of_the_protocol_is_what_the_code_reads_and_writes(
            "Pong", Block("json", '{"type": "pong", "id": 1, "extra": 2}', 0)
        )
    change = {"revision": 1, "operation": {"nodes": {"a": {"type": "paint"}}}}
    text = json.dumps({"type": "diagram_updated", "diagram_id": "d", "changes": [change]})
    with pytest.raises(msgspec.ValidationError):
        told(messages.DiagramUpdated, text)
