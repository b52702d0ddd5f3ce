"""Who is asking: what the editor has to know before it can show anything."""

from quart import Response, request

from gateway.api.envelope import explain, failure, success
from gateway.api.guard import unauthenticated
from gateway.api.shapes import Participant, Session
from gateway.authentication import Authenticator, fold_headers
from gateway.settings import own_command


class SessionRoutes:
    """The handler."""

    def __init__(self, authenticator: Authenticator, version: str) -> None:
        self._authenticator = authenticator
        self._version = version

    async def session(self) -> Response:
        """A stranger is told the command, too: with it comes the link that signs in."""
        who = await self._authenticator.identify(fold_headers(request.headers))
        if who is None:
            return failure(explain(unauthenticated()), command=own_command())
        author = who.author
        found = Session(
            participant=Participant(kind=author.kind, id=author.id, name=author.name),
            base_url=f"{request.scheme}://{request.headers['Host']}",
            command=own_command(),
            version=self._version,
        )
        return success(found)
