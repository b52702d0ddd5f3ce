"""Whatever the OpenAPI document allows, and what it forbids, is asked of a running server: no
answer is a failure inside, and each is one that the document tells of."""

import random
import re
from contextlib import nullcontext, suppress
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.api.openapi import make_document
from gateway.settings import VERSION
from tests.support.attacked import Target, new_address

#: For each operation and each of both modes; ``make attacks`` is to be short.
EXAMPLES: Final = 2
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SCHEMA: Final = schemathesis.openapi.from_dict(make_document(VERSION))
_FOUND: Final[list[Any]] = list(SCHEMA.get_all_operations())
OPERATIONS: Final = {
    operation.label: operation for operation in (each.ok() for each in _FOUND) if operation
}


#: schemathesis asks the module itself for some values, which Hypothesis does not like.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")


@pytest.fixture(scope="module")
def fuzzed(target: Target) -> str:
    """The id of a diagram that may be changed and lost."""
    made = target.ask("root", "POST", "/api/diagrams", json={"title": "Fuzzed"})
    diagram: str = made.json()["data"]["id"]
    return diagram


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation(target: Target, fuzzed: str, label: str, mode: GenerationMode) -> None:
    """As an admin, so that what is asked for is done where it can be."""
    operation = OPERATIONS[label]
    random.seed(7)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and "diagram_id" in case.path_parameters:
            case.path_parameters["diagram_id"] = fuzzed
        headers = {**target.bearer("root"), "X-Forwarded-For": new_address()}
        response = case.call(base_url=target.base_url, headers=headers, timeout=30)
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable) if not takes_anything(operation) else nullcontext():
        ask()


def takes_anything(operation: Any) -> bool:
    """Else nothing that is wrong can be sent there."""
    named = [each for each in operation.iter_parameters() if each.name != "Authorization"]
    return bool(named or list(operation.body))


def test_every_operation_of_the_document_is_asked_for() -> None:
    document = make_document(VERSION)
    described = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if re.fullmatch("get|put|post|delete", method)
    }
    assert described == set(OPERATIONS)
