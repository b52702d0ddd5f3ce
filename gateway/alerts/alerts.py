"""Where alerts go: to the log at once, then to the table, then to the webhook."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import trio

from gateway.alerts.events import Alert, Happened
from gateway.alerts.limits import MAX_WAITING_ALERTS
from gateway.alerts.rules import Watchers
from gateway.alerts.webhook import Webhook
from gateway.attempts import Attempt
from gateway.rate_limits.networks import network_of
from persistence.alerts import AlertTable, StoredAlert
from persistence.errors import PersistenceError

log = logging.getLogger("diagramai.alerts")


class AlertBody(msgspec.Struct, frozen=True):
    """What the webhook is sent. ``id`` is ``None`` where the database was away."""

    id: int | None
    rule: str
    subject: str
    message: str
    details: dict[str, str | int | float]
    raised_at: datetime


class Alerts:
    """Hears of what happens and tells what the rules say of it."""

    def __init__(
        self,
        table: AlertTable,
        webhook: Webhook | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._webhook = webhook
        self._clock = clock
        self._watchers = Watchers()
        self._put, self._take = trio.open_memory_channel[Alert](MAX_WAITING_ALERTS)
        self._put_body, self._take_body = trio.open_memory_channel[AlertBody](MAX_WAITING_ALERTS)

    def watch(self, event: Happened) -> None:
        """Something has happened. Never waits and never fails."""
        for alert in self._watchers.see(event, self._clock()):
            log.warning("alert %s: %s", alert.rule, alert.message)
            try:
                self._put.send_nowait(alert)
            except trio.WouldBlock:
                log.error("too many alerts wait; this one stands only here")

    def note_failure(self, address: str | None, what: Attempt) -> None:
        """A wrong secret came from an address."""
        self.watch(Happened("failed", f"address:{network_of(address)}", what, address))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stores and sends during the body."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._store_all)
            nursery.start_soon(self._send_all)
            try:
                yield
            finally:
                nursery.cancel_scope.cancel()

    async def _store_all(self) -> None:
        async for alert in self._take:
            stored = await self._store(alert)
            if self._webhook is None:
                continue
            body = AlertBody(
                None if stored is None else stored.id,
                alert.rule,
                alert.subject,
                alert.message,
                alert.details,
                datetime.now(UTC) if stored is None else stored.raised_at,
            )
            try:
                self._put_body.send_nowait(body)
            except trio.WouldBlock:
                log.error("too many alerts wait to be sent; one is not")

    async def _store(self, alert: Alert) -> StoredAlert | None:
        try:
            return await self._table.add(
                alert.rule, alert.subject, alert.message, dict(alert.details)
            )
        except PersistenceError as error:
            log.error("an alert is not stored: %s", error.code)
            return None

    async def _send_all(self) -> None:
        async for body in self._take_body:
            if self._webhook is not None:
                await self._webhook.deliver(msgspec.json.encode(body))
