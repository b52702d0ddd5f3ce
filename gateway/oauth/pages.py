"""The addresses that people open: the question, the answer to it, and what they have approved."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import msgspec
from mcp.server.auth.handlers.authorize import AuthorizationHandler
from mcp.server.auth.provider import AuthorizeError, construct_redirect_uri
from mcp.shared.auth import InvalidRedirectUriError, InvalidScopeError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.authentication import Authenticator, session_token
from gateway.errors import ServiceError, status_of
from gateway.identity import Principal
from gateway.oauth.asked import Asked, asked_by, params_of
from gateway.oauth.clients import Client
from gateway.oauth.connections import Connections, check_person
from gateway.oauth.consent import (
    Choice,
    Form,
    approve,
    choice_in,
    first_choice,
    list_for,
    single_fields,
)
from gateway.oauth.consent_page import (
    ConsentView,
    connections_page,
    consent_page,
    problem_page,
    sign_in_first,
)
from gateway.oauth.documents import is_document
from gateway.oauth.limits import CODE_SECONDS, RETURN_SECONDS
from gateway.oauth.places import AUTHORIZE_PATH, CONNECTIONS_PATH, CONSENT_PATH, Places
from gateway.oauth.provider import Provider
from gateway.oauth.returning import RETURN_COOKIE, RETURN_COOKIE_PATH, plain_query
from gateway.oauth.tokens import new_secret
from gateway.service import DiagramService
from persistence.limits import MAX_CONNECTIONS_PER_PERSON
from persistence.oauth import OAuthTables

#: Makes the provider of a request.
MakeProvider: TypeAlias = Callable[[Request, Places], Provider]

_STALE: Final = "This page is not of your present session any more. Start again in your program."


class _Visit(msgspec.Struct, frozen=True):
    """A signed-in person, and the secret of their session."""

    who: Principal
    token: str


class _Question(msgspec.Struct, frozen=True):
    client: Client
    asked: Asked


class OAuthPages:
    """The handlers, one a page. They raise ServiceError and PersistenceError."""

    def __init__(
        self,
        authenticator: Authenticator,
        service: DiagramService,
        tables: OAuthTables,
        connections: Connections,
        *,
        make_provider: MakeProvider,
    ) -> None:
        self._authenticator = authenticator
        self._service = service
        self._tables = tables
        self._connections = connections
        self._make_provider = make_provider

    # The question ----------------------------------------------------------------------------

    async def authorize(self, request: Request, places: Places) -> Response:
        """Where clients send people. A stranger makes nobody look up or fetch anything."""
        if await self._visit(request) is None:
            return _sign_in(request)
        handler = AuthorizationHandler(self._make_provider(request, places))
        answer = await handler.handle(request)
        location = answer.headers.get("location")
        if location is None:
            return problem_page(400, _said(answer))
        if not location.startswith(f"{CONSENT_PATH}?"):
            # An error goes to the client, with the name of who says it (RFC 9207).
            answer = RedirectResponse(construct_redirect_uri(location, iss=places.issuer), 302)
        answer.headers["cache-control"] = "no-store"
        return answer

    async def consent(self, request: Request, places: Places) -> Response:
        """The question. Finding diagrams in it asks it again."""
        visit = await self._visit(request)
        if visit is None:
            return _sign_in(request)
        check_person(visit.who)
        question = await self._question(request, places, request.query_params)
        if "look" not in request.query_params:
            return await self._show(visit, question, first_choice(question.asked))
        return await self._show(visit, question, choice_in(request.query_params, question.asked))

    async def decide(self, request: Request, places: Places) -> Response:
        """The answer to it, from that page and from nowhere else."""
        visit = await self._visit(request)
        if visit is None:
            return _sign_in(request)
        check_person(visit.who)
        form = await request.form()
        question = await self._question(request, places, form)
        asked = question.asked
        is_refused = "refuse" in form
        _check_proof(form.get("refuse" if is_refused else "approve"), asked.proof(visit.token))
        if is_refused:
            words = {"error": "access_denied", "error_description": "The person refused."}
            return _leave(asked.answer(places, **words))
        try:
            choice = choice_in(form, asked)
            return await self._approve(visit, question, choice, places)
        except ServiceError as error:
            if error.code not in ("invalid", "too_many_agents"):
                raise
            choice = choice_in_part(form, asked)
            if error.at == "which":
                choice = msgspec.structs.replace(choice, all_diagrams=False)
            return await self._show(visit, question, choice, error)

    async def _approve(
        self, visit: _Visit, question: _Question, choice: Choice, places: Places
    ) -> Response:
        client, asked = question.client, question.asked
        approval = await approve(self._service, visit.who, asked, choice, places.resource)
        if is_document(client.client_id):
            uris = [str(uri) for uri in client.redirect_uris or ()]
            name = client.client_name or ""
            if not await self._tables.remember(client.client_id, name, uris):
                message = "Too many programs are known here; try again later."
                raise ServiceError("rate_limited", message, retry=True)
        code = new_secret()
        if not await self._tables.issue_code(code, approval, CODE_SECONDS):
            message = (
                f"You have {MAX_CONNECTIONS_PER_PERSON} connected agents, the most there can be. "
                "End one under Connected agents first."
            )
            raise ServiceError("too_many_agents", message)
        return _leave(asked.answer(places, code=code))

    async def _show(
        self, visit: _Visit, question: _Question, choice: Choice, error: ServiceError | None = None
    ) -> Response:
        view = ConsentView(
            asked=question.asked,
            client_name=question.client.client_name or "",
            choice=choice,
            listed=await list_for(self._service, visit.who, choice),
            person=visit.who.author.name,
            proof=question.asked.proof(visit.token),
            problem="" if error is None else error.message,
        )
        return consent_page(view, 200 if error is None else status_of(error.code))

    async def _question(self, request: Request, places: Places, form: Form) -> _Question:
        """What is asked, checked anew: the page's fields were in a browser. Raises ServiceError
        ``invalid``."""
        fields = single_fields(form)
        client = await self._make_provider(request, places).get_client(fields.get("client_id", ""))
        if client is None:
            message = "Nothing is known of the program that asks; let it connect again."
            raise ServiceError("invalid", message, "client_id")
        try:
            return _Question(client, asked_by(client, params_of(client, fields), places))
        except (InvalidRedirectUriError, InvalidScopeError) as error:
            raise ServiceError("invalid", error.message) from None
        except (AuthorizeError, ValidationError) as error:
            message = "The program's request makes no sense; let it connect again."
            raise ServiceError("invalid", message) from error

    # What was approved -----------------------------------------------------------------------

    async def connections(self, request: Request, places: Places) -> Response:
        visit = await self._visit(request)
        if visit is None:
            return _sign_in(request)
        found = await self._connections.list(visit.who)
        return connections_page(found, _proof_of_list(visit))

    async def disconnect(self, request: Request, places: Places) -> Response:
        visit = await self._visit(request)
        if visit is None:
            return _sign_in(request)
        form = await request.form()
        _check_proof(form.get("proof"), _proof_of_list(visit))
        agent_id = form.get("agent_id")
        await self._connections.end(visit.who, agent_id if isinstance(agent_id, str) else "")
        return RedirectResponse(CONNECTIONS_PATH, 303)

    async def _visit(self, request: Request) -> _Visit | None:
        """Who is signed in, by the cookie alone: what a program sends opens no page."""
        cookie: Mapping[str, str] = {"cookie": request.headers.get("cookie", "")}
        token, who = session_token(cookie), await self._authenticator.identify(cookie)
        return None if token is None or who is None else _Visit(who, token)


def choice_in_part(form: Form, asked: Asked) -> Choice:
    """What the form says as far as it can be shown again."""
    try:
        return choice_in(form, asked)
    except ServiceError:
        return first_choice(asked)


def _proof_of_list(visit: _Visit) -> str:
    return hmac.new(visit.token.encode(), CONNECTIONS_PATH.encode(), "sha256").hexdigest()


def _check_proof(given: object, expected: str) -> None:
    """Raises ServiceError ``forbidden`` for a form that another page sends."""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ServiceError("forbidden", _STALE)


def _leave(url: str) -> Response:
    """To the client, after a form was sent: by GET, and with nothing of ours."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, 303, headers)


def _said(answer: Response) -> str:
    try:
        words = msgspec.json.decode(answer.body, type=dict[str, object])
    except msgspec.DecodeError:
        words = {}
    return str(words.get("error_description") or "The program's request makes no sense.")


def _sign_in(request: Request) -> Response:
    """How to sign in, and the way back: to the question by the cookie, to a list by its link."""
    if request.url.path == CONNECTIONS_PATH:
        return sign_in_first(CONNECTIONS_PATH, waits=False)
    query = plain_query(request.url.query)
    response = sign_in_first(f"{AUTHORIZE_PATH}?{query}" if query else "/", waits=True)
    if query:
        response.set_cookie(
            RETURN_COOKIE,
            query,
            max_age=RETURN_SECONDS,
            path=RETURN_COOKIE_PATH,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response


Handler: TypeAlias = Callable[[Request, Places], Awaitable[Response]]


def routes(pages: OAuthPages) -> Mapping[tuple[str, str], Handler]:
    """The handlers by method and path."""
    return {
        ("GET", AUTHORIZE_PATH): pages.authorize,
        ("GET", CONSENT_PATH): pages.consent,
        ("POST", CONSENT_PATH): pages.decide,
        ("GET", CONNECTIONS_PATH): pages.connections,
        ("POST", CONNECTIONS_PATH): pages.disconnect,
    }
