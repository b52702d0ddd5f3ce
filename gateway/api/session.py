"""Who is asking, and sessions: of people by their application's token, of agents by their key."""

from datetime import UTC, datetime
from typing import Final

from quart import Response, request

from gateway.api.envelope import explain, failure, success
from gateway.api.identity_shapes import (
    AgentSessionEnded,
    AgentSessionStarted,
    PersonSessionStarted,
    StartAgentSession,
)
from gateway.api.reading import read_json
from gateway.api.shapes import Participant, Session
from gateway.api.sign_in import keep_session
from gateway.authentication import Authenticator, bearer_token, fold_headers, unauthenticated
from gateway.identity import Principal
from gateway.live_sessions import LiveSessions
from gateway.settings import own_command

_NO_BODY: Final = StartAgentSession()


class SessionRoutes:
    """The handlers."""

    def __init__(self, authenticator: Authenticator, live: LiveSessions, version: str) -> None:
        self._authenticator = authenticator
        self._live = live
        self._version = version

    async def session(self) -> Response:
        """A stranger is told the command, too: with it comes the link that signs in."""
        who = await self._authenticator.identify(fold_headers(request.headers))
        if who is None:
            return failure(explain(unauthenticated()), command=own_command())
        return success(self._describe(who))

    def _describe(self, who: Principal) -> Session:
        author = who.author
        return Session(
            participant=Participant(kind=author.kind, id=author.id, name=author.name),
            base_url=f"{request.scheme}://{request.headers['Host']}",
            command=own_command(),
            version=self._version,
            is_admin=who.is_admin and not who.is_agent,
        )

    async def start(self, who: Principal) -> Response:
        """The cookie of a session for whoever sends a token of the host application."""
        started = await self._authenticator.exchange(who)
        author = who.author
        told = PersonSessionStarted(
            participant=Participant(kind=author.kind, id=author.id, name=author.name),
            expires_at=started.expires_at,
        )
        response = success(told, status=201)
        left = started.expires_at - datetime.now(UTC)
        keep_session(response, started.token, max(1, int(left.total_seconds())))
        return response

    async def start_agents(self) -> Response:
        """A token in the place of a key, for an agent's client that should not keep the key."""
        key = bearer_token(fold_headers(request.headers))
        body = _NO_BODY
        if key is None or await request.get_data(cache=True):
            body = await read_json(request, StartAgentSession)
        key = body.api_key if key is None else key
        started = None
        if key is not None and body.api_key in (None, key):
            started = await self._authenticator.start_token(key, body.agent_id)
        if started is None:
            raise unauthenticated()
        told = AgentSessionStarted(
            session_token=started.token,
            permissions=sorted(started.permissions),
            expires_at=started.session.expires_at,
        )
        return success(told, status=201)

    async def end_agents(self) -> Response:
        """Ends the token that the request comes with."""
        if not await self._authenticator.end_token(fold_headers(request.headers)):
            raise unauthenticated()
        self._live.look_now()
        return success(AgentSessionEnded(session_ended=True))
