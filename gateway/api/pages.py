"""Pages for people: plain HTML without scripts, light or dark as the reader has it."""

from typing import Final

from markupsafe import Markup
from quart import Response

from gateway.api.guard import allow_style
from gateway.settings import own_command

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2433; --dim: #566073; --paper: #fbfbfd;
  --card: #fff; --line: #d9dde6; --accent: #2f5bd3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf1; --dim: #a3acbd; --paper: #14171e;
  --card: #1c2029; --line: #333a48; --accent: #8fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main, header { max-width: 70rem; margin: 0 auto; padding: 1rem; }
.sides { display: grid; gap: 0 2.5rem; }
@media (min-width: 62rem) { .sides { grid-template-columns: 3fr 2fr; } }
aside h2 { margin-top: .5rem; } time { white-space: nowrap; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
header p { margin: 0 0 0 auto; color: var(--dim); }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.125rem; margin-top: 2rem; }
a { color: var(--accent); } a:focus-visible, button:focus-visible, pre:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; }
ul { list-style: none; margin: 0; padding: 0; }
li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem 1rem; margin: .5rem 0; }
li p { margin: 0; color: var(--dim); font-size: .875rem; }
.name { font-size: 1rem; font-weight: 600; margin: 0; } .mark { font-weight: 700; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem 1rem; white-space: pre-wrap; }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; padding: .4rem .9rem; cursor: pointer; }
nav { display: flex; gap: 1rem; }
"""

_EMPTY: Final = Markup()
_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title} · DiagramAI</title><style>{style}</style></head>\n"
    '<body><header><span class="mark">DiagramAI</span>{corner}</header>\n'
    "<main><h1>{title}</h1>\n{body}</main></body></html>\n"
)

_HOW_TO_SIGN_IN: Final = Markup(
    "<p>On the computer where DiagramAI runs, ask for a link:</p>\n"
    "<pre><code>{command} sign-in</code></pre>\n"
    "<p>Open the link it prints. It signs this browser in for 30 days, and works once.</p>\n"
)


def page(title: str, body: Markup, *, status: int = 200, corner: Markup = _EMPTY) -> Response:
    """A whole page. ``body`` and ``corner``, the right of its top, are HTML already."""
    style = Markup(_STYLE)
    text = _PAGE.format(title=title, style=style, body=body, corner=corner)
    response = Response(str(text), status, content_type="text/html; charset=utf-8")
    allow_style(response, _STYLE)
    return response


def _how_to_sign_in() -> Markup:
    return _HOW_TO_SIGN_IN.format(command=own_command())


def sign_in_page() -> Response:
    """For whoever comes without a session."""
    response = page("Sign in to see your diagrams", _how_to_sign_in(), status=401)
    response.headers["WWW-Authenticate"] = 'Bearer realm="DiagramAI"'
    return response


def spent_link_page() -> Response:
    """For whoever comes with a link that is used, too old, or incomplete."""
    why = Markup(
        "<p>A sign-in link works once, and only for a day. This one was used before, is too old, "
        "or lost a part on its way here. You can have a new one at any time.</p>\n"
    )
    response = page("This link does not sign you in any more", why + _how_to_sign_in(), status=401)
    response.headers["WWW-Authenticate"] = 'Bearer realm="DiagramAI"'
    return response


def error_page(status: int, message: str) -> Response:
    """For a person who met an error outside the API."""
    title = "There is nothing here" if status == 404 else "That did not work"
    sentence = "The address may be mistyped." if status == 404 else message
    way_back = Markup('<p>{}</p>\n<p><a href="/">To your diagrams</a></p>\n').format(sentence)
    return page(title, way_back, status=status)
