"""The routes of share links: made, listed and revoked by owners, redeemed by whoever has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from quart import Response, request

from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.reading import read_json
from gateway.api.sharing_shapes import (
    CreateShareLink,
    NewShareLink,
    RedeemShareLink,
    ShareLinkEntry,
    ShareLinkRedeemed,
    ShareLinkRevoked,
)
from gateway.api.sign_in import keep_session
from gateway.authentication import Authenticator, fold_headers
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.proxies import PEER
from gateway.sharing import Sharing


class ShareLinkRoutes:
    """The handlers; whoever asks comes first, but for :meth:`redeem`. They raise ServiceError."""

    def __init__(self, sharing: Sharing, authenticator: Authenticator) -> None:
        self._sharing = sharing
        self._authenticator = authenticator

    async def create(self, who: Principal, diagram_id: str) -> Response:
        """The secret stands after a #, which browsers send to nobody."""
        body = await read_json(request, CreateShareLink)
        new = await self._sharing.create_link(who, diagram_id, body.role, body.days)
        link = new.link
        made = NewShareLink(
            id=link.id,
            role=link.role,
            created_at=link.created_at,
            expires_at=link.expires_at,
            members=0,
            url=f"{request.scheme}://{request.headers['Host']}/share#{new.token}",
        )
        return success(made, status=201)

    async def list(self, who: Principal, diagram_id: str) -> Response:
        found = await self._sharing.links(who, diagram_id)
        return success(
            [
                ShareLinkEntry(
                    id=each.id,
                    role=each.role,
                    created_at=each.created_at,
                    expires_at=each.expires_at,
                    members=each.members,
                )
                for each in found
            ]
        )

    async def revoke(self, who: Principal, diagram_id: str, link_id: str) -> Response:
        check_own_request(request)
        await self._sharing.revoke_link(who, diagram_id, link_id)
        return success(ShareLinkRevoked(id=link_id))

    async def redeem(self) -> Response:
        """A stranger gets the cookie of a session that holds nothing but this."""
        body = await read_json(request, RedeemShareLink)
        who = await self._authenticator.identify(fold_headers(request.headers))
        count_guest = partial(self._authenticator.attempts.count_guest, PEER.get())
        with self._counting_guesses():
            done = await self._sharing.redeem(who, body.token, body.name, count_guest=count_guest)
        response = success(
            ShareLinkRedeemed(
                diagram_id=done.diagram_id,
                title=done.title,
                role=done.role,
                is_guest=done.session_token is not None,
            )
        )
        if done.session_token is not None and done.session_ends is not None:
            left = done.session_ends - datetime.now(UTC)
            keep_session(response, done.session_token, max(1, int(left.total_seconds())))
        return response

    @contextmanager
    def _counting_guesses(self) -> Iterator[None]:
        """A link that is none counts as a wrong key does. Raises ServiceError ``rate_limited``."""
        try:
            yield
        except ServiceError as error:
            if error.code == "link_not_found":
                self._authenticator.count_failure(PEER.get(), "link")
            raise
