"""Where a request comes from: which Host and Origin headers are answered."""

from collections.abc import Sequence, Set

from gateway.errors import ServiceError


def check_source(
    seen_hosts: Sequence[str], seen_origins: Sequence[str], hosts: Set[str], origins: Set[str]
) -> None:
    """Raises ServiceError ``wrong_host`` or ``wrong_origin``; no Origin at all is fine.

    A page from anywhere can make the browser of a signed-in person send requests here, under its
    own origin or, by DNS rebinding, under its own host name.
    """
    if [host.lower() not in hosts for host in seen_hosts] != [False]:
        message = "This server does not answer to that host name."
        raise ServiceError("wrong_host", message, "Host")
    if any(origin.lower() not in origins for origin in seen_origins):
        message = "Pages of other sites may not use this server."
        raise ServiceError("wrong_origin", message, "Origin")
