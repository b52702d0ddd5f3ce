"""Every query is named, described, used, and accepted by the schema."""

import re
from pathlib import Path

import pytest

import persistence
from persistence.bridge import Bridge
from persistence.queries import QUERIES, parse_queries

SOURCE = Path(persistence.__file__).parent


async def test_postgres_accepts_every_query(bridge: Bridge) -> None:
    async def prepare_all() -> list[str]:
        async with bridge.database.connection() as connection:
            for query in QUERIES.values():
                await connection.prepare(query.sql)
        return list(QUERIES)

    assert len(await bridge.run(prepare_all)) == len(QUERIES) > 20


def test_every_query_is_used_and_none_is_written_elsewhere() -> None:
    sources = {path: path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    used = {name for text in sources.values() for name in re.findall(r'sql\(\s*"(\w+)"', text)}
    assert used == set(QUERIES)
    statement = re.compile(r'"(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE) ')
    assert [path for path, text in sources.items() if statement.search(text)] == []


def test_every_query_says_what_it_does() -> None:
    assert [query.name for query in QUERIES.values() if len(query.description) < 20] == []


def test_a_file_of_queries_is_read() -> None:
    text = "-- The file.\n\n-- name: one\n-- Does this\n-- and that.\nSELECT 1\n-- inside\n;\n"
    query = parse_queries(text)["one"]
    assert (query.name, query.description) == ("one", "Does this and that.")
    assert query.sql == "SELECT 1\n-- inside\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-- name: a\n-- x\nSELECT 1;\n-- name: a\n-- y\nSELECT 2;\n", "defined twice"),
        ("-- name: a\nSELECT 1;\n", "needs a description"),
        ("-- name: a\n-- Nothing.\n", "needs a description and a statement"),
    ],
)
def test_a_file_of_queries_with_a_mistake_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_queries(text)
