"""Mermaid text that leaves the server has no link that runs anything."""

import pytest

from gateway.mermaid.safe_links import is_safe, with_safe_links


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b#c",
        "http://example.org",
        "HTTPS://EXAMPLE.ORG",
        "mailto:ann@example.org",
        "/d/one",
        "page.html",
        "?q=a:b",
        "#part:two",
        "",
    ],
)
def test_links_of_the_web_and_of_mail_stay(address: str) -> None:
    assert is_safe(address)
    line = f'flowchart TD\n  a --> b\n  click a href "{address}" "tip: here" _blank\n'
    assert with_safe_links(line) == line


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\u200bscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript#58;alert(1)",
        "javascript#colon;alert(1)",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.org/x",
    ],
)
def test_what_could_run_leads_nowhere(address: str) -> None:
    assert not is_safe(address)
    for written in ('click a "{}"', 'click a href "{}" "tip"', 'a-->b; click a,b "{}" _self'):
        assert with_safe_links(written.format(address)) == written.format("#")


def test_texts_that_are_no_links_stay() -> None:
    text = 'flowchart TD\n  a["javascript:alert(1)"] -- "click: x" --> b\n  click b call f()\n'
    assert with_safe_links(text) == text
