"""Where a client may be answered: at home by https, or on the machine it runs on (RFC 8252)."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from gateway.oauth.limits import MAX_URI_LENGTH

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
#: What stands in a header of a page has to be nothing but a host.
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:.]{2,45}")


def is_acceptable(uri: str) -> bool:
    """Whether a client may ask to be answered there."""
    parts = _split(uri)
    if parts is None or parts.fragment or "#" in uri or parts.username is not None:
        return False
    if parts.password is not None or not _HOST.fullmatch(parts.hostname or ""):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_on_this_machine(uri))


def is_on_this_machine(uri: str) -> bool:
    """Whether it is answered by a program on the machine of the person's browser."""
    parts = _split(uri)
    return parts is not None and parts.hostname in _LOOPBACK


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Whether it is one of these: the very same, but for the port of a program on the person's own
    machine, which takes whatever port is free (RFC 8252, 7.3)."""
    return any(uri == each or _differ_in_port_alone(uri, each) for each in registered)


def _differ_in_port_alone(uri: str, registered: str) -> bool:
    asked, known = _split(uri), _split(registered)
    if asked is None or known is None or asked.scheme != "http" or not is_acceptable(uri):
        return False
    return is_on_this_machine(uri) and _but_port(asked) == _but_port(known)


def _but_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return parts.scheme, parts.hostname, parts.path or "/", parts.query


def origin_of(uri: str) -> str:
    """Scheme, host and port, for a page's policy; of an acceptable URI only."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def host_of(uri: str) -> str:
    """What a person is shown of where an answer goes."""
    return urlsplit(uri).netloc.lower()


def _split(uri: str) -> SplitResult | None:
    if not 0 < len(uri) <= MAX_URI_LENGTH or not uri.isascii() or not uri.isprintable():
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
