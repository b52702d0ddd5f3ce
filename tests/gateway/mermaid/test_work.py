"""How much is read of Mermaid texts: each text once."""

from collections.abc import Callable

import pytest

from gateway.mermaid import flow_parser, flowchart, limits
from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.export import export_mermaid
from gateway.mermaid.flow_lexer import Token, tokenize
from gateway.mermaid.source import Source


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were read, in order."""
    flowchart._remembered.cache_clear()
    read: list[str] = []

    def counted(source: Source) -> list[Token]:
        read.append(source.original)
        return tokenize(source)

    monkeypatch.setattr(flow_parser, "tokenize", counted)
    return read


def chain(length: int) -> str:
    return "flowchart TD\n" + "".join(f"  a{i}[Step] --> a{i + 1}\n" for i in range(length))


def again(text: str) -> None:
    import_mermaid(text)


def exported(text: str) -> None:
    export_mermaid(import_mermaid(text))


@pytest.mark.parametrize("use", [again, exported])
def test_a_text_that_was_read_is_not_read_again(
    texts: list[str], use: Callable[[str], None]
) -> None:
    import_mermaid(chain(5))
    use(chain(5))
    assert texts == [chain(5)]


def test_a_patch_reads_the_old_text_and_the_new_one_once(texts: list[str]) -> None:
    diagram = import_mermaid(chain(5))
    diagram.data = {}
    texts.clear()
    flowchart._remembered.cache_clear()
    new = chain(6)
    patch_mermaid(diagram, new)
    assert len(texts) == 2
    assert texts[1] == new


def test_few_texts_are_remembered_and_no_long_ones(texts: list[str]) -> None:
    for length in range(1, limits.MAX_REMEMBERED + 2):
        import_mermaid(chain(length))
    import_mermaid(chain(1))
    assert texts.count(chain(1)) == 2
    long = f"flowchart TD\n  a[{'x' * limits.MAX_REMEMBERED_LENGTH}]\n"
    import_mermaid(long)
    import_mermaid(long)
    assert texts.count(long) == 2


def test_what_is_remembered_is_not_changed_by_who_gets_it() -> None:
    text = "flowchart TD\n  classDef warm fill:#f00\n  a:::warm --> b\n"
    first = import_mermaid(text)
    first.data["mermaid"]["classes"]["warm"].append("color:#00f")
    first.nodes["a"]["data"]["mermaid"]["classes"].append("cold")
    assert import_mermaid(text) != first
    assert "cold" not in str(import_mermaid(text))
    assert "#00f" not in str(import_mermaid(text))
