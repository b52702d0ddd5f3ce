"""Clients that describe themselves in a document, whose address is their id.

draft-ietf-oauth-client-id-metadata-document: the client's id is an https address; there lies what a
client would register otherwise, and names that very address as its id.
"""

import logging
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
import trio
from mcp.server.auth.provider import RegistrationError
from msgspec import Meta
from pydantic import AnyUrl, ValidationError

from gateway.brief_memory import BriefMemory
from gateway.oauth.clients import Client, check_description, client_of
from gateway.oauth.fetching import Fetcher, NotFetched
from gateway.oauth.limits import (
    DOCUMENT_FAILED_SECONDS,
    DOCUMENT_KEPT_SECONDS,
    MAX_DOCUMENT_FETCHES,
    MAX_KEPT_DOCUMENTS,
    MAX_REDIRECT_URIS,
    MAX_URI_LENGTH,
)
from persistence.oauth import OAuthClientRow

log = logging.getLogger("diagramai.oauth")


class Document(msgspec.Struct, frozen=True):
    """What is read of one."""

    client_id: str
    redirect_uris: Annotated[list[str], Meta(min_length=1, max_length=MAX_REDIRECT_URIS)]
    client_name: str | None = None
    token_endpoint_auth_method: str = "none"


def is_document(client_id: str) -> bool:
    """Whether an id is the address of a document, as the draft wants such addresses."""
    if len(client_id) > MAX_URI_LENGTH or not client_id.isascii() or not client_id.isprintable():
        return False
    try:
        parts = urlsplit(client_id)
        _ = parts.port
    except ValueError:
        return False
    steps = parts.path.split("/")
    return (
        parts.scheme == "https"
        and bool(parts.hostname)
        and parts.username is None
        and parts.password is None
        and "#" not in client_id
        and " " not in client_id
        and len(parts.path) > 1
        and not {".", ".."} & set(steps)
    )


class ClientDocuments:
    """Fetches them, and believes them for a while."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._fetching = trio.CapacityLimiter(MAX_DOCUMENT_FETCHES)
        self._known: BriefMemory[str, OAuthClientRow] = BriefMemory(
            DOCUMENT_KEPT_SECONDS, lambda: MAX_KEPT_DOCUMENTS
        )
        self._failed: BriefMemory[str, bool] = BriefMemory(
            DOCUMENT_FAILED_SECONDS, lambda: MAX_KEPT_DOCUMENTS
        )

    async def find(self, client_id: str) -> Client | None:
        """The client; ``None`` where there is no such document, or no good one."""
        row = self._known.recall(client_id)
        if row is None and not self._failed.recall(client_id):
            row = await self._fetch(client_id)
        return None if row is None else client_of(row)

    async def _fetch(self, client_id: str) -> OAuthClientRow | None:
        asked_at = trio.current_time()
        try:
            async with self._fetching:
                row = parse_document(client_id, await self._fetcher.fetch(client_id))
        except NotFetched as error:
            log.info("the client's document %s is refused: %s", client_id, error)
            self._failed.remember(client_id, trio.current_time(), True)
            return None
        self._known.remember(client_id, asked_at, row)
        return row


_AUTH_METHOD: Final = "none"


def parse_document(client_id: str, data: bytes) -> OAuthClientRow:
    """Raises NotFetched."""
    try:
        found = msgspec.json.decode(data, type=Document)
        uris = [str(AnyUrl(uri)) for uri in found.redirect_uris]
        name = check_description(found.client_name, uris)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValidationError) as error:
        raise NotFetched(f"it cannot be read: {error}") from None
    except RegistrationError as error:
        raise NotFetched(error.error_description or error.error) from None
    if found.client_id != client_id:
        raise NotFetched("it names another client_id")
    if found.token_endpoint_auth_method != _AUTH_METHOD:
        raise NotFetched(f"its token_endpoint_auth_method is not {_AUTH_METHOD}")
    return OAuthClientRow(client_id, name, uris, _AUTH_METHOD, None)
