"""Opening the database that the settings name, for the server and for the command line."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from gateway.settings import Settings
from persistence.bridge import Bridge, open_bridge
from persistence.embedded import revive_embedded, start_embedded
from persistence.errors import PersistenceError
from persistence.limits import EMBEDDED_CHECK_INTERVAL_SECONDS
from persistence.migrate import migrate

log = logging.getLogger("diagramai")


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Bridge]:
    """The migrated database: at ``database_url``, or the embedded server of the data folder.

    Raises PersistenceError where it cannot be reached or started.
    """
    if settings.database_url is not None:
        async with open_bridge(settings.database_url) as bridge:
            await migrate(bridge)
            yield bridge
        return
    server = await trio.to_thread.run_sync(start_embedded, settings.data_dir)
    try:
        async with open_bridge(server.url) as bridge:
            await migrate(bridge)
            yield bridge
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(server.stop)


async def keep_database_up(settings: Settings) -> None:
    """Starts the embedded Postgres again whenever it has died, until cancelled.

    For inside :func:`open_database`. Returns at once where the database is somebody else's. The
    connections come back by themselves; what was being committed is looked up.
    """
    if settings.database_url is not None:
        return
    is_down = False
    while True:
        await trio.sleep(EMBEDDED_CHECK_INTERVAL_SECONDS)
        try:
            if await trio.to_thread.run_sync(revive_embedded, settings.data_dir):
                log.warning("the embedded Postgres had died and was started again")
            is_down = False
        except PersistenceError as error:
            if not is_down:
                log.error("the embedded Postgres has died; starting it is tried again: %s", error)
            is_down = True
