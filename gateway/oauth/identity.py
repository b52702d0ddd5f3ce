"""Who comes with an access token to the address that agents connect by."""

from collections.abc import Mapping
from typing import Final

import msgspec
import trio

from actors.ports import Author
from gateway.authentication import Authenticator, bearer_token, has_expired
from gateway.brief_memory import BriefMemory
from gateway.identity import Principal, agent_principal
from gateway.oauth.limits import MAX_BELIEVED_TOKENS, TOKEN_BELIEVED_SECONDS
from gateway.oauth.places import Places
from gateway.oauth.provider import find_access
from gateway.proxies import PEER
from persistence.oauth import OAuthGrant, OAuthTables
from persistence.secrets import hash_secret

#: What the names of such credentials begin with.
CREDENTIAL: Final = "oauth"


class _Known(msgspec.Struct, frozen=True):
    principal: Principal
    resource: str


class OAuthIdentity:
    """Keys and sessions are nothing here, and access tokens are nothing elsewhere."""

    def __init__(self, tables: OAuthTables, authenticator: Authenticator) -> None:
        self._tables = tables
        self._note_use = authenticator.note_use
        self._attempts = authenticator.attempts
        self._is_admin = authenticator.is_admin
        self._believed: BriefMemory[str, _Known] = BriefMemory(
            TOKEN_BELIEVED_SECONDS, lambda: MAX_BELIEVED_TOKENS
        )
        authenticator.teach(CREDENTIAL, self.recheck, self._believed.clear)

    async def identify(self, places: Places, headers: Mapping[str, str]) -> Principal | None:
        """The agent, where its token is for this very resource (RFC 8707). Raises PersistenceError,
        and ServiceError ``rate_limited``."""
        token, address = bearer_token(headers), PEER.get()
        if token is None:
            return None
        known = self._believed.recall(hash_secret(token))
        if known is None:
            known = await self._look_up(token)
        if known is None or known.resource != places.resource:
            self._attempts.check_address(address)
            self._attempts.note_failure(address, "token")
            return None
        principal = msgspec.structs.replace(known.principal, address=address)
        return None if has_expired(principal) else principal

    async def recheck(self, who: Principal) -> Principal | None:
        """The same agent as it is now, with no more than it had; ``None`` where it has ended."""
        grant = await self._tables.find_grant(who.credential.partition(":")[2])
        if grant is None or has_expired(who):
            return None
        now = self._principal(grant)
        return msgspec.structs.replace(
            now,
            permissions=now.permissions & who.permissions,
            expires_at=who.expires_at,
            address=who.address,
        )

    async def _look_up(self, token: str) -> _Known | None:
        asked_at = trio.current_time()
        grant = await find_access(self._tables, token)
        if grant is None:
            return None
        await self._note_use(grant.agent_id, grant.last_used)
        known = _Known(self._principal(grant), grant.resource)
        self._believed.remember(hash_secret(token), asked_at, known)
        return known

    def _principal(self, grant: OAuthGrant) -> Principal:
        owner = grant.owner_id
        return agent_principal(
            Author("agent", grant.agent_id, grant.name),
            grant.permissions & grant.scopes,
            f"{CREDENTIAL}:{grant.grant_id}",
            owner_id=owner,
            owner_is_admin=owner is not None and self._is_admin(owner),
            all_diagrams=grant.all_diagrams,
            rate_limit=grant.rate_limit,
            expires_at=grant.ends_at,
        )
