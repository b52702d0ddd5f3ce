"""What the SDK's handlers ask: clients, codes, tokens. One is made for each request."""

import logging
from typing import Final

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    RegistrationError,
    TokenError,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyUrl

from gateway.access_notes import By, Keep, access_note
from gateway.errors import ServiceError
from gateway.oauth.asked import asked_by, consent_url
from gateway.oauth.clients import AUTH_METHODS, SCOPES, Client, check_description, client_of
from gateway.oauth.documents import ClientDocuments, is_document
from gateway.oauth.limits import ACCESS_TOKEN_SECONDS
from gateway.oauth.places import Places
from gateway.oauth.tokens import (
    ACCESS_MARK,
    MAX_TOKEN_LENGTH,
    new_id,
    new_tokens,
    parts_of,
    refresh_token,
)
from gateway.rate_limits.networks import network_of
from ot.diagram import Json
from persistence.credentials import Credentials
from persistence.oauth import Issued, NewTokens, OAuthClientRow, OAuthGrant, OAuthTables
from persistence.secrets import hash_secret

log = logging.getLogger("diagramai.oauth")

#: What the ids of such agents begin with.
AGENT_ID_MARK: Final = "oauth-"
#: Why an agent ends: somebody else has what was given to it.
_CODE_AGAIN: Final = "an authorization code was used twice"
_REFRESH_AGAIN: Final = "a refresh token was used twice"


class Code(AuthorizationCode):
    """A code that nobody has spent yet."""


class Refresh(RefreshToken):
    """The newest refresh token of a grant. ``family`` is what its successor begins with."""

    grant_id: str
    agent_id: str
    family: str


class Access(AccessToken):
    """An access token in force."""

    agent_id: str


class Provider(OAuthAuthorizationServerProvider[Code, Refresh, Access]):
    """``places`` are those of the request. ``documents`` ``None``: clients that describe themselves
    are known only where somebody has approved them before."""

    def __init__(
        self,
        tables: OAuthTables,
        credentials: Credentials,
        places: Places,
        *,
        note: Keep,
        documents: ClientDocuments | None = None,
        address: str = "",
    ) -> None:
        self._note = note
        self._tables = tables
        self._credentials = credentials
        self._places = places
        self._documents = documents
        self._address = address

    # Clients ---------------------------------------------------------------------------------

    async def get_client(self, client_id: str) -> Client | None:
        if is_document(client_id) and self._documents is not None:
            return await self._documents.find(client_id)
        row = await self._tables.find_client(client_id)
        return None if row is None else client_of(row)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Raises RegistrationError, and ServiceError ``rate_limited``."""
        uris = [str(uri) for uri in client_info.redirect_uris or ()]
        name = check_description(client_info.client_name, uris)
        method = client_info.token_endpoint_auth_method or "none"
        if method not in AUTH_METHODS:
            message = f"token_endpoint_auth_method is one of {', '.join(AUTH_METHODS)}."
            raise RegistrationError("invalid_client_metadata", message)
        secret = client_info.client_secret if method != "none" else None
        row = OAuthClientRow(
            id=client_info.client_id,
            name=name,
            redirect_uris=uris,
            auth_method=method,
            secret_hash=None if secret is None else hash_secret(secret),
        )
        if not await self._tables.register(row, network_of(self._address)):
            message = "Too many programs were registered here and never approved; try again later."
            raise ServiceError("rate_limited", message, retry=True)

    # Codes -----------------------------------------------------------------------------------

    async def authorize(
        self, client: OAuthClientInformationFull, params: AuthorizationParams
    ) -> str:
        """Where a person decides. Raises AuthorizeError."""
        assert isinstance(client, Client), "it is one of ours"
        return consent_url(asked_by(client, params, self._places))

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> Code | None:
        """A code that is still to be spent. One that was spent is in wrong hands, now or then: what
        it gave ends."""
        if len(authorization_code) > MAX_TOKEN_LENGTH:
            return None
        found = await self._tables.find_code(authorization_code)
        if found is None or found.approval.client_id != client.client_id:
            return None
        if found.is_spent:
            await self._end_stolen(found.agent_id, client.client_id, _CODE_AGAIN)
            return None
        approval = found.approval
        return Code(
            code=authorization_code,
            scopes=sorted(approval.permissions),
            expires_at=found.expires_at.timestamp(),
            client_id=approval.client_id,
            code_challenge=approval.challenge,
            redirect_uri=AnyUrl(approval.redirect_uri),
            redirect_uri_provided_explicitly=approval.names_redirect_uri,
            resource=approval.resource,
            subject=approval.person_id,
        )

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: Code
    ) -> OAuthToken:
        """Makes the agent. Raises TokenError."""
        if authorization_code.resource != self._places.resource:
            raise TokenError("invalid_target", "The code is for another address of this server.")
        tokens, agent_id = new_tokens(), AGENT_ID_MARK + new_id()
        code = authorization_code.code
        issued = await self._tables.spend_code(
            code, new_id(), agent_id, tokens, ACCESS_TOKEN_SECONDS
        )
        if issued is None:
            # Somebody else spends it at this very moment.
            await self.load_authorization_code(client, code)
            raise TokenError("invalid_grant", "The authorization code is spent or too old.")
        approved = By(authorization_code.subject or "", None, "consent", self._address)
        facts: dict[str, Json] = {
            "client": client.client_id,
            "permissions": [*sorted(issued.permissions)],
        }
        await self._note(access_note(approved, "created", agent_id, **facts))
        return _answer(tokens, issued)

    # Tokens ----------------------------------------------------------------------------------

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> Refresh | None:
        """The newest one of its grant. An older one was stolen, or its successor was: the agent
        ends."""
        parts = parts_of(refresh_token)
        grant = None if parts is None else await self._tables.find_family(parts[0])
        if parts is None or grant is None or grant.client_id != client.client_id:
            return None
        if grant.refresh_hash != hash_secret(parts[1]):
            await self._end_stolen(grant.agent_id, grant.client_id, _REFRESH_AGAIN)
            return None
        return Refresh(
            token=refresh_token,
            client_id=grant.client_id,
            scopes=sorted(grant.scopes),
            expires_at=None if grant.ends_at is None else int(grant.ends_at.timestamp()),
            resource=grant.resource,
            subject=grant.owner_id,
            grant_id=grant.grant_id,
            agent_id=grant.agent_id,
            family=parts[0],
        )

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: Refresh, scopes: list[str]
    ) -> OAuthToken:
        """Raises TokenError."""
        if refresh_token.resource != self._places.resource:
            raise TokenError("invalid_target", "The token is for another address of this server.")
        tokens = new_tokens(refresh_token.family)
        parts = parts_of(refresh_token.token)
        assert parts is not None, "it was loaded"
        issued = await self._tables.rotate(
            refresh_token.grant_id, hash_secret(parts[1]), tokens, scopes, ACCESS_TOKEN_SECONDS
        )
        if issued is None:
            await self._end_stolen(refresh_token.agent_id, client.client_id, _REFRESH_AGAIN)
            raise TokenError("invalid_grant", "The refresh token was used before.")
        return _answer(tokens, issued)

    async def load_access_token(self, token: str) -> Access | None:
        grant = await find_access(self._tables, token)
        if grant is None:
            return None
        return Access(
            token=token,
            client_id=grant.client_id,
            scopes=sorted(grant.scopes),
            expires_at=None if grant.ends_at is None else int(grant.ends_at.timestamp()),
            resource=grant.resource,
            subject=grant.owner_id,
            agent_id=grant.agent_id,
        )

    async def revoke_token(self, token: Access | Refresh) -> None:
        """Ends the agent: a client that gives up a token is done."""
        await self._end(token.agent_id, token.client_id, "the program gave up its token")

    async def _end_stolen(self, agent_id: str | None, client_id: str, why: str) -> None:
        if agent_id is not None and await self._end(agent_id, client_id, why):
            log.warning("agent %s has ended: %s", agent_id, why)

    async def _end(self, agent_id: str, client_id: str, why: str) -> bool:
        if not await self._credentials.revoke(agent_id):
            return False
        by = By(client_id, None, "client", self._address)
        await self._note(access_note(by, "revoked", agent_id, why=why))
        return True


async def find_access(tables: OAuthTables, token: str) -> OAuthGrant | None:
    """The grant of an access token; ``None`` for what is none, without asking the database."""
    if len(token) > MAX_TOKEN_LENGTH or not token.startswith(ACCESS_MARK):
        return None
    return await tables.find_token(token)


def _answer(tokens: NewTokens, issued: Issued) -> OAuthToken:
    return OAuthToken(
        access_token=tokens.access,
        expires_in=max(0, int(issued.seconds)),
        scope=" ".join(scope for scope in SCOPES if scope in issued.permissions),
        refresh_token=refresh_token(tokens),
    )
