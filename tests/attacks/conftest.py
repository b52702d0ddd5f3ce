"""One server for all attacks, and somebody who is served by it meanwhile."""

from collections.abc import Iterator

import pytest

from tests.support.attacked import Target, Wire, attacked
from tests.support.postgres import database_named, run_sql

__all__ = ["bystander", "others_are_served", "target"]


@pytest.fixture(scope="session")
def target(
    postgres_url: str, _migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """A running server, as its users start it."""
    run_sql(postgres_url, f"CREATE DATABASE attacked TEMPLATE {_migrated_template}")
    folder = tmp_path_factory.mktemp("attacked")
    with attacked(database_named(postgres_url, "attacked"), folder) as running:
        yield running


@pytest.fixture(scope="session")
def bystander(target: Target) -> Iterator[Wire]:
    """Olga's socket, open all the time."""
    with target.socket("olga") as wire:
        wire.send(type="subscribe", diagram_id=target.diagrams["other"])
        wire.until("snapshot")
        yield wire


@pytest.fixture(autouse=True)
def others_are_served(target: Target, bystander: Wire) -> Iterator[None]:
    """Whatever was tried: those who do nothing wrong are served, and nothing failed inside."""
    yield
    assert target.process.poll() is None, "the server is gone"
    bystander.send(type="ping", id=7)
    bystander.until("pong")
    answer = target.ask("olga", "GET", f"/api/diagrams/{target.diagrams['other']}")
    assert answer.status_code == 200, answer.text
    log = target.new_log()
    for word in ("Traceback", "failed unexpectedly", "CRITICAL"):
        assert word not in log, log
