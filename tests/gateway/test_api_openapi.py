"""The OpenAPI document tells of every route of the application, and of nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from werkzeug.routing import Rule

from gateway.api.app import make_app
from gateway.editor_files import EditorFiles
from tests.support.api import DOCUMENT, Api


def routes(api: Api) -> set[tuple[str, str]]:
    """Methods and paths that the application serves, in the document's spelling."""
    assert api.doors is not None, "it is served"
    doors = msgspec.structs.replace(api.doors, editor=EditorFiles(None, {}))
    rules: Iterator[Rule] = make_app(doors).url_map.iter_rules()
    return {
        (method.lower(), re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD"}
    }


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


async def test_routes_and_document_name_the_same_operations(api: Api) -> None:
    assert routes(api) == {(method, path) for method, path, _ in operations()}


async def test_the_document_is_served_to_anybody(api: Api) -> None:
    async with api.client() as client:
        answer = await client.get("/api/openapi.json")
    assert (answer.status_code, answer.json()) == (200, DOCUMENT)


def test_every_reference_leads_to_a_schema_and_every_schema_is_used() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    found = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}
    assert found == schemas.keys()


def test_every_schema_is_one() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_their_own_ids_and_name_their_path_parameters() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    for _, path, operation in operations():
        named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


async def test_what_needs_no_session_says_so_and_is_open(api: Api) -> None:
    async with api.client() as stranger:
        for method, path, operation in operations():
            answer = await stranger.request(method, path.replace("{diagram_id}", "x"))
            is_open = operation["security"] == []
            # The page of a sign-in link has no session to ask for, but wants a code.
            assert (answer.status_code == 401) == (not is_open or path == "/sign-in"), path


def test_the_schema_of_a_body_knows_its_bounds_and_its_required_fields() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["CreateDiagram"]["required"] == ["title"]
    assert schemas["CreateDiagram"]["properties"]["title"]["maxLength"] == 1000
    assert "required" not in schemas["UpdateDiagram"] or not schemas["UpdateDiagram"]["required"]
    assert {"id", "uuid", "content", "createdAt"} <= set(schemas["DiagramRow"]["required"])
