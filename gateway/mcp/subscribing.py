"""Subscriptions as the two protocol eras ask for them.

Up to 2025-11-25 with ``resources/subscribe``, told on the session's open stream; from 2026-07-28
on with ``subscriptions/listen``, whose answer is the stream.
"""

from collections import Counter
from functools import partial
from typing import Any, Final, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import (
    SUBSCRIPTION_ID_META_KEY,
    event_from_wire,
    event_to_notification,
)
from mcp_types import (
    INVALID_PARAMS,
    EmptyResult,
    JSONRPCNotification,
    SubscribeRequestParams,
    SubscriptionFilter,
    SubscriptionsAcknowledgedNotification,
    SubscriptionsAcknowledgedNotificationParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)
from starlette.requests import Request

from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.mcp.limits import MAX_LISTENERS, MAX_LISTENERS_OF_ONE
from gateway.mcp.outbox import Outbox
from gateway.mcp.session import SESSION_KEY, LegacySession
from gateway.mcp.watching import Watcher, Watching
from gateway.tools.context import PRINCIPAL_KEY
from persistence.errors import PersistenceError

#: Where in the ASGI scope stands what asks again who sent the request, by what it sent then.
IDENTIFY_KEY: Final = "diagramai.identify"

Ctx: TypeAlias = ServerRequestContext[Any, Any]

_UPDATED: Final = "notifications/resources/updated"
RESOURCES_CHANGED: Final = "notifications/resources/list_changed"
_NO_SESSION: Final = (
    "Subscriptions need a session: send initialize, accept text/event-stream, and send the "
    "Mcp-Session-Id of the answer with each request."
)


class Subscribing:
    """The handlers of both eras. ``watching`` is where diagrams are followed."""

    def __init__(self, watching: Watching) -> None:
        self._watching = watching
        self._of_sessions: dict[LegacySession, Watcher] = {}
        self._listeners: Counter[tuple[str, str]] = Counter()
        self._outboxes: set[Outbox] = set()
        #: By outbox, the methods of the notifications about lists that it is for.
        self._of_lists: dict[Outbox, frozenset[str]] = {}

    async def subscribe(self, ctx: Ctx, params: SubscribeRequestParams) -> EmptyResult:
        session, request = _session_of(ctx), _request_of(ctx)
        watcher = self._of_sessions.get(session)
        if watcher is None:
            watcher = Watcher(request.scope[IDENTIFY_KEY], partial(_tell_session, session))
            self._of_sessions[session] = watcher
            session.on_end(partial(self._forget, session))
        await self._watch(watcher, str(params.uri))
        if session.is_over:
            self._watching.forget(watcher)
        return EmptyResult()

    async def unsubscribe(self, ctx: Ctx, params: UnsubscribeRequestParams) -> EmptyResult:
        watcher = self._of_sessions.get(_session_of(ctx))
        if watcher is not None:
            self._watching.unwatch(watcher, str(params.uri))
        return EmptyResult()

    async def _watch(self, watcher: Watcher, uri: str) -> None:
        try:
            await self._watching.watch(watcher, uri)
        except (ServiceError, PersistenceError) as error:
            raise MCPError(INVALID_PARAMS, error.message, {"code": error.code}) from error

    def _forget(self, session: LegacySession) -> None:
        self._watching.forget(self._of_sessions.pop(session))

    async def listen(
        self, ctx: Ctx, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Serves one stream until its client leaves, or :meth:`end_streams`."""
        request = _request_of(ctx)
        who: Principal = request.scope[PRINCIPAL_KEY]
        owner = (who.author.kind, who.author.id)
        if (
            self._listeners.total() >= MAX_LISTENERS
            or self._listeners[owner] >= MAX_LISTENERS_OF_ONE
        ):
            raise MCPError(INVALID_PARAMS, "Too many streams are open; end some.")
        outbox = Outbox()
        meta = {SUBSCRIPTION_ID_META_KEY: ctx.request_id}
        watcher = Watcher(request.scope[IDENTIFY_KEY], lambda uri: outbox.put(_updated(uri)))
        self._listeners[owner] += 1
        self._outboxes.add(outbox)
        try:
            honoured = await self._honour(watcher, params.notifications)
            self._of_lists[outbox] = _lists_in(honoured)
            await _acknowledge(ctx, honoured, meta)
            await _forward(ctx, outbox, meta)
        finally:
            self._watching.forget(watcher)
            self._outboxes.discard(outbox)
            self._of_lists.pop(outbox, None)
            self._listeners[owner] -= 1
            self._listeners += Counter()
        return SubscriptionsListenResult(_meta=meta)

    async def _honour(self, watcher: Watcher, wanted: SubscriptionFilter) -> SubscriptionFilter:
        """What of it is there to be told; the rest is left out, as the protocol has it."""
        uris = []
        for uri in dict.fromkeys(wanted.resource_subscriptions or ()):
            try:
                await self._watching.watch(watcher, uri)
            except (ServiceError, PersistenceError):
                continue
            uris.append(uri)
        return SubscriptionFilter(
            tools_list_changed=wanted.tools_list_changed or None,
            prompts_list_changed=wanted.prompts_list_changed or None,
            resources_list_changed=wanted.resources_list_changed or None,
            resource_subscriptions=uris or None,
        )

    def tell_list_changed(self, method: str) -> None:
        """For the listeners of 2026-07-28 that have asked for this notification."""
        for outbox, wanted in self._of_lists.items():
            if method in wanted:
                outbox.put(JSONRPCNotification(jsonrpc="2.0", method=method))

    def end_streams(self) -> None:
        """Ends every listening request in good order."""
        for outbox in self._outboxes:
            outbox.end()


def _session_of(ctx: Ctx) -> LegacySession:
    session: LegacySession | None = _request_of(ctx).scope.get(SESSION_KEY)
    if session is None or session.is_over:
        raise MCPError(INVALID_PARAMS, _NO_SESSION)
    return session


def _request_of(ctx: Ctx) -> Request:
    request: Request | None = ctx.request
    assert request is not None, "subscriptions are only served over HTTP"
    return request


def _updated(uri: str) -> JSONRPCNotification:
    return JSONRPCNotification(jsonrpc="2.0", method=_UPDATED, params={"uri": uri})


def _lists_in(honoured: SubscriptionFilter) -> frozenset[str]:
    """The methods of the notifications about lists that it asks for."""
    wanted = {
        "notifications/tools/list_changed": honoured.tools_list_changed,
        "notifications/prompts/list_changed": honoured.prompts_list_changed,
        RESOURCES_CHANGED: honoured.resources_list_changed,
    }
    return frozenset(method for method, is_wanted in wanted.items() if is_wanted)


def _tell_session(session: LegacySession, uri: str) -> None:
    session.tell(_updated(uri))


async def _acknowledge(ctx: Ctx, honoured: SubscriptionFilter, meta: dict[str, Any]) -> None:
    params = SubscriptionsAcknowledgedNotificationParams(notifications=honoured, _meta=meta)
    note = SubscriptionsAcknowledgedNotification(params=params)
    await ctx.session.send_notification(note, related_request_id=ctx.request_id)


async def _forward(ctx: Ctx, outbox: Outbox, meta: dict[str, Any]) -> None:
    """Sends what comes, each marked with whose subscription it is of."""
    while (message := await outbox.take()) is not None:
        assert isinstance(message, JSONRPCNotification), "nothing else is put there"
        event = event_from_wire(message.method, message.params)
        assert event is not None, "nothing else is put there"
        await ctx.session.send_notification(
            event_to_notification(event, meta), related_request_id=ctx.request_id
        )
