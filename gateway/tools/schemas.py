"""JSON Schemas as lean as agents' contexts deserve: no titles, no references, no null defaults."""

from typing import Any, TypeAlias

import msgspec

JsonSchema: TypeAlias = dict[str, Any]

_REFERENCE = "#/$defs/"
_NULL = {"type": "null"}
#: Keys whose values map names to schemas; the names are data and stay.
_MAPS = frozenset({"properties", "patternProperties"})
#: Keys whose values are data, not schemas.
_DATA = frozenset({"enum", "const", "examples", "default", "required"})
#: What an agent does not need to be told; bounds are named by the error when they are passed.
_DROPPED = frozenset({"title", "$defs", "discriminator", "minLength", "maxLength", "maxItems"})
_OBVIOUS = (("default", None), ("default", ""), ("additionalProperties", True))


def lean_input_schema(schema: JsonSchema) -> JsonSchema:
    """What pydantic derived from a tool's signature; unknown arguments are refused."""
    lean = _lean(schema, schema.get("$defs", {}))
    lean["properties"] = {
        name: _without_null(argument) for name, argument in lean.get("properties", {}).items()
    }
    return {**lean, "additionalProperties": False}


def output_schema(reply: type) -> JsonSchema:
    """The schema of a reply struct, or of an error: some clients check both against it."""
    schema = msgspec.json.schema(reply)
    lean = _lean(schema, schema.get("$defs", {}))
    required = lean.pop("required", [])
    lean.pop("description", None)
    lean["properties"]["error"] = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in ("code", "message", "field")},
        "required": ["code", "message"],
    }
    return {**lean, "anyOf": [{"required": required}, {"required": ["error"]}]}


def _lean(schema: Any, definitions: JsonSchema) -> Any:
    if isinstance(schema, list):
        return [_lean(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref", "")
    if reference.startswith(_REFERENCE):
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        return _lean({**definitions[reference.removeprefix(_REFERENCE)], **siblings}, definitions)
    lean = {
        key: _lean_value(key, value, definitions)
        for key, value in schema.items()
        if key not in _DROPPED and (key, value) not in _OBVIOUS
    }
    return _merged_null(lean)


def _lean_value(key: str, value: Any, definitions: JsonSchema) -> Any:
    if key in _DATA:
        return value
    if key in _MAPS:
        return {name: _lean(schema, definitions) for name, schema in value.items()}
    return _lean(value, definitions)


def _merged_null(schema: JsonSchema) -> JsonSchema:
    """A type or null, in one schema with two types instead of two schemas."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != _NULL]
    if len(choices) != 1 or not isinstance(choices[0].get("type"), str):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**choices[0], "type": [choices[0]["type"], "null"], **rest}


def _without_null(argument: JsonSchema) -> JsonSchema:
    """An optional argument is left out rather than null, though null is understood."""
    match argument.get("type"):
        case [kind, "null"]:
            return {**argument, "type": kind}
        case _:
            return argument
