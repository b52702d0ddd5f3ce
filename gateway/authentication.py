"""Who is asking: by a session's cookie, an agent's key or token, a host application's token.

Every door asks here. Whatever is wrong with a secret, the answer is the same.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import msgspec
import trio

from actors.ports import Author
from gateway.attempts import Attempt, Attempts, Unlimited
from gateway.brief_memory import BriefMemory
from gateway.errors import ServiceError
from gateway.identity import LOCAL_PERSON_ID, Principal, agent_principal, person_principal
from gateway.jwt_identity import JWT, MAX_TOKEN_LENGTH, JwtIdentity
from gateway.local_access import KEY_MARK, prefix_of
from gateway.proxies import PEER
from persistence.credentials import AgentCredential, AgentSession, Credentials
from persistence.errors import PersistenceError
from persistence.limits import LAST_USED_RESOLUTION_SECONDS, MAX_AGENT_SESSIONS
from persistence.people import People
from persistence.secrets import hash_secret
from persistence.sign_in import Person, PersonSession, SignIn

logger = logging.getLogger(__name__)

SESSION_COOKIE: Final = "diagramai_session"
SESSION_DAYS: Final = 30
#: Characters of a code, a cookie's token, a key or an agent's token; anything longer is none.
MAX_SECRET_LENGTH: Final = 128
_TOKEN_BYTES: Final = 32
#: What an agent's session token begins with.
TOKEN_MARK: Final = "dat"
AGENT_SESSION_LIFETIME: Final = timedelta(hours=24)
#: How long a verified secret is believed without asking again; a revoked one works no longer.
CACHE_SECONDS: Final = 0.5
MAX_CACHED: Final = 1_024
#: Seconds between two notes that somebody with a token of a host application was here.
SEEN_INTERVAL: Final = 60.0

#: Looks at a principal again: as it is now, or ``None`` where what proved it is none any more.
Recheck: TypeAlias = Callable[[Principal], Awaitable[Principal | None]]


class StartedSession(msgspec.Struct, frozen=True):
    """A session of a person, and the token for its cookie."""

    token: str
    expires_at: datetime


class StartedToken(msgspec.Struct, frozen=True):
    """A session token of an agent, which nobody can show again."""

    token: str
    session: AgentSession
    permissions: frozenset[str]


class Authenticator:
    """Identifies people and agents, and signs people in and out."""

    def __init__(
        self,
        sign_in: SignIn,
        credentials: Credentials,
        *,
        people: People | None = None,
        jwt: JwtIdentity | None = None,
        admins: frozenset[str] = frozenset(),
        attempts: Attempts | None = None,
    ) -> None:
        """``admins`` are ids of people."""
        self._sign_in = sign_in
        self._credentials = credentials
        self._people = people
        self._jwt = jwt
        self._admins = admins | {LOCAL_PERSON_ID}
        self.attempts: Attempts = attempts or Unlimited()
        #: By the hashes of secrets, and by the names of credentials.
        self._verified: BriefMemory[str, Principal] = BriefMemory(CACHE_SECONDS, _most_cached)
        self._confirmed: BriefMemory[str, bool] = BriefMemory(CACHE_SECONDS, _most_cached)
        self._seen: BriefMemory[Person, bool] = BriefMemory(SEEN_INTERVAL, _most_cached)
        self._forgetting: list[Callable[[], None]] = []
        self._rechecks: dict[str, Recheck] = {
            "session": self._recheck_session,
            "key": self._recheck_key,
            "token": self._recheck_token,
        }

    @property
    def takes_tokens(self) -> bool:
        """Whether people may come with the tokens of a host application."""
        return self._jwt is not None

    def is_admin(self, person_id: str) -> bool:
        return person_id in self._admins

    def teach(self, kind: str, recheck: Recheck, forget: Callable[[], None]) -> None:
        """How principals are looked at again whose credential is ``"<kind>:..."``; ``forget`` is
        called when nothing is to be believed any more without that."""
        self._rechecks[kind] = recheck
        self._forgetting.append(forget)

    # Who is it -------------------------------------------------------------------------------

    async def identify(
        self, headers: Mapping[str, str], address: str | None = None
    ) -> Principal | None:
        """Whose request this is. A Bearer token decides, right or wrong; else the cookie does.

        Names of headers may be in any case. ``address`` is where it comes from, if that is not the
        HTTP request being served. Raises PersistenceError, and ServiceError ``rate_limited`` and
        ``unavailable``.
        """
        address = PEER.get() if address is None else address
        bearer = bearer_token(headers)
        if bearer is not None:
            return await self.identify_bearer(bearer, address)
        token = session_token(headers)
        return None if token is None else _at(await self._identify_person(token), address)

    async def identify_bearer(self, token: str, address: str | None = None) -> Principal | None:
        """Whose key or token it is. Raises as :meth:`identify`."""
        known = self._verified.recall(hash_secret(token))
        if known is not None and not has_expired(known):
            return _at(known, address)
        asked_at = trio.current_time()
        who, kind = await self._look_up(token)
        if who is None or has_expired(who):
            self.count_failure(address, kind)
            return None
        self._verified.remember(hash_secret(token), asked_at, who)
        return _at(who, address)

    async def _look_up(self, token: str) -> tuple[Principal | None, Attempt]:
        if token.startswith(f"{KEY_MARK}_"):
            return await self._identify_key(token), "key"
        if token.startswith(f"{TOKEN_MARK}_"):
            return await self._identify_token(token), "token"
        if self._jwt is None:
            return None, "key"
        who = await self._jwt.identify(token)
        if who is not None:
            await self._note_seen(Person(who.author.id, who.author.name))
        return who, "token"

    async def _identify_person(self, token: str) -> Principal | None:
        known = self._verified.recall(hash_secret(token))
        if known is not None and not has_expired(known):
            return known
        asked_at = trio.current_time()
        session = await self._sign_in.find_session(token)
        if session is None:
            return None
        who = self._person(session)
        self._verified.remember(hash_secret(token), asked_at, who)
        return who

    def _person(self, session: PersonSession) -> Principal:
        person = session.person
        return person_principal(
            person.id,
            person.name,
            f"session:{session.id}",
            is_admin=person.id in self._admins,
            expires_at=session.expires_at,
        )

    async def _identify_key(self, key: str) -> Principal | None:
        prefix = prefix_of(key)
        if prefix is None or len(key) > MAX_SECRET_LENGTH:
            return None
        credential = await self._credentials.find(prefix)
        if credential is None or not credential.matches(key):
            return None
        await self.note_use(credential.agent_id, credential.last_used)
        return self._agent(credential, f"key:{prefix}")

    async def _identify_token(self, token: str) -> Principal | None:
        if len(token) > MAX_SECRET_LENGTH:
            return None
        found = await self._credentials.find_session(token)
        if found is None:
            return None
        session_id, credential = found
        await self.note_use(credential.agent_id, credential.last_used)
        return self._agent(credential, f"token:{session_id}")

    def _agent(self, credential: AgentCredential, proof: str) -> Principal:
        return agent_principal(
            Author("agent", credential.agent_id, credential.name),
            credential.permissions,
            proof,
            owner_id=credential.owner_id,
            owner_is_admin=credential.owner_id in self._admins,
            all_diagrams=credential.all_diagrams,
            rate_limit=credential.rate_limit,
            expires_at=credential.ends_at,
        )

    # Is it still -----------------------------------------------------------------------------

    async def recheck(self, who: Principal) -> Principal | None:
        """The same principal as it is now; ``None`` where it is none any more.

        Raises PersistenceError.
        """
        if has_expired(who):
            return None
        look = self._rechecks.get(who.credential.partition(":")[0])
        # Nothing but its time ends a host application's token.
        return who if look is None else _at(await look(who), who.address)

    async def confirm(self, who: Principal) -> None:
        """Raises ServiceError ``unauthenticated`` where it is none any more; asks the database for
        what was not asked a moment ago."""
        if self._confirmed.recall(who.credential) and not has_expired(who):
            return
        asked_at = trio.current_time()
        if await self.recheck(who) is None:
            raise unauthenticated()
        self._confirmed.remember(who.credential, asked_at, True)

    def forget(self) -> None:
        """Believes nothing any more without asking again."""
        self._verified.clear()
        self._confirmed.clear()
        for forget in self._forgetting:
            forget()

    async def _recheck_session(self, who: Principal) -> Principal | None:
        session = await self._sign_in.find_session_by_id(_named(who))
        return None if session is None else self._person(session)

    async def _recheck_key(self, who: Principal) -> Principal | None:
        credential = await self._credentials.find(_named(who))
        if credential is None or not credential.in_force:
            return None
        return self._agent(credential, who.credential)

    async def _recheck_token(self, who: Principal) -> Principal | None:
        credential = await self._credentials.find_session_by_id(_named(who))
        return None if credential is None else self._agent(credential, who.credential)

    # Coming and going ------------------------------------------------------------------------

    async def sign_in(self, code: str, address: str | None = None) -> str | None:
        """Spends a one-time code and returns the token for the cookie of a new session."""
        address = PEER.get() if address is None else address
        person = None
        if 0 < len(code) <= MAX_SECRET_LENGTH:
            person = await self._sign_in.consume_code(code)
        if person is None:
            self.count_failure(address, "code")
            return None
        return (await self.start_session(person, _session_end())).token

    async def exchange(self, who: Principal) -> StartedSession:
        """A session for the person of a host application's token; it ends with that.

        Raises ServiceError ``forbidden`` for anybody else.
        """
        if who.credential != JWT or who.expires_at is None:
            message = "Send a token of your application; a key or a cookie starts no session."
            raise ServiceError("forbidden", message)
        person = Person(who.author.id, who.author.name)
        return await self.start_session(person, min(who.expires_at, _session_end()))

    async def start_session(self, person: Person, expires_at: datetime) -> StartedSession:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session = await self._sign_in.start_session(token, person, expires_at)
        return StartedSession(token, session.expires_at)

    async def sign_out(self, headers: Mapping[str, str]) -> bool:
        """Ends the session of the cookie. ``False`` where there was none."""
        token = session_token(headers)
        if token is None:
            return False
        ended = await self._sign_in.end_session(token)
        self.forget()
        return ended

    async def start_token(self, key: str, agent_id: str | None) -> StartedToken | None:
        """A token of 24 hours in the place of a key. ``None`` for what is no good key, or another
        agent's. Raises ServiceError ``too_many_sessions``, and as :meth:`identify`."""
        if not key.startswith(f"{KEY_MARK}_"):
            # A token makes no further ones, or it would never end.
            self.count_failure(PEER.get(), "key")
            return None
        who = await self.identify_bearer(key, PEER.get())
        if who is None or agent_id not in (None, who.author.id):
            return None
        token = f"{TOKEN_MARK}_{secrets.token_urlsafe(_TOKEN_BYTES)}"
        session = await self._credentials.start_session(
            secrets.token_hex(_TOKEN_BYTES // 2),
            token,
            _named(who),
            AGENT_SESSION_LIFETIME.total_seconds(),
        )
        if session is None:
            message = f"An agent has at most {MAX_AGENT_SESSIONS} sessions at a time; end one."
            raise ServiceError("too_many_sessions", message)
        return StartedToken(token, session, who.permissions)

    async def end_token(self, headers: Mapping[str, str]) -> bool:
        """Ends the agent's token in the header. ``False`` where there is none."""
        token = bearer_token(headers) or ""
        if not token.startswith(f"{TOKEN_MARK}_") or len(token) > MAX_SECRET_LENGTH:
            return False
        ended = await self._credentials.end_session(token)
        self.forget()
        return ended

    # Notes -----------------------------------------------------------------------------------

    def count_failure(self, address: str | None, what: Attempt) -> None:
        """Something wrong came from there. Raises ServiceError ``rate_limited`` where that was too
        often. Only what is wrong is held up: whoever shares an address with one who guesses, as
        behind a proxy, goes on."""
        self.attempts.check_address(address)
        self.attempts.note_failure(address, what)

    async def note_use(self, agent_id: str, last_used: datetime | None) -> None:
        """An agent was here; ``last_used`` is when that was noted before."""
        resolution = timedelta(seconds=LAST_USED_RESOLUTION_SECONDS)
        if last_used is not None and datetime.now(UTC) - last_used < resolution:
            return
        try:
            await self._credentials.touch(agent_id)
        except PersistenceError as error:
            # The agent is known all the same; only the note of its visit is lost.
            logger.warning("could not note an agent's visit: %s", error.code)

    async def _note_seen(self, person: Person) -> None:
        """A person who was here can be given a role."""
        if self._people is None or self._seen.recall(person):
            return
        await self._people.seen(person.id, person.name)
        self._seen.remember(person, trio.current_time(), True)


def unauthenticated() -> ServiceError:
    message = (
        "Sign in with a link from 'diagramai sign-in', or send an agent's key, or a fresh token of "
        "your application, as 'Authorization: Bearer KEY'."
    )
    return ServiceError("unauthenticated", message)


def has_expired(who: Principal) -> bool:
    return who.expires_at is not None and who.expires_at <= datetime.now(UTC)


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token of ``Authorization: Bearer``; ``""`` for one that cannot be a token."""
    scheme, _, token = _header(headers, "authorization").strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = token.strip()
    return token if len(token) <= MAX_TOKEN_LENGTH else ""


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


def _at(who: Principal | None, address: str | None) -> Principal | None:
    if who is None or who.address == address:
        return who
    return msgspec.structs.replace(who, address=address)


def _named(who: Principal) -> str:
    return who.credential.partition(":")[2]


def _session_end() -> datetime:
    return datetime.now(UTC) + timedelta(days=SESSION_DAYS)


def _most_cached() -> int:
    return MAX_CACHED


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
