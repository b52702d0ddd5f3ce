"""What every answer carries, whichever door gives it: nothing in it may run, be taken for something
else, be shown inside another page, or be kept."""

from collections.abc import Iterable
from typing import Final

from hypercorn.typing import ASGISendCallable, ASGISendEvent

NOTHING_ALLOWED: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ANSWER_HEADERS: Final = {
    "Content-Security-Policy": NOTHING_ALLOWED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: The same for those who write bytes, with lower-case names.
RAW_ANSWER_HEADERS: Final = tuple(
    (name.lower().encode(), value.encode()) for name, value in ANSWER_HEADERS.items()
)
#: The lines of a head.
ANSWER_HEADER_LINES: Final = b"".join(
    b"%b: %b\r\n" % (name, value) for name, value in RAW_ANSWER_HEADERS
)


def with_answer_headers(send: ASGISendCallable) -> ASGISendCallable:
    """Sends what is sent, with those headers that the application has not set itself."""

    async def send_with_headers(event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            event["headers"] = [*event["headers"], *_missing(event["headers"])]
        await send(event)

    return send_with_headers


def _missing(given: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    known = {name.lower() for name, _ in given}
    return [header for header in RAW_ANSWER_HEADERS if header[0] not in known]
