"""Putting each bug into a copy of the source and hunting it there."""

import os
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

import ot
from property_tests.mutants.hunt import Finding
from property_tests.mutants.mutant import Mutant

#: Seconds within which each bug must be caught.
LIMIT_SECONDS = 60.0
#: Seconds that the source without a bug must survive first.
CONTROL_SECONDS = 20.0
#: Seconds beyond its limit after which a hunt that does not return is taken for an endless loop.
_GRACE_SECONDS = 15.0
SEED = "mutants"

SOURCE = Path(ot.__file__).parent.parent
_PACKAGES = ("ot", "actors", "property_tests")
_NOT_COPIED = shutil.ignore_patterns("node_modules", "*.jsonl.gz", "test_*.py")


class Result(msgspec.Struct, frozen=True):
    """What became of one mutant; ``mutant`` is ``None`` for the source without a bug."""

    mutant: Mutant | None
    finding: Finding

    @property
    def is_caught(self) -> bool:
        return self.finding.law is not None


class Tree:
    """A copy of the source that one hunt at a time runs in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in _PACKAGES:
            shutil.copytree(SOURCE / package, folder / package, ignore=_NOT_COPIED)

    @contextmanager
    def _mutated(self, mutant: Mutant | None) -> Iterator[None]:
        """The bug is in; afterwards the file is as it was, its time too, for cached bytecode."""
        if mutant is None:
            yield
            return
        path = self.folder / mutant.file
        original, times = path.read_text(encoding="utf-8"), path.stat()
        path.write_text(mutant.mutate(original), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(original, encoding="utf-8")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def hunt(self, mutant: Mutant | None, seconds: float, without: Sequence[str]) -> Finding:
        """Raises CalledProcessError where the hunt itself breaks down."""
        command = [sys.executable, "-m", "property_tests.mutants.hunt", str(seconds), SEED]
        command += without
        with self._mutated(mutant):
            try:
                done = subprocess.run(
                    command,
                    cwd=self.folder,
                    env=_environment(),
                    stdout=subprocess.PIPE,
                    timeout=seconds + _GRACE_SECONDS,
                    check=True,
                )
            except subprocess.TimeoutExpired:
                return Finding("never ends", "", "", 0, seconds, str(self.folder))
        finding = msgspec.json.decode(done.stdout, type=Finding)
        assert Path(finding.tree) == self.folder.resolve(), f"another source ran: {finding.tree}"
        return finding


def _environment() -> dict[str, str]:
    """Python finds the copy first, and leaves nothing of a bug in its caches."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


def check_fit(mutants: Sequence[Mutant]) -> None:
    """Raises NoLongerFits for the first mutant whose text is gone from the source."""
    for mutant in mutants:
        mutant.mutate((SOURCE / mutant.file).read_text(encoding="utf-8"))


def prove(
    mutants: Sequence[Mutant | None],
    jobs: int,
    seconds: float = LIMIT_SECONDS,
    without: Sequence[str] = (),
) -> Iterator[Result]:
    """Hunts every mutant, ``jobs`` at a time; results come in the order of ``mutants``.

    Checks with a word of ``without`` in their name take no part.
    """
    check_fit([mutant for mutant in mutants if mutant is not None])
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: queue.SimpleQueue[Tree] = queue.SimpleQueue()
        for job in range(jobs):
            trees.put(Tree(Path(folder).resolve() / str(job)))

        def hunt(mutant: Mutant | None) -> Result:
            tree = trees.get()
            try:
                limit = seconds if mutant is not None else min(seconds, CONTROL_SECONDS)
                return Result(mutant, tree.hunt(mutant, limit, without))
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(hunt, mutants)
