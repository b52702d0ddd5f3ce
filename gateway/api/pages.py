"""Pages for people: plain HTML without scripts, light or dark as the reader has it."""

from typing import Final

from markupsafe import Markup
from quart import Response

from gateway.api.guard import allow_style
from gateway.settings import own_command

PAGE_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fbfbfd; --card: #fff; --line: #d9dde6;
  --accent: #2f5bd3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf1; --paper: #14171e; --card: #1c2029;
  --line: #333a48; --accent: #8fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main, header { max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } .mark { font-weight: 700; }
a { color: var(--accent); } a:focus-visible, pre:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem 1rem; white-space: pre-wrap; }
"""

_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title} · DiagramAI</title><style>{style}</style></head>\n"
    '<body><header><span class="mark">DiagramAI</span></header>\n'
    "<main><h1>{title}</h1>\n{body}</main></body></html>\n"
)

_HOW_TO_SIGN_IN: Final = Markup(
    "<p>On the computer where DiagramAI runs, ask for a link:</p>\n"
    "<pre><code>{command} sign-in</code></pre>\n"
    "<p>Open the link it prints. It signs this browser in for 30 days, and works once.</p>\n"
)


def page(title: str, body: Markup, *, status: int) -> Response:
    """A whole page. ``body`` is HTML already."""
    response = Response(page_html(title, body), status, content_type="text/html; charset=utf-8")
    allow_style(response, PAGE_STYLE)
    return response


def page_html(title: str, body: Markup, style: str = PAGE_STYLE) -> str:
    """The text of a page with its one style."""
    return str(_PAGE.format(title=title, style=Markup(style), body=body))


def how_to_sign_in() -> Markup:
    return _HOW_TO_SIGN_IN.format(command=own_command())


def sign_in_page() -> Response:
    """For whoever comes without a session."""
    response = page("Sign in to see your diagrams", how_to_sign_in(), status=401)
    response.headers["WWW-Authenticate"] = 'Bearer realm="DiagramAI"'
    return response


def spent_link_page() -> Response:
    """For whoever comes with a link that is used, too old, or incomplete."""
    why = Markup(
        "<p>A sign-in link works once, and only for a day. This one was used before, is too old, "
        "or lost a part on its way here. You can have a new one at any time.</p>\n"
    )
    response = page("This link does not sign you in any more", why + how_to_sign_in(), status=401)
    response.headers["WWW-Authenticate"] = 'Bearer realm="DiagramAI"'
    return response


def error_page(status: int, message: str) -> Response:
    """For a person who met an error outside the API."""
    title = "There is nothing here" if status == 404 else "That did not work"
    sentence = "The address may be mistyped." if status == 404 else message
    way_back = Markup('<p>{}</p>\n<p><a href="/">To your diagrams</a></p>\n').format(sentence)
    return page(title, way_back, status=status)
