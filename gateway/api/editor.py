"""The editor in the browser: its page, for those who are signed in, and its files."""

from collections.abc import Awaitable, Callable
from typing import Final

from quart import Response, request

from gateway.api.pages import error_page, sign_in_page
from gateway.authentication import Authenticator, fold_headers
from gateway.editor_files import BUILD_COMMAND, EditorFile, EditorFiles

#: The editor runs what it was built of, talks to this server, and nothing else.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"


class EditorRoutes:
    """The handlers. Which file a path means was settled when the server started."""

    def __init__(self, files: EditorFiles, authenticator: Authenticator) -> None:
        self._files = files
        self._authenticator = authenticator

    async def start_page(self) -> Response:
        return await self._page()

    async def diagram_page(self, diagram_id: str) -> Response:
        """The same page; it finds the diagram by its own address, and says if there is none."""
        return await self._page()

    async def share_page(self) -> Response:
        """The same page, for strangers too: the secret in its address reaches only the page."""
        return self._editor()

    async def _page(self) -> Response:
        who = await self._authenticator.identify(fold_headers(request.headers))
        return sign_in_page() if who is None else self._editor()

    def _editor(self) -> Response:
        page = self._files.page
        if page is None:
            return error_page(503, f"The editor has not been built. Run: {BUILD_COMMAND}")
        response = Response(page.body, content_type=page.media_type)
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        # Under no-referrer a browser would send the page's own form with the Origin "null".
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def files(self) -> list[tuple[str, Callable[[], Awaitable[Response]]]]:
        """Each file's path, and what serves it."""
        return [(path, _serving(file)) for path, file in self._files.others.items()]


def _serving(file: EditorFile) -> Callable[[], Awaitable[Response]]:
    async def serve() -> Response:
        if request.if_none_match.contains_weak(file.etag):
            return _described(Response(b"", 304, content_type=file.media_type), file)
        if file.compressed is None or request.accept_encodings["gzip"] <= 0:
            return _described(Response(file.body, content_type=file.media_type), file)
        response = Response(file.compressed, content_type=file.media_type)
        response.headers["Content-Encoding"] = "gzip"
        return _described(response, file)

    return serve


def _described(response: Response, file: EditorFile) -> Response:
    response.headers["Cache-Control"] = _FOR_GOOD if file.is_hashed else _ASK_AGAIN
    response.headers["ETag"] = f'W/"{file.etag}"'
    if file.compressed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    return response
