"""The way back to the question, for a browser that has to sign in first."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from gateway.oauth.limits import MAX_RETURN_LENGTH
from gateway.oauth.places import AUTHORIZE_PATH

#: Sent to the page of the sign-in link alone. It has the query of a request, which is no secret and
#: is checked again.
RETURN_COOKIE: Final = "diagramai_authorize"
RETURN_COOKIE_PATH: Final = "/sign-in"


def plain_query(query: str) -> str | None:
    """A query in letters that a cookie holds; ``None`` for one that is too long, or none."""
    plain = urlencode(parse_qsl(query, keep_blank_values=True))
    return plain if 0 < len(plain) <= MAX_RETURN_LENGTH else None


def way_back(cookie: str | None) -> str | None:
    """Where whoever has this cookie was, always on this server."""
    query = plain_query(cookie) if cookie and len(cookie) <= MAX_RETURN_LENGTH else None
    return None if query is None else f"{AUTHORIZE_PATH}?{query}"
