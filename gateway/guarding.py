"""Starts what watches over a server: the audit and how long it is kept, limits, alerts."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import trio

from gateway.alerts.alerts import Alerts
from gateway.alerts.webhook import Webhook
from gateway.rate_limits.limiter import RateLimits
from gateway.rate_limits.quota import Quota
from gateway.settings import Settings
from gateway.trail import Trail
from persistence.alerts import AlertTable
from persistence.audit import Audit
from persistence.bridge import Bridge
from persistence.errors import PersistenceError
from persistence.rate_counters import RateCounters
from persistence.usage import UsageTable

log = logging.getLogger("diagramai.audit")

#: Seconds between two looks at whether there are rows to drop.
RETENTION_INTERVAL: Final = 3_600.0


class Guard(msgspec.Struct, frozen=True):
    """The parts, running."""

    audit: Audit
    limits: RateLimits
    alerts: Alerts
    alert_table: AlertTable
    trail: Trail
    quota: Quota


@asynccontextmanager
async def open_guard(settings: Settings, bridge: Bridge) -> AsyncIterator[Guard]:
    """Runs them during the body; at its end what is noted is written."""
    webhook = None if settings.alert_webhook is None else Webhook(settings.alert_webhook)
    table = AlertTable(bridge)
    alerts = Alerts(table, webhook)
    audit = Audit(bridge)
    limits = RateLimits(RateCounters(bridge), on_failure=alerts.note_failure)
    trail = Trail(audit, limits, alerts.watch)
    guard = Guard(audit, limits, alerts, table, trail, Quota(UsageTable(bridge)))
    async with audit.running(), limits.running(), alerts.running(), trio.open_nursery() as nursery:
        if settings.audit_days is not None:
            nursery.start_soon(_keep_for, audit, timedelta(days=settings.audit_days))
        yield guard
        nursery.cancel_scope.cancel()


async def _keep_for(audit: Audit, kept: timedelta) -> None:
    """Drops what is older, now and then."""
    while True:
        try:
            dropped = await audit.prune(datetime.now(UTC) - kept)
            if dropped:
                log.info("%d rows of the audit were older than %d days", dropped, kept.days)
        except PersistenceError as error:
            log.warning("old rows of the audit are not dropped: %s", error.code)
        await trio.sleep(RETENTION_INTERVAL)
