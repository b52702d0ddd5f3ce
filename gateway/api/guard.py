"""What is checked before a request reaches its route, and what every answer carries."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from quart import Request, Response, request

from gateway.answer_headers import ANSWER_HEADERS
from gateway.api.envelope import JSON
from gateway.authentication import Authenticator, fold_headers, unauthenticated
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.service import DiagramService

P = ParamSpec("P")
T = TypeVar("T")


def check_own_request(seen: Request) -> None:
    """For requests without a body: proof that no page of another site sends them.

    A browser lets such a page send neither JSON nor, by then, an Origin that is ours.
    """
    if seen.mimetype != JSON and "Origin" not in seen.headers:
        message = f"Send the header 'Content-Type: {JSON}'."
        raise ServiceError("unsupported_media_type", message, "Content-Type")


def authenticated(
    authenticator: Authenticator,
    service: DiagramService,
    handler: Callable[Concatenate[Principal, P], Awaitable[T]],
) -> Callable[P, Awaitable[T]]:
    """The handler, given whoever is asking; what an agent asks for is put on record. Raises
    ServiceError ``unauthenticated``."""

    async def handle(*args: P.args, **kwargs: P.kwargs) -> T:
        who = await authenticator.identify(fold_headers(request.headers))
        if who is None:
            raise unauthenticated()
        path = str(request.url_rule).removeprefix("/api")
        about = kwargs.get("diagram_id")
        diagram = about if isinstance(about, str) else None
        async with service.trail.calling(who, f"{request.method} {path}", diagram, weak=True):
            return await handler(who, *args, **kwargs)

    return handle


def add_security_headers(response: Response) -> Response:
    """Adds what the route has not set itself."""
    for name, value in ANSWER_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def allow_style(response: Response, style: str) -> None:
    """Lets a page use its one inline style, and a form send to this server."""
    response.headers["Content-Security-Policy"] = style_policy(style)
    # Under no-referrer a browser would send the page's own form with the Origin "null".
    response.headers["Referrer-Policy"] = "same-origin"


def style_policy(style: str, forms_to: str = "") -> str:
    """The policy of a page with one inline style, whose forms send to this server. ``forms_to`` is
    an origin that such a form may be led on to."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    targets = f"'self' {forms_to}" if forms_to else "'self'"
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors 'none'"
    )
