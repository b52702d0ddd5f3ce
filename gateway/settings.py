"""What can be set from outside: command line options and environment variables."""

import ipaddress
import os
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec

from gateway.errors import ServiceError

VERSION = version("diagramai")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
DEFAULT_DATA_DIR = Path("data")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``database_url`` ``None``: the embedded Postgres in ``data_dir`` serves."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data_dir: Path = DEFAULT_DATA_DIR
    database_url: str | None = None
    allow_remote: bool = False
    #: Names by which the server may be addressed besides loopback: host or host:port.
    public_hosts: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises ServiceError ``not_loopback`` for an address others can reach, unless allowed."""
        if not self.allow_remote and not is_loopback(self.host):
            message = (
                f"{self.host} can be reached from other machines. Whoever has a link or key would "
                "get in from there. If a proxy in front takes care of that, say --allow-remote."
            )
            raise ServiceError("not_loopback", message, "host")


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


def allowed_origins(hosts: frozenset[str]) -> frozenset[str]:
    """The ``Origin`` headers that go with those hosts."""
    return frozenset(f"{scheme}://{host}" for host in hosts for scheme in ("http", "https"))


def url_host(host: str) -> str:
    """How the bound address is written in a URL that works on this machine."""
    if host in ("0.0.0.0", "::"):
        return DEFAULT_HOST
    return f"[{host}]" if ":" in host else host


def own_command() -> str:
    """How the command line is called from here: by its path, where it is not installed for all."""
    program = Path(sys.argv[0])
    return os.path.relpath(program) if program.name == "diagramai" else "diagramai"
