"""Programs that ask a person for access: what one says of itself, and how it proves who it is."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

from mcp.server.auth.middleware.client_auth import AuthenticationError, ClientAuthenticator
from mcp.server.auth.provider import OAuthAuthorizationServerProvider, RegistrationError
from mcp.shared.auth import InvalidRedirectUriError, InvalidScopeError, OAuthClientInformationFull
from pydantic import AnyUrl
from starlette.datastructures import FormData
from starlette.requests import Request

from gateway.identity import CREATE, DELETE, EDIT, READ
from gateway.oauth.limits import MAX_CLIENT_NAME_LENGTH, MAX_REDIRECT_URIS
from gateway.oauth.redirects import host_of, is_acceptable, is_registered
from persistence.oauth import OAuthClientRow
from persistence.secrets import hash_secret

#: What may be asked for, in the order in which people are shown it.
SCOPES: Final = (READ, CREATE, EDIT, DELETE)
AUTH_METHODS: Final = ("none", "client_secret_post", "client_secret_basic")


class Client(OAuthClientInformationFull):
    """A client as the SDK's handlers want it, with our rules for what it may ask."""

    secret_hash: str | None = None

    def validate_scope(self, requested_scope: str | None) -> list[str] | None:
        """The scopes asked for, all where none are. Raises InvalidScopeError."""
        asked = (requested_scope or "").split()
        unknown = [scope for scope in asked if scope not in SCOPES]
        if unknown:
            raise InvalidScopeError(f"Scopes are some of {' '.join(SCOPES)}.")
        return [scope for scope in SCOPES if scope in asked] or list(SCOPES)

    def validate_redirect_uri(self, redirect_uri: AnyUrl | None) -> AnyUrl:
        """The address to answer at. Raises InvalidRedirectUriError."""
        known = [str(uri) for uri in self.redirect_uris or ()]
        if redirect_uri is None and len(known) == 1:
            return AnyUrl(known[0])
        if redirect_uri is None or not is_registered(str(redirect_uri), known):
            raise InvalidRedirectUriError("The redirect_uri is none that this client registered.")
        return redirect_uri


def client_of(row: OAuthClientRow) -> Client:
    return Client(
        client_id=row.id,
        client_name=row.name,
        redirect_uris=[AnyUrl(uri) for uri in row.redirect_uris],
        token_endpoint_auth_method=row.auth_method,
        secret_hash=row.secret_hash,
        scope=" ".join(SCOPES),
    )


def check_description(name: str | None, redirect_uris: Sequence[str]) -> str:
    """What a client says of itself; returns its name, for one without it the host that it is
    answered at. Raises RegistrationError."""
    if not 0 < len(redirect_uris) <= MAX_REDIRECT_URIS or not all(
        map(is_acceptable, redirect_uris)
    ):
        raise RegistrationError(
            "invalid_redirect_uri",
            f"Give 1 to {MAX_REDIRECT_URIS} redirect_uris, each with https, or with http on the "
            "person's own machine (127.0.0.1, [::1] or localhost), without a fragment.",
        )
    given = (name or "").strip() or host_of(redirect_uris[0])[:MAX_CLIENT_NAME_LENGTH]
    # isprintable: no marks that turn the direction of what a person reads.
    if len(given) > MAX_CLIENT_NAME_LENGTH or not given.isprintable():
        raise RegistrationError(
            "invalid_client_metadata",
            f"A client_name has at most {MAX_CLIENT_NAME_LENGTH} printable characters.",
        )
    return given


class HashedSecrets(ClientAuthenticator):
    """As the SDK's, for clients whose secrets are stored as hashes."""

    def __init__(self, provider: OAuthAuthorizationServerProvider[Any, Any, Any]) -> None:
        super().__init__(provider)

    async def authenticate_request(self, request: Request) -> OAuthClientInformationFull:
        """The client. Raises AuthenticationError."""
        form = await request.form()
        secret, named = _basic(request.headers.get("authorization", "")), form.get("client_id")
        client_id = secret[0] if secret is not None and named is None else named
        client = await self.provider.get_client(client_id) if isinstance(client_id, str) else None
        if not isinstance(client, Client) or (secret is not None and secret[0] != client_id):
            raise AuthenticationError("There is no such client; register again.")
        if client.secret_hash is not None and not _proves(client, secret, form):
            raise AuthenticationError("The client's secret is wrong or missing.")
        return client


def _proves(client: Client, basic: tuple[str, str] | None, form: FormData) -> bool:
    by_form = client.token_endpoint_auth_method == "client_secret_post"
    given = form.get("client_secret") if by_form else (basic or (None, None))[1]
    return isinstance(given, str) and hmac.compare_digest(
        client.secret_hash or "", hash_secret(given)
    )


def _basic(header: str) -> tuple[str, str] | None:
    """The id and secret of HTTP Basic, each form-encoded before (RFC 6749, 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, found, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote(name), unquote(secret)) if found else None
