"""The page on which a person decides, and the list of what they have approved: HTML, no script."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec
from markupsafe import Markup
from starlette.responses import HTMLResponse

from gateway.api.guard import style_policy
from gateway.api.pages import PAGE_STYLE, how_to_sign_in, page_html
from gateway.identity import READ
from gateway.oauth.asked import Asked
from gateway.oauth.clients import SCOPES
from gateway.oauth.consent import ALL, CHOSEN, DURATIONS, WORDS, Choice, Listed
from gateway.oauth.documents import is_document
from gateway.oauth.limits import MAX_SEARCH_LENGTH
from gateway.oauth.places import CONNECTIONS_PATH, CONSENT_PATH
from gateway.oauth.redirects import host_of, is_on_this_machine, origin_of
from persistence.catalogue import DiagramRecord
from persistence.oauth import Connection

_STYLE: Final = (
    PAGE_STYLE
    + """
main { padding-bottom: 3rem; }
.dim { opacity: .75; }
[role=alert] { border-left: 4px solid #c4320a; padding: .5rem .75rem; background: var(--card); }
fieldset { border: 1px solid var(--line); border-radius: .5rem; background: var(--card);
  margin: 0 0 1rem; padding: .5rem 1rem .75rem; min-width: 0; }
legend { font-weight: 600; padding: 0 .25rem; }
label.pick { display: flex; gap: .6rem; align-items: baseline; padding: .3rem 0; }
label.pick input { flex: none; width: 1.1rem; height: 1.1rem; margin: 0; position: relative;
  top: .15rem; accent-color: var(--accent); }
.list { list-style: none; margin: .25rem 0 0; padding: 0; max-height: 16rem; overflow: auto; }
.search { display: flex; gap: .5rem; margin: .5rem 0 .25rem; }
.search input { flex: 1; min-width: 0; }
input[type=search], select { font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; min-height: 2.75rem; }
select { width: 100%; }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .4rem; padding: .5rem 1rem; min-height: 2.75rem; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--paper);
  font-weight: 600; }
button:focus-visible, input:focus-visible, select:focus-visible, .list:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; }
/* The list goes with the second of the two; without :has it always stands there. */
fieldset:has([name=which][value=all]:checked) .some { display: none; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
.buttons button { flex: 1 1 8rem; }
.card { border: 1px solid var(--line); border-radius: .5rem; background: var(--card);
  padding: .75rem 1rem; margin: 0 0 1rem; }
.card h2 { font-size: 1.1rem; margin: 0; } .card p { margin: .25rem 0 .5rem; }
"""
)

_CONSENT: Final = Markup("""{alert}<p><strong>{name}</strong> asks to work with your diagrams in \
DiagramAI. What you decide is sent to <strong>{host}</strong>{where}.</p>
<p class="dim">{vouched} Approve only what you have just started yourself.</p>
<form method="post" action="{action}">
{hidden}
<fieldset><legend>It may</legend>
{permissions}</fieldset>
<fieldset><legend>Which diagrams</legend>
{which}<div class="some"><div class="search"><input type="search" name="search" value="{search}" \
maxlength="{most}" aria-label="Find a diagram by its title" placeholder="Find a diagram">
<button formmethod="get" name="look" value="1">Find</button></div>
{diagrams}</div></fieldset>
<fieldset><legend>For how long</legend>
<select name="days" aria-label="For how long">{days}</select></fieldset>
<p>It never may do more than you may yourself. You are signed in as {person}. You can \
end this at any time under <a href="{connections}">Connected agents</a>.</p>
<div class="buttons"><button class="main" name="approve" value="{proof}">Approve</button>
<button name="refuse" value="{proof}">Refuse</button></div>
</form>
""")
_HIDDEN: Final = Markup('<input type="hidden" name="{}" value="{}">')
_PICK: Final = Markup(
    '<label class="pick"><input type="{kind}" name="{name}" value="{value}"{state}>'
    "<span>{text}</span></label>\n"
)
_ALERT: Final = Markup('<p role="alert">{}</p>\n')


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows. ``proof`` is what its buttons send."""

    asked: Asked
    client_name: str
    choice: Choice
    listed: Listed
    person: str
    proof: str
    problem: str = ""


def consent_page(view: ConsentView, status: int = 200) -> HTMLResponse:
    """The page. What a client says of itself is text in it, and nothing else."""
    asked, choice = view.asked, view.choice
    body = _CONSENT.format(
        alert=_ALERT.format(view.problem) if view.problem else "",
        name=view.client_name,
        host=host_of(asked.redirect_uri),
        where=" on your own computer" if is_on_this_machine(asked.redirect_uri) else "",
        vouched=_vouched(asked.client_id),
        action=CONSENT_PATH,
        hidden=_joined(_HIDDEN.format(*field) for field in asked.fields().items()),
        permissions=_permissions(asked, choice),
        which=_which(choice),
        search=choice.search,
        most=MAX_SEARCH_LENGTH,
        diagrams=_diagrams(view.listed, choice),
        days=_days(choice),
        person=view.person,
        connections=CONNECTIONS_PATH,
        proof=view.proof,
    )
    title = f"Let {view.client_name} in?"
    return html_page(title, body, status, forms_to=_allowed_target(asked.redirect_uri))


def _vouched(client_id: str) -> str:
    if is_document(client_id):
        return f"It is described by a document at {urlsplit(client_id).netloc}."
    return "It chose this name itself; nobody has checked it."


def _allowed_target(redirect_uri: str) -> str:
    """Browsers hold a form's policy against where its answer leads as well."""
    origin = origin_of(redirect_uri)
    # A policy cannot name an address of IPv6.
    return "http:" if "[" in origin else origin


def _permissions(asked: Asked, choice: Choice) -> Markup:
    reading = _HIDDEN.format("permission", READ)
    return reading + _joined(
        _pick(
            "checkbox",
            "permission",
            scope,
            WORDS[scope],
            is_on=scope in choice.permissions,
            is_fixed=scope == READ,
        )
        for scope in asked.scopes
    )


def _which(choice: Choice) -> Markup:
    every = "All diagrams that I can see, those to come as well"
    some = "Only those that I choose here, and what it creates"
    return _pick("radio", "which", ALL, every, is_on=choice.all_diagrams) + _pick(
        "radio", "which", CHOSEN, some, is_on=not choice.all_diagrams
    )


def _diagrams(listed: Listed, choice: Choice) -> Markup:
    chosen = set(choice.diagrams)
    rows = [_row(record, record.uuid in chosen) for record in (*listed.chosen, *listed.found)]
    if not rows:
        return Markup('<p class="dim">No diagram of this title.</p>\n')
    more = max(0, listed.total - len(rows))
    hint = Markup('<p class="dim">{} more; find them by their titles.</p>\n').format(more)
    return Markup('<ul class="list">{}</ul>{}').format(_joined(rows), hint if more else "")


def _row(record: DiagramRecord, is_on: bool) -> Markup:
    title = record.title or "Untitled"
    return Markup("<li>{}</li>").format(
        _pick("checkbox", "diagram", record.uuid, title, is_on=is_on)
    )


def _days(choice: Choice) -> Markup:
    return _joined(
        Markup('<option value="{}"{}>{}</option>').format(
            days, Markup(" selected") if days == choice.days else "", _length(days)
        )
        for days in DURATIONS
    )


def _length(days: int) -> str:
    return {1: "A day", 7: "A week", 365: "A year"}.get(days, f"{days} days")


def _pick(
    kind: str, name: str, value: str, text: str, *, is_on: bool, is_fixed: bool = False
) -> Markup:
    state = Markup("{}{}").format(" checked" if is_on else "", " disabled" if is_fixed else "")
    return _PICK.format(kind=kind, name=name, value=value, text=text, state=state)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


# Other pages ------------------------------------------------------------------------------------

_CONNECTION: Final = Markup("""<div class="card"><h2>{name}</h2>
<p>May {may}: {which}. Its answers go to {host}. {used} Until {until}.</p>
<form method="post" action="{action}"><input type="hidden" name="agent_id" value="{agent_id}">
<button name="proof" value="{proof}" aria-label="Disconnect {name}">Disconnect</button></form></div>
""")


def connections_page(found: Sequence[Connection], proof: str) -> HTMLResponse:
    """What a person has approved, each with a button that ends it."""
    rows = [_connection(each, proof) for each in found] or [
        Markup("<p>No agent is connected by the address of this server.</p>\n")
    ]
    body = _joined(rows) + Markup('<p><a href="/">To your diagrams</a></p>\n')
    return html_page("Connected agents", body, 200)


def _connection(each: Connection, proof: str) -> Markup:
    may = [WORDS[scope].split()[0].lower() for scope in SCOPES if scope in each.permissions]
    one = "1 diagram that you chose" if each.diagrams == 1 else f"{each.diagrams} chosen diagrams"
    used = "Not used yet." if each.last_used is None else f"Last used {_day(each.last_used)}."
    return _CONNECTION.format(
        name=each.name,
        may=", ".join(may),
        which="all your diagrams" if each.all_diagrams else one,
        host=host_of(each.redirect_uri),
        used=used,
        until="it is ended" if each.expires_at is None else _day(each.expires_at),
        action=CONNECTIONS_PATH,
        agent_id=each.agent_id,
        proof=proof,
    )


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


_QUESTION_WAITS: Final = Markup(
    "<p>An agent asks to work with your diagrams. Sign in first; then you decide what it may "
    "do. With the link you come back to this question by yourself.</p>\n"
)
_SIGNED_IN: Final = Markup(
    "<p>Where another application opens DiagramAI for you, sign in there and come back here.</p>\n"
    '<p><a href="{}">I am signed in now</a></p>\n'
)


def sign_in_first(back: str, *, waits: bool) -> HTMLResponse:
    """For whoever has to sign in first. ``back`` is this page's own address, ``waits`` whether an
    agent waits for an answer."""
    title = "Sign in to let an agent in" if waits else "Sign in to see your agents"
    why = _QUESTION_WAITS if waits else Markup("")
    response = html_page(title, why + how_to_sign_in() + _SIGNED_IN.format(back), 401)
    response.headers["WWW-Authenticate"] = 'Bearer realm="DiagramAI"'
    return response


def problem_page(status: int, message: str) -> HTMLResponse:
    """For a person whom a client sent here with a request that makes no sense."""
    body = Markup('<p role="alert">{}</p>\n<p><a href="/">To your diagrams</a></p>\n')
    return html_page("That did not work", body.format(message), status)


def html_page(title: str, body: Markup, status: int, *, forms_to: str = "") -> HTMLResponse:
    """A whole page that no other page may show inside itself."""
    headers: Mapping[str, str] = {
        "Content-Security-Policy": style_policy(_STYLE, forms_to),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        # Under no-referrer a browser would send the page's own form with the Origin "null".
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page_html(title, body, _STYLE), status, dict(headers))
