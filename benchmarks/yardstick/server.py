"""DiagramAI as the yardstick starts it: the real server, on ``PORT``, one person signed in.

With ``PGPORT`` the yardstick's own Postgres serves, else the embedded one in ``STORE_DIR``.
"""

import ctypes
import gc
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trio

from gateway.local_access import local_person
from gateway.main import open_server
from gateway.settings import Settings
from gateway.storage_access import open_database
from persistence.sign_in import SignIn


async def serve() -> None:
    """Serves until killed. The session is there before the port opens: nobody waits after that."""
    settings = _settings()
    async with open_database(settings) as bridge:
        token = os.environ["DIAGRAMAI_BENCH_SESSION"]
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        await SignIn(bridge).start_session(token, local_person(), expires_at)
        async with open_server(settings):
            with trio.open_signal_receiver(signal.SIGUSR2) as signals:
                async for _ in signals:
                    _collect_garbage()


def _settings() -> Settings:
    port = int(os.environ["PORT"])
    if "PGPORT" in os.environ:
        url = f"postgresql://postgres@127.0.0.1:{os.environ['PGPORT']}/postgres"
        return Settings(port=port, database_url=url)
    return Settings(port=port, data_dir=Path(os.environ["STORE_DIR"]))


def _collect_garbage() -> None:
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


if __name__ == "__main__":
    trio.run(serve)
