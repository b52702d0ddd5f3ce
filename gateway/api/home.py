"""The start page: a person's diagrams, and how an agent gets at them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from markupsafe import Markup
from quart import Response, request

from gateway.api.pages import page, sign_in_page
from gateway.api.reading import read_integer
from gateway.authentication import Authenticator, fold_headers
from gateway.identity import Principal
from gateway.service import DiagramService
from gateway.settings import own_command
from persistence.catalogue import DiagramRecord

PAGE_LENGTH: Final = 50
MAX_PAGE_NUMBER: Final = 1_000_000

_DIAGRAM: Final = Markup(
    '<li><h3 class="name">{title}</h3>\n'
    '<p>{content} · changed <time datetime="{iso}">{time}</time></p>\n'
    '<p>id <code>{id}</code> · <a href="/api/diagrams/{quoted}" '
    'aria-label="{title} as JSON">JSON</a></p></li>\n'
)
_AGENTS: Final = Markup(
    '<aside aria-labelledby="agents"><h2 id="agents">Let an agent draw with you</h2>\n'
    "<p>Make a key for it. The key is shown once:</p>\n"
    "<pre><code>{command} agents create my-agent</code></pre>\n"
    "<p>Then add this server to the agent, for example to Claude Code:</p>\n"
    "<pre><code>claude mcp add --transport http diagramai {base}/mcp \\\n"
    '  --header "Authorization: Bearer KEY"</code></pre>\n'
    "<p>Any other MCP client takes the same: streamable HTTP at <code>{base}/mcp</code> with the "
    "header <code>Authorization: Bearer KEY</code>.</p></aside>\n"
)
_CORNER: Final = Markup(
    '<p>{name}</p><form method="post" action="/api/sign-out"><button>Sign out</button></form>'
)
_NOTHING_YET: Final = Markup(
    "<p>There is no diagram yet. Ask an agent for one, or bring those of an earlier DiagramAI "
    "along with <code>{command} import FILE</code>.</p>\n"
)


_BODY: Final = Markup('<div class="sides"><section>{diagrams}</section>{agents}</div>\n')


class HomeRoutes:
    """The handlers of pages that need a session."""

    def __init__(self, service: DiagramService, authenticator: Authenticator) -> None:
        self._service = service
        self._authenticator = authenticator

    async def home(self) -> Response:
        who = await self._authenticator.identify(fold_headers(request.headers))
        if who is None:
            return sign_in_page()
        number = read_integer(request, "page", 1, least=1, most=MAX_PAGE_NUMBER)
        records, total = await self._service.list(
            who, limit=PAGE_LENGTH, offset=(number - 1) * PAGE_LENGTH
        )
        base = f"{request.scheme}://{request.headers['Host']}"
        body = _BODY.format(
            diagrams=_list(records) + _pages(number, total),
            agents=_AGENTS.format(base=base, command=own_command()),
        )
        return page("Your diagrams", body, corner=_corner(who))


def _corner(who: Principal) -> Markup:
    return _CORNER.format(name=who.author.name)


def _list(records: Sequence[DiagramRecord]) -> Markup:
    if not records:
        return _NOTHING_YET.format(command=own_command())
    return Markup("<ul>\n{}</ul>\n").format(Markup().join(_entry(record) for record in records))


def _entry(record: DiagramRecord) -> Markup:
    return _DIAGRAM.format(
        quoted=quote(record.uuid, safe=""),
        title=record.title or "Untitled",
        content=_content(record),
        iso=record.updated_at.isoformat(),
        time=_minute(record.updated_at),
        id=record.id,
    )


def _content(record: DiagramRecord) -> str:
    if record.format == "mermaid":
        return "Mermaid text"
    nodes, edges = _count(record.node_count, "node"), _count(record.edge_count, "edge")
    return f"{record.kind} · {nodes} · {edges}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _pages(number: int, total: int) -> Markup:
    links = Markup()
    if number > 1:
        links += Markup('<a href="/?page={}">Newer</a>\n').format(number - 1)
    if number * PAGE_LENGTH < total:
        links += Markup('<a href="/?page={}">Older</a>\n').format(number + 1)
    return Markup('<nav aria-label="Pages">{}</nav>\n').format(links) if links else links
