"""Reading the old app's database, in each shape that its table has been found in."""

import pytest

from persistence.errors import PersistenceError
from persistence.legacy import read_legacy_diagrams
from tests.support.postgres import run_sql

SNAKE_CASE = """
CREATE TABLE diagrams (
    id uuid PRIMARY KEY, uuid uuid UNIQUE, user_id uuid, title varchar(255), description text,
    content {content}, format varchar(20), content_hash varchar(64), tags text[],
    is_public boolean, is_template boolean, template_category text,
    agent_accessible boolean DEFAULT false, view_count integer, fork_count integer,
    like_count integer, created_at timestamp, updated_at timestamptz, last_accessed_at timestamp
)
"""
CAMEL_CASE = """
CREATE TABLE diagrams (
    id text PRIMARY KEY, title text, description text, content jsonb, format text, tags text[],
    "isPublic" boolean, "userId" text, "createdAt" timestamp(3), "updatedAt" timestamp(3)
)
"""
FIRST = "5b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d01"
SECOND = "5b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d02"
CONTENT = '{"nodes": [{"id": "b", "data": {"z": 1.0, "a": null}}], "edges": []}'


@pytest.mark.parametrize("content_type", ["json", "jsonb", "text"])
def test_a_row_reads_as_the_old_apps_api_shows_it(
    empty_database_url: str, content_type: str
) -> None:
    run_sql(
        empty_database_url,
        SNAKE_CASE.format(content=content_type),
        f"""INSERT INTO diagrams VALUES (
            '{FIRST}', '{SECOND}', NULL, 'Tïtle', NULL, '{CONTENT}', 'react_flow', 'abc',
            '{{a,"b c"}}', true, false, NULL, true, 7, 0, 0,
            '2025-05-30 09:00:00', '2025-05-30 11:34:00.349+02', '2025-05-30 09:00:00.000001'
        )""",
    )
    (row,) = read_legacy_diagrams(empty_database_url)
    assert row == {
        "id": FIRST,
        "uuid": SECOND,
        "userId": None,
        "title": "Tïtle",
        "description": None,
        "content": {"nodes": [{"id": "b", "data": {"z": 1.0, "a": None}}], "edges": []},
        "format": "react_flow",
        "contentHash": "abc",
        "tags": ["a", "b c"],
        "isPublic": True,
        "isTemplate": False,
        "templateCategory": None,
        "agentAccessible": True,
        "viewCount": 7,
        "forkCount": 0,
        "likeCount": 0,
        "createdAt": "2025-05-30T09:00:00.000Z",
        "updatedAt": "2025-05-30T09:34:00.349Z",
        "lastAccessedAt": "2025-05-30T09:00:00.000001Z",
    }
    if content_type != "jsonb":
        assert list(row["content"]["nodes"][0]["data"]) == ["z", "a"]


@pytest.mark.parametrize(
    ("stored", "content"),
    [
        ('"graph TD\\n A --> B"', "graph TD\n A --> B"),
        ('{"syntax": "graph TD"}', {"syntax": "graph TD"}),
        ('"{\\"syntax\\": 1}"', '{"syntax": 1}'),
        ("null", None),
    ],
)
def test_columns_in_camel_case_and_every_shape_of_content_are_read(
    empty_database_url: str, stored: str, content: object
) -> None:
    run_sql(
        empty_database_url,
        CAMEL_CASE,
        f"""INSERT INTO diagrams VALUES (
            'diagram-1717056000000', 'T', '', '{stored}', 'mermaid', '{{}}', false, 'u',
            '2025-05-30 09:00:00', '2025-05-30 09:34:00.349')""",
    )
    (row,) = read_legacy_diagrams(empty_database_url)
    assert row["content"] == content
    assert (row["id"], row["isPublic"], row["userId"]) == ("diagram-1717056000000", False, "u")
    assert row["updatedAt"] == "2025-05-30T09:34:00.349Z"


def test_mermaid_text_in_a_text_column_stays_text(empty_database_url: str) -> None:
    run_sql(
        empty_database_url,
        "CREATE TABLE diagrams (id text, title text, content text)",
        "INSERT INTO diagrams VALUES ('1', 'T', 'graph TD'), ('2', 'T', NULL)",
    )
    assert [row["content"] for row in read_legacy_diagrams(empty_database_url)] == [
        "graph TD",
        None,
    ]


def test_the_table_is_found_in_the_schema_that_the_url_names(empty_database_url: str) -> None:
    run_sql(
        empty_database_url,
        'CREATE SCHEMA "Old App"',
        'CREATE TABLE "Old App".diagrams (id int, title text, content json)',
        """INSERT INTO "Old App".diagrams VALUES (1, 'T', '{}')""",
    )
    url = f"{empty_database_url}&schema=Old%20App&connection_limit=5&pgbouncer=true"
    assert read_legacy_diagrams(url) == [{"id": 1, "title": "T", "content": {}}]
    with pytest.raises(PersistenceError):
        read_legacy_diagrams(empty_database_url)


@pytest.mark.parametrize(
    "statement", ["SELECT 1", "CREATE TABLE diagrams (id text, name text, content json)"]
)
def test_a_database_without_such_a_table_is_refused(
    empty_database_url: str, statement: str
) -> None:
    run_sql(empty_database_url, statement)
    with pytest.raises(PersistenceError) as caught:
        read_legacy_diagrams(empty_database_url)
    assert (caught.value.code, caught.value.at) == ("legacy_unreadable", "diagrams")


def test_nothing_there_is_changed(empty_database_url: str) -> None:
    """The connection is read-only: even a function behind the table cannot write."""
    run_sql(
        empty_database_url,
        "CREATE TABLE log (x int)",
        """CREATE FUNCTION f() RETURNS json LANGUAGE sql AS
            'INSERT INTO log VALUES (1); SELECT ''{}''::json'""",
        "CREATE VIEW diagrams AS SELECT 1 AS id, 'T' AS title, f() AS content",
    )
    with pytest.raises(PersistenceError) as caught:
        read_legacy_diagrams(empty_database_url)
    assert (caught.value.code, caught.value.at) == ("refused", "25006")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(PersistenceError) as caught:
        read_legacy_diagrams("postgresql://nobody@127.0.0.1:1/none")
    assert caught.value.code == "unavailable"
