"""Reads ``queries*.sql``: named, described statements, from the source tree or a wheel."""

import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

import msgspec

_HEADING = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Query(msgspec.Struct, frozen=True):
    """One statement, with the comment that says what it does."""

    name: str
    description: str
    sql: str


def parse_queries(text: str) -> dict[str, Query]:
    """The queries of a text by name. Raises ValueError on a name given twice or no description."""
    parts = _HEADING.split(text)[1:]
    queries: dict[str, Query] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in queries:
            raise ValueError(f"query {name} is defined twice")
        queries[name] = _parse_query(name, body)
    return queries


def _parse_query(name: str, body: str) -> Query:
    lines = body.strip().splitlines()
    described = 0
    while described < len(lines) and lines[described].startswith("-- "):
        described += 1
    description = " ".join(line[3:] for line in lines[:described])
    sql = "\n".join(lines[described:]).rstrip().removesuffix(";")
    if not description or not sql:
        raise ValueError(f"query {name} needs a description and a statement")
    return Query(name=name, description=description, sql=sql)


def _load() -> Mapping[str, Query]:
    files = (
        file
        for file in resources.files("persistence").iterdir()
        if file.name.startswith("queries") and file.name.endswith(".sql")
    )
    texts = [file.read_text("utf-8") for file in sorted(files, key=lambda file: file.name)]
    return MappingProxyType(parse_queries("\n".join(texts)))


QUERIES = _load()


def sql(name: str) -> str:
    """The statement of that name."""
    return QUERIES[name].sql
