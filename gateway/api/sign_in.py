"""Coming in with a one-time link, and leaving again."""

from typing import Final

from quart import Response, request
from werkzeug.exceptions import MethodNotAllowed

from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.pages import spent_link_page
from gateway.api.shapes import SignedOut
from gateway.authentication import SESSION_COOKIE, SESSION_DAYS, Authenticator, fold_headers
from gateway.live_sessions import LiveSessions
from gateway.oauth.returning import RETURN_COOKIE, RETURN_COOKIE_PATH, way_back

_FORM: Final = "application/x-www-form-urlencoded"
_DAY_SECONDS: Final = 24 * 60 * 60


class SignInRoutes:
    """The handlers."""

    def __init__(self, authenticator: Authenticator, live: LiveSessions) -> None:
        self._authenticator = authenticator
        self._live = live

    async def sign_in(self) -> Response:
        """Spends the code of a link; a look at it (HEAD), as chat programs take, does not."""
        if request.method != "GET":
            raise MethodNotAllowed(["GET"])
        token = await self._authenticator.sign_in(request.args.get("code", ""))
        if token is None:
            return spent_link_page()
        back = way_back(request.cookies.get(RETURN_COOKIE))
        response = _see(back or "/")
        if back is not None:
            response.delete_cookie(RETURN_COOKIE, path=RETURN_COOKIE_PATH, httponly=True)
        keep_session(response, token, SESSION_DAYS * _DAY_SECONDS)
        return response

    async def sign_out(self) -> Response:
        """Ends the session on the server too. A page's form is led home, a program told."""
        check_own_request(request)
        ended = await self._authenticator.sign_out(fold_headers(request.headers))
        self._live.look_now()
        from_page = request.mimetype == _FORM
        response = _see("/") if from_page else success(SignedOut(signed_out=ended))
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="Lax")
        return response


def keep_session(response: Response, token: str, seconds: int) -> None:
    """Has the browser keep the cookie of a session for so long."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=seconds,
        path="/",
        secure=request.scheme == "https",
        httponly=True,
        samesite="Lax",
    )


def _see(path: str) -> Response:
    return Response(b"", 303, headers={"Location": path}, content_type="text/plain; charset=utf-8")
