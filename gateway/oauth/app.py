"""The ASGI application for everything under ``/oauth`` and its two documents of discovery."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec
import trio
from mcp.server.auth.handlers.metadata import MetadataHandler, ProtectedResourceMetadataHandler
from mcp.server.auth.handlers.register import RegistrationHandler
from mcp.server.auth.handlers.token import TokenHandler
from mcp.server.auth.middleware.client_auth import AuthenticationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gateway.api.envelope import Refusal, explain
from gateway.asgi import StarletteApp
from gateway.authentication import Authenticator
from gateway.errors import ServiceError
from gateway.mcp.door import refusal_of
from gateway.mcp.entrance import ENTRANCE_KEY, Entrance
from gateway.mcp_body import Disconnected, read_body, replayed
from gateway.oauth.clients import SCOPES, HashedSecrets
from gateway.oauth.connections import Connections
from gateway.oauth.consent_page import problem_page
from gateway.oauth.documents import ClientDocuments
from gateway.oauth.identity import OAuthIdentity
from gateway.oauth.limits import MAX_OAUTH_BODY_BYTES
from gateway.oauth.metadata import REGISTRATION, resource_metadata, server_metadata
from gateway.oauth.pages import Handler, OAuthPages, routes
from gateway.oauth.places import (
    ISSUER_PATH,
    REGISTER_PATH,
    RESOURCE_METADATA_PATH,
    RESOURCE_PATH,
    REVOKE_PATH,
    SERVER_METADATA_PATH,
    TOKEN_PATH,
    Places,
    is_secure,
)
from gateway.oauth.provider import Provider
from gateway.proxies import PEER
from gateway.service import DiagramService
from gateway.source import check_source
from persistence.credentials import Credentials
from persistence.oauth import OAuthTables

log = logging.getLogger("diagramai.oauth")

_FORM: Final = "application/x-www-form-urlencoded"
_HOW: Final = (
    "Connect with an access token for this address; your client finds out where to ask for one. "
    "A key of an agent belongs to /mcp."
)
_NOT_HERE: Final = "Agents are let in by this address over https only, or on this very machine."


class OAuthParts(msgspec.Struct, frozen=True, kw_only=True):
    """What letting agents in needs from the rest of the server. ``mcp`` is the application behind
    ``/mcp``; without ``documents`` clients have to register."""

    tables: OAuthTables
    credentials: Credentials
    authenticator: Authenticator
    service: DiagramService
    connections: Connections
    mcp: StarletteApp
    documents: ClientDocuments | None
    hosts: frozenset[str]
    origins: frozenset[str]


class OAuthApp:
    """Answers for the time that ``mcp`` does."""

    def __init__(self, parts: OAuthParts) -> None:
        self._tables = parts.tables
        self._credentials = parts.credentials
        self._identity = OAuthIdentity(parts.tables, parts.authenticator)
        self._note = parts.service.trail.note
        self._mcp = parts.mcp
        self._attempts = parts.authenticator.attempts
        self._documents = parts.documents
        self._hosts = frozenset(host.lower() for host in parts.hosts)
        self._origins = frozenset(origin.lower() for origin in parts.origins)
        pages = OAuthPages(
            parts.authenticator,
            parts.service,
            parts.tables,
            parts.connections,
            make_provider=self._provider,
        )
        self._pages = routes(pages)
        self._endpoints: Mapping[tuple[str, str], Handler] = {
            ("GET", RESOURCE_METADATA_PATH): self._resource_metadata,
            ("GET", SERVER_METADATA_PATH): self._server_metadata,
            ("POST", REGISTER_PATH): self._register,
            ("POST", TOKEN_PATH): self._token,
            ("POST", REVOKE_PATH): self._revoke,
        }

    def serves(self, path: str) -> bool:
        """Whether a path is one of these."""
        known = (RESOURCE_METADATA_PATH, SERVER_METADATA_PATH)
        return path in known or path.startswith(f"{ISSUER_PATH}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        places = Places(f"{scope['scheme']}://{host}")
        if scope["path"].rstrip("/") == RESOURCE_PATH:
            await self._serve_mcp(scope, receive, send, places, headers)
            return
        with suppress(Disconnected):
            body = await read_body(receive, MAX_OAUTH_BODY_BYTES)
            # Nothing here waits for its client to leave.
            request = Request(scope, replayed(body or b"", trio.Event()))
            answer = await self._answer(request, places, is_whole=body is not None)
            await answer(scope, receive, send)

    async def _serve_mcp(
        self, scope: Scope, receive: Receive, send: Send, places: Places, headers: Headers
    ) -> None:
        if not is_secure(scope["scheme"], headers.get("host", "")):
            await refusal_of(403, "forbidden", _NOT_HERE)(scope, receive, send)
            return
        identify = partial(self._identity.identify, places, dict(headers))
        words = {"WWW-Authenticate": _challenge(places, "authorization" in headers)}
        refusal = refusal_of(401, "unauthenticated", _HOW, words)
        known = {ENTRANCE_KEY: Entrance(identify, refusal)}
        await self._mcp({**scope, **known}, receive, send)

    async def _answer(self, request: Request, places: Places, *, is_whole: bool) -> Response:
        key = request.method, request.url.path
        endpoint, page = self._endpoints.get(key), self._pages.get(key)
        try:
            headers = request.headers
            seen = headers.getlist("host"), headers.getlist("origin")
            check_source(*seen, self._hosts, self._origins)
            handler = endpoint or page
            if handler is None or not is_secure(request.url.scheme, headers.get("host", "")):
                return self._nothing(request)
            if not is_whole:
                raise ServiceError("too_large", "The request's body is too large.")
            return await handler(request, places)
        except Exception as error:
            refusal = explain(error)
            if endpoint is not None:
                return _oauth_error(refusal)
            return problem_page(refusal.status, refusal.error.message)

    def _nothing(self, request: Request) -> Response:
        known = (*self._endpoints, *self._pages)
        allowed = sorted({method for method, path in known if path == request.url.path})
        if allowed and request.method not in allowed:
            answer = problem_page(405, "This address does not take this method.")
            answer.headers["Allow"] = ", ".join(allowed)
            return answer
        return problem_page(404, _NOT_HERE if allowed else "The address may be mistyped.")

    def _provider(self, request: Request, places: Places) -> Provider:
        """For the pages of signed-in people, who may have documents fetched."""
        return self._known(request, places, self._documents)

    def _known(
        self, request: Request, places: Places, documents: ClientDocuments | None = None
    ) -> Provider:
        address = request.client.host if request.client else ""
        return Provider(
            self._tables,
            self._credentials,
            places,
            note=self._note,
            documents=documents,
            address=address,
        )

    # What clients ask ------------------------------------------------------------------------

    async def _resource_metadata(self, request: Request, places: Places) -> Response:
        return await ProtectedResourceMetadataHandler(resource_metadata(places)).handle(request)

    async def _server_metadata(self, request: Request, places: Places) -> Response:
        metadata = server_metadata(places, takes_documents=self._documents is not None)
        return await MetadataHandler(metadata).handle(request)

    async def _register(self, request: Request, places: Places) -> Response:
        provider = self._known(request, places)
        answer = await RegistrationHandler(provider, REGISTRATION).handle(request)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _token(self, request: Request, places: Places) -> Response:
        """The SDK's handler overlooks for which resource a token is asked."""
        _check_form(request)
        named = (await request.form()).getlist("resource")
        if any(not isinstance(each, str) or not places.is_resource(each) for each in named):
            words = f"The resource here is {places.resource}."
            return _error_answer(400, "invalid_target", words)
        provider = self._known(request, places)
        answer: Response = await TokenHandler(provider, HashedSecrets(provider)).handle(request)
        self._note_guess(answer)
        return answer

    def _note_guess(self, answer: Response) -> None:
        """Whoever guesses is slowed down as everywhere else, by the address. Raises ServiceError
        ``rate_limited``."""
        if answer.status_code >= 400 and any(word in bytes(answer.body) for word in _GUESSES):
            self._attempts.check_address(PEER.get())
            self._attempts.note_failure(PEER.get(), "token")

    async def _revoke(self, request: Request, places: Places) -> Response:
        """RFC 7009. The SDK's handler wants a secret of clients that have none."""
        _check_form(request)
        provider = self._known(request, places)
        try:
            client = await HashedSecrets(provider).authenticate_request(request)
        except AuthenticationError as error:
            answer = _error_answer(401, "invalid_client", error.message)
            self._note_guess(answer)
            return answer
        given = (await request.form()).get("token")
        if not isinstance(given, str):
            return _error_answer(400, "invalid_request", "Send the token.")
        found = await provider.load_access_token(given)
        token = found or await provider.load_refresh_token(client, given)
        if token is not None and token.client_id == client.client_id:
            await provider.revoke_token(token)
        # What is no token is revoked already.
        return Response(status_code=200, headers={"Cache-Control": "no-store"})


#: What a client is told that comes with a code, a token or a secret that is none.
_GUESSES: Final = (b'"invalid_grant"', b'"invalid_client"')


def _challenge(places: Places, has_token: bool) -> str:
    """How a client finds the way in (RFC 9728, 5.1; RFC 6750, 3)."""
    wrong = 'error="invalid_token", ' if has_token else ""
    return (
        f'Bearer realm="DiagramAI", {wrong}scope="{" ".join(SCOPES)}", '
        f'resource_metadata="{places.resource_metadata}"'
    )


def _check_form(request: Request) -> None:
    """Raises ServiceError ``invalid``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise ServiceError("invalid", f"Send {_FORM}.", "Content-Type")


def _oauth_error(refusal: Refusal) -> Response:
    """An error of ours in the words of OAuth."""
    status, error = refusal.status, refusal.error
    if status >= 500:
        answer = _error_answer(status, "server_error", error.message)
    elif error.code == "rate_limited":
        answer = _error_answer(429, "temporarily_unavailable", error.message)
        answer.headers["Retry-After"] = "60"
    else:
        answer = _error_answer(status, "invalid_request", error.message)
    return answer


def _error_answer(status: int, error: str, words: str) -> Response:
    body = {"error": error, "error_description": words}
    return JSONResponse(body, status, {"Cache-Control": "no-store"})
