"""Coming in with a one-time link, and leaving again."""

from typing import Final

from quart import Response, request
from werkzeug.exceptions import MethodNotAllowed

from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.pages import spent_link_page
from gateway.api.shapes import SignedOut
from gateway.authentication import SESSION_COOKIE, SESSION_DAYS, Authenticator, fold_headers

_FORM: Final = "application/x-www-form-urlencoded"
_DAY_SECONDS: Final = 24 * 60 * 60


class SignInRoutes:
    """The handlers."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def sign_in(self) -> Response:
        """Spends the code of a link; a look at it (HEAD), as chat programs take, does not."""
        if request.method != "GET":
            raise MethodNotAllowed(["GET"])
        token = await self._authenticator.sign_in(request.args.get("code", ""))
        if token is None:
            return spent_link_page()
        response = _see_home()
        response.set_cookie(
            SESSION_COOKIE,
            token,
            max_age=SESSION_DAYS * _DAY_SECONDS,
            path="/",
            secure=request.scheme == "https",
            httponly=True,
            samesite="Lax",
        )
        return response

    async def sign_out(self) -> Response:
        """Ends the session on the server too. A page's form is led home, a program told."""
        check_own_request(request)
        ended = await self._authenticator.sign_out(fold_headers(request.headers))
        from_page = request.mimetype == _FORM
        response = _see_home() if from_page else success(SignedOut(signed_out=ended))
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="Lax")
        return response


def _see_home() -> Response:
    return Response(b"", 303, headers={"Location": "/"}, content_type="text/plain; charset=utf-8")
