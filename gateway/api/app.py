"""The HTTP application: which route is whose, and what becomes of errors."""

from collections.abc import Awaitable, Callable

from quart import Response, request
from quart_trio import QuartTrio
from werkzeug.exceptions import MethodNotAllowed

from gateway.api.admin.routes import admin_routes
from gateway.api.arranging import ArrangingRoutes
from gateway.api.connections import ConnectionRoutes
from gateway.api.diagrams import DiagramRoutes
from gateway.api.doors import Doors
from gateway.api.editor import EditorRoutes
from gateway.api.envelope import explain, failure
from gateway.api.exports import ExportRoutes
from gateway.api.guard import add_security_headers, authenticated
from gateway.api.imports import ImportRoutes
from gateway.api.lingering import LingeringConnection
from gateway.api.members import MemberRoutes
from gateway.api.meta import MetaRoutes
from gateway.api.pages import error_page
from gateway.api.reading import BODY_TIMEOUT_SECONDS, MAX_BODY_BYTES
from gateway.api.session import SessionRoutes
from gateway.api.sharing import ShareLinkRoutes
from gateway.api.sign_in import SignInRoutes
from gateway.api.trash import TrashRoutes
from gateway.source import check_source

#: Seconds for a client to take an answer.
RESPONSE_TIMEOUT_SECONDS = 60

Handler = Callable[..., Awaitable[Response]]


def make_app(doors: Doors) -> QuartTrio:
    """The API, the editor and the pages, as an ASGI application for trio."""
    app = QuartTrio("gateway.api", static_folder=None)
    app.asgi_http_class = LingeringConnection
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        BODY_TIMEOUT=BODY_TIMEOUT_SECONDS,
        RESPONSE_TIMEOUT=RESPONSE_TIMEOUT_SECONDS,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    # A path is right or wrong; being sent from one to another only hides mistakes.
    app.url_map.merge_slashes = False

    hosts = frozenset(host.lower() for host in doors.hosts)
    origins = frozenset(origin.lower() for origin in doors.origins)

    async def check_request_source() -> None:
        seen = request.headers
        check_source(seen.getlist("Host"), seen.getlist("Origin"), hosts, origins)

    app.before_request(check_request_source)
    app.after_request(add_security_headers)
    app.register_error_handler(Exception, _handle_error)
    for method, path, handler in _routes(doors):
        app.add_url_rule(path, f"{method} {path}", handler, methods=[method])
    return app


def _routes(doors: Doors) -> list[tuple[str, str, Handler]]:
    diagrams = DiagramRoutes(doors.service)
    exports = ExportRoutes(doors.service, doors.engine, doors.version)
    imports = ImportRoutes(doors.service, doors.engine)
    arranging = ArrangingRoutes(doors.service, doors.engine)
    members = MemberRoutes(doors.sharing)
    connections = ConnectionRoutes(doors.connections)
    links = ShareLinkRoutes(doors.sharing, doors.authenticator)
    trash = TrashRoutes(doors.service)
    meta = MetaRoutes(doors.version, doors.check_database)
    sign_in = SignInRoutes(doors.authenticator, doors.live)
    session = SessionRoutes(doors.authenticator, doors.live, doors.version)
    editor = EditorRoutes(doors.editor, doors.authenticator)
    one = "/api/diagrams/<diagram_id>"
    for_members: list[tuple[str, str, Handler]] = [
        ("GET", "/api/diagrams", diagrams.list),
        ("POST", "/api/diagrams", diagrams.create),
        ("GET", one, diagrams.read),
        ("PUT", one, diagrams.update),
        ("DELETE", one, diagrams.delete),
        ("POST", "/api/diagrams/import", imports.import_),
        ("GET", f"{one}/export", exports.export),
        ("GET", f"{one}/thumbnail", exports.thumbnail),
        ("PUT", f"{one}/mermaid", arranging.put_mermaid),
        ("POST", f"{one}/layout", arranging.layout),
        ("GET", f"{one}/check", arranging.check),
        ("POST", f"{one}/restore", trash.restore),
        ("GET", f"{one}/access", members.access),
        ("GET", f"{one}/members", members.members),
        # An id may have slashes in it: a host application's often is an address.
        ("PUT", f"{one}/members/<path:person_id>", members.set_member),
        ("DELETE", f"{one}/members/<path:person_id>", members.remove_member),
        ("GET", f"{one}/agents", members.grants),
        ("PUT", f"{one}/agents/<path:agent_id>", members.set_grant),
        ("DELETE", f"{one}/agents/<path:agent_id>", members.remove_grant),
        ("POST", f"{one}/share-links", links.create),
        ("GET", f"{one}/share-links", links.list),
        ("DELETE", f"{one}/share-links/<link_id>", links.revoke),
        ("GET", "/api/people", members.people),
        ("GET", "/api/connections", connections.list),
        ("DELETE", "/api/connections/<agent_id>", connections.end),
        ("POST", "/api/session", session.start),
        *admin_routes(doors.admin, doors.sharing),
    ]
    for_all: list[tuple[str, str, Handler]] = [
        ("GET", "/api/health", meta.health),
        ("GET", "/api/version", meta.version),
        ("GET", "/api/openapi.json", meta.openapi),
        ("GET", "/api/session", session.session),
        ("POST", "/api/agents/session", session.start_agents),
        ("DELETE", "/api/agents/session", session.end_agents),
        ("POST", "/api/sign-out", sign_in.sign_out),
        ("POST", "/api/share-links/redeem", links.redeem),
        ("GET", "/sign-in", sign_in.sign_in),
        ("GET", "/", editor.start_page),
        ("GET", "/trash", editor.start_page),
        ("GET", "/admin", editor.start_page),
        ("GET", "/share", editor.share_page),
        ("GET", "/d/<diagram_id>", editor.diagram_page),
        *(("GET", path, serve) for path, serve in editor.files()),
    ]
    closed: list[tuple[str, str, Handler]] = [
        (method, path, authenticated(doors.authenticator, doors.service, handler))
        for method, path, handler in for_members
    ]
    return closed + for_all


async def _handle_error(error: Exception) -> Response:
    refusal = explain(error)
    if request.path == "/api" or request.path.startswith("/api/"):
        response = failure(refusal)
    else:
        response = error_page(refusal.status, refusal.error.message)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response
