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
#: Everybody with a link to this server is the one person whose machine it is.
LOCAL_PERSON_ID: Final = "local"
#: What an agent's key begins with, so that it is recognised where it turns up by mistake.
KEY_MARK: Final = "dai"
_PREFIX_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_MAX_AGENT_NAME: Final = 100


class NewAgent(msgspec.Struct, frozen=True):
    """A created agent and its key, which nobody can show again."""

    credential: AgentCredential
    key: str


async def issue_link(sign_in: SignIn, base_url: str) -> str:
    """A sign-in link for the person at this machine; good once."""
    code = secrets.token_urlsafe(_SECRET_BYTES)
    await sign_in.issue_code(code, local_person(), datetime.now(UTC) + LINK_LIFETIME)
    return f"{base_url}/sign-in?code={code}"


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
    if not name.strip() or len(name) > _MAX_AGENT_NAME or not name.isprintable():
        message = f"A name has 1 to {_MAX_AGENT_NAME} printable characters."
        raise ServiceError("invalid", message, "name")
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


def prefix_of(key: str) -> str | None:
    """The public part of a key, or ``None`` where it cannot be one of ours."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != KEY_MARK:
        return None
    return f"{parts[0]}_{parts[1]}"
