"""The envelope of every answer: ``{success: true, data}`` or ``{success: false, error}``."""

import logging
import math
import secrets
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from quart import Response
from werkzeug.exceptions import HTTPException

from gateway.errors import ServiceError, status_of
from ot.errors import OperationError
from persistence.errors import PersistenceError

logger = logging.getLogger(__name__)

JSON: Final = "application/json"

#: Statuses of the codes that only HTTP knows; the rest is in ``gateway.errors``.
_HTTP_STATUS: Final = {
    "method_not_allowed": 405,
    "request_timeout": 408,
    "outcome_unknown": 503,
    "unsupported_media_type": 415,
}
_CODE_OF_STATUS: Final = {
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "too_large",
    415: "unsupported_media_type",
}
_MESSAGES: Final = {
    "not_found": "There is nothing here; GET /api/openapi.json lists what there is.",
    "method_not_allowed": "This path does not take this method; see the header Allow.",
    "request_timeout": "The request's body did not arrive in time; send it again.",
    "too_large": "The request's body is too large.",
}
#: What storage says to clients as it is; its other codes are defects of ours, or of the data.
_STORAGE_CODES: Final = frozenset({"unavailable", "outcome_unknown", "invalid"})


class ErrorBody(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """``code`` is for programs, ``message`` says what to do, ``at`` names the field or header.

    ``requestId`` finds an internal error in the server's log. ``retryAfterMs`` says when the same
    may succeed, as the header Retry-After does in whole seconds.
    """

    code: str
    message: str
    at: str = ""
    request_id: str | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET


class Refusal(msgspec.Struct, frozen=True):
    """An error and its HTTP status, ready to be shown as an envelope or as a page."""

    status: int
    error: ErrorBody


def success(
    data: Any, *, status: int = 200, revision: int | None = None, **beside: Any
) -> Response:
    """``data`` in its envelope; ``revision`` becomes the ETag."""
    response = json_response({"success": True, "data": data, **beside}, status)
    if revision is not None:
        response.headers["ETag"] = f'"{revision}"'
    return response


def failure(refusal: Refusal, **beside: Any) -> Response:
    """The error in its envelope, with the headers that go with its status."""
    response = json_response({"success": False, "error": refusal.error, **beside}, refusal.status)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="DiagramAI"'
    wait_ms = refusal.error.retry_after_ms
    if wait_ms is not UNSET:
        response.headers["Retry-After"] = str(math.ceil(wait_ms / 1000))
    elif refusal.status == 503:
        response.headers["Retry-After"] = "1"
    return response


def json_response(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, content_type=JSON)


def explain(error: Exception) -> Refusal:
    """What to tell the client. An unexpected error is logged here, once, and told to nobody."""
    if isinstance(error, PersistenceError) and error.code not in _STORAGE_CODES:
        return _unexpected(error)
    if isinstance(error, ServiceError | OperationError | PersistenceError):
        wait_ms = getattr(error, "retry_after_ms", None)
        return _coded(error.code, error.message, error.at, wait_ms)
    if isinstance(error, HTTPException) and error.code is not None:
        return _http(error.code)
    return _unexpected(error)


def _coded(code: str, message: str, at: str, wait_ms: int | None) -> Refusal:
    status = _HTTP_STATUS.get(code) or status_of(code)
    after = UNSET if wait_ms is None else wait_ms
    return Refusal(status, ErrorBody(code=code, message=message, at=at, retry_after_ms=after))


def _http(status: int) -> Refusal:
    code = _CODE_OF_STATUS.get(status, "invalid")
    message = _MESSAGES.get(code, "The request cannot be understood.")
    return Refusal(status, ErrorBody(code=code, message=message))


def _unexpected(error: Exception) -> Refusal:
    request_id = secrets.token_hex(8)
    logger.error("request %s failed unexpectedly", request_id, exc_info=error)
    message = "Something failed inside the server; its log has the details under this request id."
    body = ErrorBody(code="internal_error", message=message, request_id=request_id)
    return Refusal(500, body)
