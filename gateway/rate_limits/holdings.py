"""What members and agents have open at a time. People of the machine are not counted."""

from collections.abc import Iterator, Sized
from contextlib import contextmanager

from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.rate_limits.limiter import is_bounded
from gateway.rate_limits.limits import MAX_PRINCIPAL_CONNECTIONS, MAX_PRINCIPAL_SUBSCRIPTIONS


class Holdings:
    """Connections, with what each of them follows, by whose they are."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], list[Sized]] = {}

    @contextmanager
    def connection(self, who: Principal, followed: Sized) -> Iterator[None]:
        """Counts a connection during the body; ``followed`` grows and shrinks meanwhile."""
        key = who.author.kind, who.author.id
        mine = self._held.setdefault(key, [])
        mine.append(followed)
        try:
            yield
        finally:
            # By identity: two that follow nothing are equal.
            mine[:] = [each for each in mine if each is not followed]
            if not mine and self._held.get(key) is mine:
                del self._held[key]

    def check_connection(self, who: Principal) -> None:
        """Raises ServiceError ``too_many_connections`` where one more is too many."""
        if is_bounded(who) and len(self._of(who)) >= MAX_PRINCIPAL_CONNECTIONS:
            message = f"At most {MAX_PRINCIPAL_CONNECTIONS} connections at a time; close one."
            raise ServiceError("too_many_connections", message)

    def check_subscription(self, who: Principal) -> None:
        """Raises ServiceError ``too_many_subscriptions`` where one more is too many."""
        if not is_bounded(who):
            return
        if sum(map(len, self._of(who))) >= MAX_PRINCIPAL_SUBSCRIPTIONS:
            message = (
                f"At most {MAX_PRINCIPAL_SUBSCRIPTIONS} diagrams are followed at a time, over all "
                "connections; unsubscribe from one."
            )
            raise ServiceError("too_many_subscriptions", message, "diagram_id")

    def _of(self, who: Principal) -> list[Sized]:
        return self._held.get((who.author.kind, who.author.id), [])
