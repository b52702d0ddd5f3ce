"""What the gateway answers when it cannot do what was asked."""


class ServiceError(Exception):
    """A stable ``code``, a ``message`` that says what to do, ``at`` the field it is about."""

    def __init__(self, code: str, message: str, at: str = "", *, retry: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.retry = retry


#: HTTP status of each code; anything else is 400.
STATUS_OF_CODE = {
    "unauthenticated": 401,
    "forbidden": 403,
    "wrong_origin": 403,
    "not_found": 404,
    "already_exists": 409,
    "conflict": 409,
    "too_large": 413,
    "diagram_too_large": 413,
    "wrong_host": 421,
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
