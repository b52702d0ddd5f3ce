"""What all handlers for admins share: the guard, answers that are known already, pages."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import msgspec
from quart import Request, Response, request

from gateway.administration import MAX_YEAR, check_admin
from gateway.api.envelope import JSON
from gateway.api.reading import read_integer
from gateway.errors import ServiceError
from gateway.identity import Principal
from persistence.limits import MAX_FILTER_LENGTH

P = ParamSpec("P")
T = TypeVar("T")
Row = TypeVar("Row")

#: Rows of a page, where nothing else is said, and at most.
DEFAULT_PAGE_LENGTH: Final = 50
MAX_PAGE_LENGTH: Final = 200
#: Nothing is on record from before it.
MIN_YEAR: Final = 1970
_LAST_ID: Final = 2**53


def administered(
    handler: Callable[Concatenate[Principal, P], Awaitable[T]],
) -> Callable[Concatenate[Principal, P], Awaitable[T]]:
    """The handler, for admins only. Raises ServiceError ``forbidden`` for everybody else."""

    async def handle(who: Principal, /, *args: P.args, **kwargs: P.kwargs) -> T:
        check_admin(who)
        return await handler(who, *args, **kwargs)

    return handle


def unless_known(data: Any, **beside: Any) -> Response:
    """The answer with an ETag of what it says, or nothing where the client has that already."""
    body = msgspec.json.encode({"success": True, "data": data, **beside})
    tag = hashlib.sha256(body).hexdigest()[:16]
    if request.if_none_match.contains_weak(tag):
        response = Response(b"", 304)
    else:
        response = Response(body, 200, content_type=JSON)
    response.headers["ETag"] = f'W/"{tag}"'
    return response


def read_page(seen: Request) -> tuple[int | None, int]:
    """The row to go on before, and how many to tell. Raises ServiceError ``invalid``."""
    limit = read_integer(seen, "limit", DEFAULT_PAGE_LENGTH, least=1, most=MAX_PAGE_LENGTH)
    before = read_integer(seen, "before", 0, least=1, most=_LAST_ID)
    return before or None, limit


def cut(
    rows: Sequence[Row], limit: int, place: Callable[[Row], int]
) -> tuple[list[Row], int | None]:
    """``limit`` rows of those asked for, one more than that, and where the next page begins."""
    shown = list(rows[:limit])
    return shown, place(shown[-1]) if len(rows) > limit else None


def read_text_filter(seen: Request, name: str) -> str | None:
    """A text of the query; an empty one is none. Raises ServiceError ``invalid``."""
    text = seen.args.get(name, "")
    if len(text) > MAX_FILTER_LENGTH:
        message = f"{name} has at most {MAX_FILTER_LENGTH} characters."
        raise ServiceError("invalid", message, name)
    return text or None


def read_moment(seen: Request, name: str) -> datetime | None:
    """A moment of the query, with its zone. Raises ServiceError ``invalid``."""
    text = seen.args.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not MIN_YEAR <= moment.year <= MAX_YEAR:
        message = f"{name} is a moment with its zone, such as 2026-05-12T10:00:00Z."
        raise ServiceError("invalid", message, name)
    return moment
