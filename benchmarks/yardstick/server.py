"""DiagramAI as the yardstick starts it: the real server, on ``PORT``, with a key made for the run.

With ``PGPORT`` the yardstick's own Postgres serves, else the embedded one in ``STORE_DIR``.
"""

import ctypes
import gc
import os
import signal
import sys
from pathlib import Path

import trio

from gateway.identity import FULL_ACCESS
from gateway.local_access import prefix_of
from gateway.main import open_server
from gateway.settings import Settings


async def serve() -> None:
    """Serves until killed."""
    async with open_server(_settings()) as serving:
        key = os.environ["DIAGRAMAI_BENCH_KEY"]
        prefix = prefix_of(key)
        assert prefix is not None, "the key has the form of an agent's key"
        await serving.credentials.create(
            agent_id="bench", name="bench", key=key, key_prefix=prefix, permissions=[FULL_ACCESS]
        )
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
