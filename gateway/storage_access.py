"""Opening the database that the settings name, for the server and for the command line."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from gateway.settings import Settings
from persistence.bridge import Bridge, open_bridge
from persistence.embedded import start_embedded
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
