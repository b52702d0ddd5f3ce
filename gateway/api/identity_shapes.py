"""The bodies of what is said about sessions."""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from gateway.api.shapes import Participant
from gateway.authentication import MAX_SECRET_LENGTH
from gateway.local_access import MAX_NAME_LENGTH

Secret: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_SECRET_LENGTH)]


class PersonSessionStarted(msgspec.Struct, rename="camel", kw_only=True):
    """A session in the place of a token; it ends with that. Its secret is in the cookie."""

    participant: Participant
    expires_at: datetime


class StartAgentSession(msgspec.Struct, kw_only=True):
    """An agent's key, where no header has it, and whose it should be."""

    api_key: Secret | None = None
    agent_id: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)] | None = None

    def __repr__(self) -> str:
        # Bodies get into tracebacks; keys do not.
        return f"StartAgentSession({self.agent_id!r})"


class AgentSessionStarted(msgspec.Struct, kw_only=True):
    """The token is shown this once. It may do what its key may, until it or the key ends."""

    session_token: str
    permissions: list[str]
    expires_at: datetime


class AgentSessionEnded(msgspec.Struct, kw_only=True):
    """The token works no more."""

    session_ended: bool
