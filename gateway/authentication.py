"""Who is asking, told by a session's cookie or an agent's key. Every door asks here."""

import logging
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import trio

from actors.ports import Author
from gateway.identity import FULL_ACCESS, Principal
from gateway.local_access import prefix_of
from persistence.credentials import AgentCredential, Credentials
from persistence.errors import PersistenceError
from persistence.limits import LAST_USED_RESOLUTION_SECONDS
from persistence.secrets import hash_secret
from persistence.sign_in import SignIn

logger = logging.getLogger(__name__)

SESSION_COOKIE: Final = "diagramai_session"
SESSION_DAYS: Final = 30
#: Characters of a code, a token or a key; anything longer is none.
MAX_SECRET_LENGTH: Final = 128
_TOKEN_BYTES: Final = 32
#: How long a verified secret is believed without asking again; a revoked one works no longer.
CACHE_SECONDS: Final = 0.5
MAX_CACHED: Final = 1_024


class Authenticator:
    """Identifies people and agents, and signs people in and out."""

    def __init__(self, sign_in: SignIn, credentials: Credentials) -> None:
        self._sign_in = sign_in
        self._credentials = credentials
        #: Verified secrets by their hashes, the first to expire first: until when, and whose.
        self._verified: dict[str, tuple[float, Principal]] = {}

    async def identify(self, headers: Mapping[str, str]) -> Principal | None:
        """Whose request this is. A Bearer token decides, right or wrong; else the cookie does.

        Names of headers may be in any case. Raises PersistenceError.
        """
        key = bearer_token(headers)
        if key is not None:
            return await self._identify_agent(key)
        token = session_token(headers)
        return None if token is None else await self._identify_person(token)

    async def sign_in(self, code: str) -> str | None:
        """Spends a one-time code and returns the token for the cookie of a new session."""
        if not 0 < len(code) <= MAX_SECRET_LENGTH:
            return None
        person = await self._sign_in.consume_code(code)
        if person is None:
            return None
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        expires_at = datetime.now(UTC) + timedelta(days=SESSION_DAYS)
        await self._sign_in.start_session(token, person, expires_at)
        return token

    async def sign_out(self, headers: Mapping[str, str]) -> bool:
        """Ends the session of the cookie. ``False`` where there was none."""
        token = session_token(headers)
        if token is None:
            return False
        ended = await self._sign_in.end_session(token)
        self._verified.pop(hash_secret(token), None)
        return ended

    async def _identify_person(self, token: str) -> Principal | None:
        known = self._recall(token)
        if known is not None:
            return known
        asked_at = trio.current_time()
        session = await self._sign_in.find_session(token)
        if session is None:
            return None
        author = Author("user", session.person.id, session.person.name)
        return self._remember(token, asked_at, Principal(author, frozenset({FULL_ACCESS})))

    async def _identify_agent(self, key: str) -> Principal | None:
        known = self._recall(key)
        if known is not None:
            return known
        prefix = prefix_of(key)
        if prefix is None:
            return None
        asked_at = trio.current_time()
        credential = await self._credentials.find(prefix)
        if credential is None or not credential.matches(key):
            return None
        await self._touch(credential)
        author = Author("agent", credential.agent_id, credential.name)
        return self._remember(key, asked_at, Principal(author, credential.permissions))

    async def _touch(self, credential: AgentCredential) -> None:
        last_used = credential.last_used
        resolution = timedelta(seconds=LAST_USED_RESOLUTION_SECONDS)
        if last_used is not None and datetime.now(UTC) - last_used < resolution:
            return
        try:
            await self._credentials.touch(credential.agent_id)
        except PersistenceError as error:
            # The agent is known all the same; only the note of its visit is lost.
            logger.warning("could not note the use of a key: %s", error.code)

    def _recall(self, secret: str) -> Principal | None:
        until, principal = self._verified.get(hash_secret(secret), (0.0, None))
        return principal if trio.current_time() < until else None

    def _remember(self, secret: str, asked_at: float, principal: Principal) -> Principal:
        key = hash_secret(secret)
        self._verified.pop(key, None)
        while self._verified:
            oldest = next(iter(self._verified))
            if len(self._verified) < MAX_CACHED and self._verified[oldest][0] > asked_at:
                break
            del self._verified[oldest]
        self._verified[key] = (asked_at + CACHE_SECONDS, principal)
        return principal


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token of ``Authorization: Bearer``; ``""`` for one that cannot be a token."""
    scheme, _, token = _header(headers, "authorization").strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = token.strip()
    return token if len(token) <= MAX_SECRET_LENGTH else ""


def session_token(headers: Mapping[str, str]) -> str | None:
    """The token in the session's cookie."""
    for cookie in _header(headers, "cookie").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == SESSION_COOKIE:
            return value if 0 < len(value) <= MAX_SECRET_LENGTH else None
    return None


def fold_headers(pairs: Iterable[tuple[str | bytes, str | bytes]]) -> dict[str, str]:
    """Headers by their lower-case names, repeated ones in one value as HTTP joins them."""
    folded: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = _text(raw_name).lower(), _text(raw_value)
        joint = "; " if name == "cookie" else ", "
        folded[name] = f"{folded[name]}{joint}{value}" if name in folded else value
    return folded


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
