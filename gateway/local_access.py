"""Getting in on one's own machine: sign-in links for people, keys for agents."""

import getpass
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from gateway.errors import ServiceError
from gateway.identity import PERMISSIONS
from persistence.credentials import AgentCredential, Credentials
from persistence.sign_in import Person, SignIn

#: A sign-in link works once, and not for ever.
LINK_LIFETIME: Final = timedelta(hours=24)
#: The person whose machine it is. Whoever else gets a link is told apart by a name.
LOCAL_PERSON_ID: Final = "local"
#: What an agent's key begins with, so that it is recognised where it turns up by mistake.
KEY_MARK: Final = "dai"
_PREFIX_BYTES: Final = 6
_SECRET_BYTES: Final = 32
MAX_NAME_LENGTH: Final = 100


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
    _check_name(name)
    return Person(f"{LOCAL_PERSON_ID}:{name}", name)


def local_person() -> Person:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "You"
    return Person(LOCAL_PERSON_ID, name)


async def create_agent(credentials: Credentials, name: str, permissions: Iterable[str]) -> NewAgent:
    """Makes an agent with a fresh key. Raises ServiceError for a bad name or permission."""
    wanted = frozenset(permissions)
    if not wanted or not wanted <= PERMISSIONS:
        known = ", ".join(sorted(PERMISSIONS))
        raise ServiceError("invalid", f"Permissions are one or more of {known}.", "permissions")
    _check_name(name)
    prefix = f"{KEY_MARK}_{secrets.token_hex(_PREFIX_BYTES)}"
    key = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    credential = await credentials.create(
        agent_id=name,
        name=name,
        key=key,
        key_prefix=prefix,
        permissions=wanted,
    )
    if credential is None:
        message = "There is an agent of this name already; revoke does not free it. Choose another."
        raise ServiceError("already_exists", message, "name")
    return NewAgent(credential, key)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        message = f"A name has 1 to {MAX_NAME_LENGTH} printable characters."
        raise ServiceError("invalid", message, "name")


def prefix_of(key: str) -> str | None:
    """The public part of a key, or ``None`` where it cannot be one of ours."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != KEY_MARK:
        return None
    return f"{parts[0]}_{parts[1]}"
