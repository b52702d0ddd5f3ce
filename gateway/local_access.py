"""Getting in on one's own machine: sign-in links for people, keys for agents."""

import getpass
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from gateway.errors import ServiceError
from gateway.identity import LOCAL_GUEST, LOCAL_PERSON_ID, PERMISSIONS
from persistence.credentials import AgentCredential, Credentials
from persistence.sign_in import Person, SignIn

#: A sign-in link works once, and not for ever.
LINK_LIFETIME: Final = timedelta(hours=24)
#: What an agent's key begins with, so that it is recognised where it turns up by mistake.
KEY_MARK: Final = "dai"
_PREFIX_BYTES: Final = 6
_SECRET_BYTES: Final = 32
MAX_NAME_LENGTH: Final = 100
#: Operations a minute of an agent of which nothing else is said, and at most.
DEFAULT_RATE_LIMIT: Final = 100
MAX_RATE_LIMIT: Final = 1_000_000
#: How long a key may go on working beside the one that replaces it.
MAX_OVERLAP_LIFETIME: Final = timedelta(days=30)


class NewAgent(msgspec.Struct, frozen=True):
    """A created agent and its key, which nobody can show again."""

    credential: AgentCredential
    key: str


async def issue_link(sign_in: SignIn, base_url: str, name: str | None = None) -> str:
    """A sign-in link, good once, for the person at this machine or a guest of this name.

    Raises ServiceError for a bad name.
    """
    person = local_person() if name is None else guest(name)
    code = secrets.token_urlsafe(_SECRET_BYTES)
    await sign_in.issue_code(code, person, datetime.now(UTC) + LINK_LIFETIME)
    return f"{base_url}/sign-in?code={code}"


def guest(name: str) -> Person:
    """Somebody else at this server; links of one name are one person."""
    check_name(name)
    return Person(f"{LOCAL_GUEST}{name}", name)


def local_person() -> Person:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "You"
    return Person(LOCAL_PERSON_ID, name)


async def create_agent(
    credentials: Credentials,
    name: str,
    permissions: Iterable[str],
    *,
    rate_limit: int = DEFAULT_RATE_LIMIT,
    owner_id: str | None = None,
    all_diagrams: bool = True,
    expires_at: datetime | None = None,
) -> NewAgent:
    """Makes an agent with a fresh key. Raises ServiceError for a bad name, permission or limit."""
    wanted = check_permissions(permissions)
    check_name(name)
    check_rate_limit(rate_limit)
    key, prefix = make_key()
    credential = await credentials.create(
        agent_id=name,
        name=name,
        key=key,
        key_prefix=prefix,
        permissions=wanted,
        rate_limit=rate_limit,
        owner_id=owner_id,
        all_diagrams=all_diagrams,
        expires_at=expires_at,
    )
    if credential is None:
        message = "There is an agent of this name already; revoke does not free it. Choose another."
        raise ServiceError("already_exists", message, "name")
    return NewAgent(credential, key)


async def rotate_key(credentials: Credentials, agent_id: str, overlap: timedelta) -> NewAgent:
    """A new key for an agent, whose present one works for ``overlap`` longer.

    Raises ServiceError ``agent_not_found``, and ``invalid`` for an overlap out of bounds.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP_LIFETIME:
        message = f"Keys overlap for at most {MAX_OVERLAP_LIFETIME.days} days."
        raise ServiceError("invalid", message, "overlap")
    key, prefix = make_key()
    credential = await credentials.rotate(
        agent_id, key=key, key_prefix=prefix, overlap_seconds=overlap.total_seconds()
    )
    if credential is None:
        message = f"There is no active agent {agent_id} with a key; look at the list of agents."
        raise ServiceError("agent_not_found", message, "name")
    return NewAgent(credential, key)


def make_key() -> tuple[str, str]:
    """A fresh key of 256 random bits, and its public prefix."""
    prefix = f"{KEY_MARK}_{secrets.token_hex(_PREFIX_BYTES)}"
    return f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}", prefix


def check_permissions(permissions: Iterable[str]) -> frozenset[str]:
    """Raises ServiceError ``invalid``."""
    wanted = frozenset(permissions)
    if not wanted or not wanted <= PERMISSIONS:
        known = ", ".join(sorted(PERMISSIONS))
        raise ServiceError("invalid", f"Permissions are one or more of {known}.", "permissions")
    return wanted


def check_rate_limit(rate_limit: int) -> None:
    """Raises ServiceError ``invalid``."""
    if not 1 <= rate_limit <= MAX_RATE_LIMIT:
        message = f"An agent may do 1 to {MAX_RATE_LIMIT} operations a minute."
        raise ServiceError("invalid", message, "rate_limit")


def check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        message = f"A name has 1 to {MAX_NAME_LENGTH} printable characters."
        raise ServiceError("invalid", message, "name")


def prefix_of(key: str) -> str | None:
    """The public part of a key, or ``None`` where it cannot be one of ours."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != KEY_MARK:
        return None
    return f"{parts[0]}_{parts[1]}"
