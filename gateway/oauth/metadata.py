"""What a client that knows nothing but the address learns first."""

from mcp.server.auth.routes import build_metadata
from mcp.server.auth.settings import ClientRegistrationOptions, RevocationOptions
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata
from pydantic import AnyHttpUrl

from gateway.oauth.clients import AUTH_METHODS, SCOPES
from gateway.oauth.places import Places

REGISTRATION = ClientRegistrationOptions(
    enabled=True, valid_scopes=list(SCOPES), default_scopes=list(SCOPES)
)


def server_metadata(places: Places, *, takes_documents: bool) -> OAuthMetadata:
    """RFC 8414: where everything is, and what is understood there."""
    metadata = build_metadata(
        AnyHttpUrl(places.issuer), None, REGISTRATION, RevocationOptions(enabled=True)
    )
    metadata.token_endpoint_auth_methods_supported = list(AUTH_METHODS)
    metadata.revocation_endpoint_auth_methods_supported = list(AUTH_METHODS)
    metadata.authorization_response_iss_parameter_supported = True
    metadata.client_id_metadata_document_supported = takes_documents
    return metadata


def resource_metadata(places: Places) -> ProtectedResourceMetadata:
    """RFC 9728: which server gives tokens for the resource."""
    return ProtectedResourceMetadata(
        resource=AnyHttpUrl(places.resource),
        authorization_servers=[AnyHttpUrl(places.issuer)],
        scopes_supported=list(SCOPES),
        resource_name="DiagramAI",
    )
