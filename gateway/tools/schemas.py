"""JSON Schemas as lean as agents' contexts deserve: no titles, no references, no null defaults.

An agent pays for every word of them in every conversation. So arguments are described whole, as it
has to write them, and answers by their uppermost properties, as it reads them anyway.
"""

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
_OBVIOUS = (
    ("default", None), ("default", ""), ("additionalProperties", True),
    ("additionalProperties", False),
    ("minimum", 0), ("minimum", 1), ("minItems", 1),
)  # fmt: skip
#: Bounds that nobody comes near are as obvious.
_FAR = 1_000_000
#: The argument in which null says something: that a field goes. These fields cannot.
_CHANGES = "updates"
_STAY = frozenset({"position", "source", "target", "title"})
#: What is told of a property of an answer.
_TOLD = ("type", "enum", "anyOf")
#: Names of properties that only count what there was no room for.
_COUNTING = "more_"


def lean_input_schema(schema: JsonSchema) -> JsonSchema:
    """What pydantic derived from a tool's signature; unknown arguments are refused.

    Unknown keys inside arguments may be refused as well, which the error tells who sends some.
    """
    lean = _without_nulls(_lean(schema, schema.get("$defs", {})))
    return {**lean, "additionalProperties": False}


def output_schema(reply: type) -> JsonSchema:
    """The schema of a reply struct, or of an error: some clients check both against it.

    It says of which type each property is, and nothing of what is inside it.
    """
    schema = msgspec.json.schema(reply)
    lean = _lean(schema, schema.get("$defs", {}))
    properties = {
        name: _shallow(value)
        for name, value in lean["properties"].items()
        if not name.startswith(_COUNTING)
    }
    return {
        "type": "object",
        "properties": {**properties, "error": {"type": "object"}},
        "anyOf": [{"required": lean.get("required", [])}, {"required": ["error"]}],
    }


def _shallow(schema: JsonSchema) -> JsonSchema:
    told = {key: schema[key] for key in _TOLD if key in schema}
    if "anyOf" in told:
        told["anyOf"] = [_shallow(choice) for choice in told["anyOf"]]
    return told


def _lean(schema: Any, definitions: JsonSchema) -> Any:
    if isinstance(schema, list):
        return [_lean(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref", "")
    if reference.startswith(_REFERENCE):
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        return _lean({**definitions[reference.removeprefix(_REFERENCE)], **siblings}, definitions)
    return {
        key: _lean_value(key, value, definitions)
        for key, value in schema.items()
        if not _is_needless(key, value)
    }


def _is_needless(key: str, value: Any) -> bool:
    if key in _DROPPED or (key, value) in _OBVIOUS:
        return True
    return key in ("minimum", "maximum") and abs(value) >= _FAR


def _lean_value(key: str, value: Any, definitions: JsonSchema) -> Any:
    if key in _DATA:
        return value
    if key in _MAPS:
        return {name: _lean(schema, definitions) for name, schema in value.items()}
    return _lean(value, definitions)


def _without_nulls(schema: Any, *, null_removes: bool = False) -> Any:
    """Without the null that stands for what is left out, though it is understood.

    Some clients take no type with an alternative; so there is one only where null says more.
    """
    if isinstance(schema, list):
        return [_without_nulls(item, null_removes=null_removes) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if not null_removes and (choices := schema.get("anyOf")) and _NULL in choices:
        left = [choice for choice in choices if choice != _NULL]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = {**left[0], **rest} if len(left) == 1 else {"anyOf": left, **rest}
    return {key: _inside(key, value, null_removes) for key, value in schema.items()}


def _inside(key: str, value: Any, null_removes: bool) -> Any:
    if key in _DATA:
        return value
    if key in _MAPS:
        return {
            name: _without_nulls(
                schema, null_removes=(null_removes or name == _CHANGES) and name not in _STAY
            )
            for name, schema in value.items()
        }
    return _without_nulls(value, null_removes=null_removes)
