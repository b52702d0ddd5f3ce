"""Runs the yardstick with our adapter in it: ``python -m benchmarks --yardstick FOLDER``.

The yardstick (a load generator and our peers' servers) is a folder of its own and stays as it is:
it is copied, our peers' line is added to the copy, and the runs print one JSON line each. Linux,
Node 20 or later, two cores.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import msgspec

ROOT = Path(__file__).resolve().parents[1]
ADAPTER = ROOT / "benchmarks" / "yardstick" / "diagramai.mjs"
PEERS_START = "export const PEERS = {"
COPIED_TO = Path(tempfile.gettempdir()) / "diagramai-yardstick"


class Result(msgspec.Struct, rename="camel"):
    """What one run says, as far as the table shows it. Times in ms, CPU in microseconds."""

    peer: str
    workload: str
    edits_per_sec: float | None = None
    ack_p50: float | None = None
    ack_p99: float | None = None
    delivery_p50: float | None = None
    delivery_p99: float | None = None
    cpu_us_per_edit: float | None = None
    cpu_us_per_delivery: float | None = None
    received_ms: float | None = None
    kib_per_doc: float | None = None
    other_cpu_pct: float | None = None
    check: str | None = None


def prepare(yardstick: Path, copy: Path) -> None:
    """Copies the yardstick once and installs what it needs."""
    if not copy.exists():
        shutil.copytree(yardstick, copy)
        for path in [copy, *copy.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
        subprocess.run(["npm", "ci", "--silent"], cwd=copy, check=True)
    peers = copy / "bench" / "peers.mjs"
    text = peers.read_text(encoding="utf-8")
    if "diagramai" not in text:
        peers.write_text(text.replace(PEERS_START, _our_peers(), 1), encoding="utf-8")


def _our_peers() -> str:
    command = msgspec.json.encode([sys.executable, "-m", "benchmarks.yardstick.server"]).decode()
    environment = msgspec.json.encode({"PYTHONPATH": str(ROOT)}).decode()
    common = f"command: {command}, env: {environment}, adapter: () => diagramai()"
    return (
        f"import diagramai from {msgspec.json.encode(str(ADAPTER)).decode()}\n"
        f"{PEERS_START}\n"
        f"  diagramai: {{ {common}, storeEnv: 'STORE_DIR' }},\n"
        f"  'diagramai-postgres': {{ {common}, postgres: true }},\n"
    )


def run(copy: Path, peer: str, workload: str, seconds: int) -> Result:
    """One run of one peer. Raises CalledProcessError where it fails."""
    command = ["node", "bench/run.mjs", "--peer", peer, "--workload", workload]
    done = subprocess.run(
        [*command, "--seconds", str(seconds)],
        cwd=copy,
        check=True,
        capture_output=True,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Result)


def median(results: list[Result]) -> Result:
    """The run in the middle by what the workload is about, so that its figures belong together."""
    return sorted(results, key=_cost)[(len(results) - 1) // 2]


def _cost(result: Result) -> float:
    figures = (result.cpu_us_per_edit, result.received_ms, result.kib_per_doc)
    return next((figure for figure in figures if figure is not None), 0.0)


def row(result: Result) -> str:
    values = [getattr(result, name) for name in Result.__struct_fields__]
    return "| " + " | ".join("" if value is None else str(value) for value in values) + " |"


@click.command()
@click.option("--yardstick", type=click.Path(path_type=Path), default=ROOT.parent / "shared/bench")
@click.option("--peers", default="diagramai", show_default=True, help="Names, comma between them.")
@click.option("--workloads", default="w1,w2", show_default=True)
@click.option("--repeat", default=3, show_default=True, help="Runs of each; the median counts.")
@click.option("--seconds", default=8, show_default=True)
def main(yardstick: Path, peers: str, workloads: str, repeat: int, seconds: int) -> None:
    """Measure us and our peers, and print a table of medians."""
    prepare(yardstick, COPIED_TO)
    click.echo("| " + " | ".join(Result.__struct_fields__) + " |")
    click.echo("|" + "---|" * len(Result.__struct_fields__))
    for workload in workloads.split(","):
        for peer in peers.split(","):
            results = [run(COPIED_TO, peer, workload, seconds) for _ in range(repeat)]
            click.echo(row(median(results)))


if __name__ == "__main__":
    main()
