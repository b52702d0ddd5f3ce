"""Where everything is: one server's addresses, as the client that asks sees them."""

from typing import Final

import msgspec

from gateway.settings import is_loopback

RESOURCE_PATH: Final = "/oauth/mcp"
ISSUER_PATH: Final = "/oauth"
AUTHORIZE_PATH: Final = "/oauth/authorize"
CONSENT_PATH: Final = "/oauth/consent"
TOKEN_PATH: Final = "/oauth/token"
REGISTER_PATH: Final = "/oauth/register"
REVOKE_PATH: Final = "/oauth/revoke"
CONNECTIONS_PATH: Final = "/oauth/connections"
RESOURCE_METADATA_PATH: Final = f"/.well-known/oauth-protected-resource{RESOURCE_PATH}"
SERVER_METADATA_PATH: Final = f"/.well-known/oauth-authorization-server{ISSUER_PATH}"


class Places(msgspec.Struct, frozen=True):
    """``origin`` is scheme, host and port: the server may be known by several of them."""

    origin: str

    @property
    def issuer(self) -> str:
        return self.origin + ISSUER_PATH

    @property
    def resource(self) -> str:
        """What an access token is for (RFC 8707)."""
        return self.origin + RESOURCE_PATH

    @property
    def resource_metadata(self) -> str:
        return self.origin + RESOURCE_METADATA_PATH

    def is_resource(self, named: str) -> bool:
        """Whether a resource indicator names ours; a slash at its end is no other resource."""
        return named.removesuffix("/") == self.resource


def is_secure(scheme: str, host: str) -> bool:
    """Whether tokens may travel so: encrypted, or not beyond this machine. ``host`` may have a
    port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return scheme == "https" or is_loopback(name.strip("[]"))
