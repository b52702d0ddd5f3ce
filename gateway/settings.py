"""What can be set from outside: command line options and environment variables."""

import ipaddress
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from gateway.alerts.settings import WebhookSettings
from gateway.errors import ServiceError

VERSION = version("diagramai")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
DEFAULT_DATA_DIR = Path("data")


#: Bytes of a secret that signs tokens, at least: as many as the hash has that it is used with.
MIN_JWT_SECRET_LENGTH = 32
#: What a key set may verify; a shared secret verifies HS256.
JWKS_ALGORITHMS = ("RS256", "ES256")


class JwtSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the tokens of a host application are verified: by ``secret``, or by the key set at the
    path or address ``jwks``. Without either there are none."""

    secret: str | None = None
    jwks: str | None = None
    algorithms: tuple[str, ...] = JWKS_ALGORITHMS
    issuer: str | None = None
    audience: str | None = None

    def __repr__(self) -> str:
        # Tracebacks and logs show settings.
        how = "secret" if self.secret else self.jwks
        return f"JwtSettings({how!r}, issuer={self.issuer!r}, audience={self.audience!r})"

    @property
    def is_configured(self) -> bool:
        return self.secret is not None or self.jwks is not None

    def check(self) -> None:
        """Raises ServiceError ``invalid`` naming the setting."""
        if self.secret is not None and self.jwks is not None:
            message = "Set a secret or a key set for tokens, not both: one of them is in force."
            raise ServiceError("invalid", message, "DIAGRAMAI_JWT_SECRET")
        if self.secret is not None and len(self.secret.encode()) < MIN_JWT_SECRET_LENGTH:
            message = (
                f"The secret for tokens has at least {MIN_JWT_SECRET_LENGTH} bytes; "
                "'openssl rand -hex 32' makes one."
            )
            raise ServiceError("invalid", message, "DIAGRAMAI_JWT_SECRET")
        if self.jwks is not None and not _is_safe_source(self.jwks):
            message = "A key set is a file, or an address with https."
            raise ServiceError("invalid", message, "DIAGRAMAI_JWKS")
        if not self.algorithms or not set(self.algorithms) <= set(JWKS_ALGORITHMS):
            message = f"Tokens are verified by {' and '.join(JWKS_ALGORITHMS)}, or one of them."
            raise ServiceError("invalid", message, "DIAGRAMAI_JWT_ALGORITHMS")


def _is_safe_source(source: str) -> bool:
    """Keys that come by plain http could be anybody's, but for those of this machine."""
    if "://" not in source:
        return True
    parts = urlsplit(source)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``database_url`` ``None``: the embedded Postgres in ``data_dir`` serves."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data_dir: Path = DEFAULT_DATA_DIR
    database_url: str | None = None
    #: Names by which the server may be addressed besides loopback: host or host:port.
    public_hosts: tuple[str, ...] = ()
    #: Origins of a host application's pages that may use the server.
    public_origins: tuple[str, ...] = ()
    #: Addresses and networks of proxies that are believed where a request comes from.
    trusted_proxies: tuple[str, ...] = ()
    jwt: JwtSettings = JwtSettings()
    #: Subjects of tokens whose people are admins.
    admins: frozenset[str] = frozenset()
    #: Whether agents may be known by the address of a document that describes them, which is
    #: fetched from the internet then.
    client_documents: bool = True
    #: Days for which what agents did stays on record; ``None``: for good.
    audit_days: int | None = None
    #: Where alerts are sent, beside the log and the admin page.
    alert_webhook: WebhookSettings | None = None

    def check(self) -> None:
        """Raises ServiceError ``invalid``, and ``not_loopback`` for an address that others can
        reach while nothing says who they are."""
        self.jwt.check()
        if self.alert_webhook is not None:
            self.alert_webhook.check()
        for origin in self.public_origins:
            if not _is_origin(origin):
                message = f"An origin is like https://app.example.org, not {origin!r}."
                raise ServiceError("invalid", message, "DIAGRAMAI_PUBLIC_ORIGINS")
        if not is_loopback(self.host) and not self.jwt.is_configured:
            message = (
                f"{self.host} can be reached from other machines, and nothing says who comes from "
                "there. Set DIAGRAMAI_JWT_SECRET (HS256) or DIAGRAMAI_JWKS (RS256, ES256) so that "
                "people come with the tokens of your application, or listen on 127.0.0.1; see "
                "docs/identity.md."
            )
            raise ServiceError("not_loopback", message, "host")


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and text == f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_hosts(settings: Settings, port: int) -> frozenset[str]:
    """The ``Host`` headers that are answered: loopback names at our port, and the public ones.

    Anything else may be a page that was rebound to our address.
    """
    loopback = {"127.0.0.1", "localhost", "[::1]"}
    here = {f"{name}:{port}" for name in loopback} | (loopback if port == 80 else set())
    bound = {f"{settings.host}:{port}"} if settings.host not in ("0.0.0.0", "::") else set()
    return frozenset(host.lower() for host in here | bound | set(settings.public_hosts))


def allowed_origins(hosts: frozenset[str], others: Iterable[str] = ()) -> frozenset[str]:
    """The ``Origin`` headers that go with those hosts, and ``others``."""
    ours = {f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")}
    return frozenset(ours | {origin.lower() for origin in others})


def url_host(host: str) -> str:
    """How the bound address is written in a URL that works on this machine."""
    if host in ("0.0.0.0", "::"):
        return DEFAULT_HOST
    return f"[{host}]" if ":" in host else host


def own_command() -> str:
    """How the command line is called from here, for the same data: by its path, where it is not
    installed for all, and with the folder that this process was given."""
    program = Path(sys.argv[0])
    name = os.path.relpath(program) if program.name == "diagramai" else "diagramai"
    return shlex.join([name, *_given_folder(sys.argv[1:])])


def _given_folder(arguments: Sequence[str]) -> list[str]:
    """The option ``--data-dir`` out of a command line, if it is there."""
    for option, value in zip_longest(arguments, arguments[1:]):
        if option == "--data-dir" and value is not None:
            return [option, value]
        if option.startswith("--data-dir="):
            return [option]
    return []
