"""A checked request for access, on its way from the client to the page where a person decides."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from mcp.server.auth.provider import AuthorizationParams, AuthorizeError, construct_redirect_uri
from pydantic import AnyUrl

from gateway.identity import READ
from gateway.oauth.clients import SCOPES, Client
from gateway.oauth.limits import MAX_STATE_LENGTH
from gateway.oauth.places import CONSENT_PATH, Places

#: Characters of an S256 challenge: 32 bytes in base64url.
_CHALLENGE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_CHALLENGE_CHARACTERS = 43


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` ``None``: the client sent none; ``redirect_uri`` is where it is answered, by its
    own choice where ``names_redirect_uri``."""

    client_id: str
    redirect_uri: str
    names_redirect_uri: bool
    scopes: tuple[str, ...]
    challenge: str
    state: str | None

    def fields(self) -> dict[str, str]:
        """As the fields of a form, or a query, which /oauth/authorize takes as well."""
        fields = {
            "response_type": "code",
            "client_id": self.client_id,
            "scope": " ".join(self.scopes),
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        if self.names_redirect_uri:
            fields["redirect_uri"] = self.redirect_uri
        if self.state is not None:
            fields["state"] = self.state
        return fields

    def proof(self, session_token: str) -> str:
        """What only a page of ours, shown in this very session, for this very request, knows."""
        said = msgspec.json.encode(sorted(self.fields().items()))
        return hmac.new(session_token.encode(), said, hashlib.sha256).hexdigest()

    def answer(self, places: Places, **values: str) -> str:
        """Where the browser goes with what came of it; says whose answer it is (RFC 9207)."""
        return construct_redirect_uri(
            self.redirect_uri, **values, state=self.state, iss=places.issuer
        )


def consent_url(asked: Asked) -> str:
    return f"{CONSENT_PATH}?{urlencode(asked.fields())}"


def asked_by(client: Client, params: AuthorizationParams, places: Places) -> Asked:
    """What the SDK's handler found in a request, once it is checked. Raises AuthorizeError."""
    challenge = params.code_challenge
    if len(challenge) != _CHALLENGE_CHARACTERS or not set(challenge) <= _CHALLENGE:
        raise AuthorizeError("invalid_request", "code_challenge is the S256 of the verifier.")
    if len(params.state or "") > MAX_STATE_LENGTH:
        raise AuthorizeError("invalid_request", f"state has at most {MAX_STATE_LENGTH} characters.")
    if params.resource is not None and not places.is_resource(params.resource):
        raise AuthorizeError("invalid_target", f"The resource here is {places.resource}.")
    return Asked(
        client_id=client.client_id,
        redirect_uri=str(params.redirect_uri),
        names_redirect_uri=params.redirect_uri_provided_explicitly,
        # Without reading, nothing else can be done.
        scopes=tuple(
            scope for scope in SCOPES if scope == READ or scope in (params.scopes or SCOPES)
        ),
        challenge=challenge,
        state=params.state,
    )


def params_of(client: Client, fields: Mapping[str, str]) -> AuthorizationParams:
    """The same again, from the fields that came back from the page. Raises the SDK's errors, and
    pydantic's ValidationError."""
    named = fields.get("redirect_uri")
    return AuthorizationParams(
        state=fields.get("state"),
        scopes=client.validate_scope(fields.get("scope")),
        code_challenge=fields.get("code_challenge", ""),
        redirect_uri=client.validate_redirect_uri(None if named is None else AnyUrl(named)),
        redirect_uri_provided_explicitly=named is not None,
    )
