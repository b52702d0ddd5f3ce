"""The secrets that are given out: 256 random bits each, with a mark by which scanners know them."""

import secrets
from typing import Final

from persistence.oauth import NewTokens

#: What an access token and a refresh token begin with.
ACCESS_MARK: Final = "dao_"
REFRESH_MARK: Final = "dar_"
#: Characters of a token; anything longer is none.
MAX_TOKEN_LENGTH: Final = 128
_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 16


def new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def new_id() -> str:
    """A name that is no secret, of a grant or a client."""
    return secrets.token_hex(_ID_BYTES)


def new_tokens(family: str | None = None) -> NewTokens:
    """A fresh pair, in the family of the refresh token that it replaces."""
    return NewTokens(
        access=ACCESS_MARK + new_secret(), family=family or new_secret(), refresh=new_secret()
    )


def refresh_token(tokens: NewTokens) -> str:
    return f"{REFRESH_MARK}{tokens.family}.{tokens.refresh}"


def parts_of(token: str) -> tuple[str, str] | None:
    """The family's secret and the token's own; ``None`` for what is no refresh token."""
    if len(token) > MAX_TOKEN_LENGTH or not token.startswith(REFRESH_MARK):
        return None
    family, found, own = token.removeprefix(REFRESH_MARK).partition(".")
    return (family, own) if found else None
