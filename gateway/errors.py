"""What the gateway answers when it cannot do what was asked."""

import math


class ServiceError(Exception):
    """A stable ``code``, a ``message`` that says what to do, ``at`` the field it is about.

    ``retry``: the same may succeed later, where that is known after ``retry_after_seconds``.
    """

    def __init__(
        self,
        code: str,
        message: str,
        at: str = "",
        *,
        retry: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.retry = retry
        self.retry_after_seconds = retry_after_seconds

    @property
    def retry_after_ms(self) -> int | None:
        """Whole milliseconds, never too few."""
        seconds = self.retry_after_seconds
        return None if seconds is None else math.ceil(1000 * seconds)


#: HTTP status of each code; anything else is 400.
STATUS_OF_CODE = {
    "unauthenticated": 401,
    "forbidden": 403,
    "wrong_origin": 403,
    "not_found": 404,
    "person_not_found": 404,
    "agent_not_found": 404,
    "link_not_found": 404,
    "session_not_found": 404,
    "alert_not_found": 404,
    "already_exists": 409,
    "conflict": 409,
    "is_owner": 409,
    "too_many_members": 409,
    "too_many_grants": 409,
    "too_many_agents": 409,
    "too_many_links": 409,
    "quota_reached": 409,
    "storage_full": 409,
    "too_many_sessions": 409,
    "link_expired": 410,
    "link_revoked": 410,
    "too_large": 413,
    "diagram_too_large": 413,
    "wrong_host": 421,
    "rate_limited": 429,
    "too_many_connections": 429,
    "internal_error": 500,
    "engine_failed": 503,
    "engine_timeout": 503,
    "overloaded": 503,
    "unavailable": 503,
    "commit_failed": 503,
}


def status_of(code: str) -> int:
    """The HTTP status that goes with an error code."""
    return STATUS_OF_CODE.get(code, 400)
