"""The audit of what agents did beside committed edits."""

import pytest

from ot.diagram import Diagram, Json
from persistence.audit import Audit
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue, NewDiagram
from persistence.limits import MAX_AUDIT_BYTES, MAX_AUDIT_MESSAGE
from persistence.postgres import PostgresStorage
from tests.support.commits import BOT, batch, commit

UUID = "0b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d03"


@pytest.fixture
async def audit(bridge: Bridge) -> Audit:
    """An audit, beside a diagram d."""
    new = NewDiagram(diagram=Diagram(title="T"), id="d", uuid=UUID)
    assert await Catalogue(bridge).insert(new) is not None
    return Audit(bridge)


@pytest.mark.parametrize("named", ["d", UUID])
async def test_a_refused_operation_is_noted_with_its_reason(audit: Audit, named: str) -> None:
    await audit.record(
        "bot",
        "add_node",
        named,
        error="forbidden",
        data={"node": {"b": 1, "a": [None, True]}},
        session_id="s1",
        revision=4,
    )
    (row,) = await audit.list()
    assert (row.agent_id, row.operation_type, row.diagram_uuid) == ("bot", "add_node", UUID)
    assert (row.success, row.error_message) == (False, "forbidden")
    assert row.operation_data == {"node": {"b": 1, "a": [None, True]}}
    assert (row.user_session_id, row.revision) == ("s1", 4)


async def test_without_an_error_it_is_a_success(audit: Audit) -> None:
    await audit.record("bot", "create_diagram", "d")
    (row,) = await audit.list()
    assert (row.success, row.error_message, row.operation_data) == (True, None, None)


@pytest.mark.parametrize("diagram", ["nobody", None, "\0", "\ud800", "x" * 10_000])
async def test_an_operation_on_no_diagram_there_is_is_noted_too(
    audit: Audit, diagram: str | None
) -> None:
    await audit.record("bot", "add_node", diagram, error="not_found")
    (row,) = await audit.list(agent_id="bot")
    assert row.diagram_uuid is None


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"x": "a\0b"}, {"x": "a\ufffdb"}),
        ({"\0": "\\u0000"}, {"\ufffd": "\\u0000"}),
        ("x" * MAX_AUDIT_BYTES, {"not_kept": "too long", "bytes": MAX_AUDIT_BYTES + 2}),
        ({"x": "\ud800"}, {"not_kept": "UnicodeEncodeError"}),
        ({"x": object()}, {"not_kept": "TypeError"}),
        (0, 0),
    ],
)
async def test_nothing_that_an_agent_sends_is_too_odd_to_be_noted(
    audit: Audit, data: Json, kept: Json
) -> None:
    await audit.record("a\0" * 300, "t\0" * 90, "d", error="e\0" * 9_000, data=data)
    (row,) = await audit.list()
    assert row.operation_data == kept
    assert (len(row.agent_id), len(row.operation_type)) == (255, 50)
    assert row.error_message is not None
    assert len(row.error_message) == MAX_AUDIT_MESSAGE


async def test_rows_are_listed_newest_first_by_diagram_and_agent_in_pages(audit: Audit) -> None:
    for n in range(5):
        await audit.record("bot" if n % 2 else "other", f"t{n}", "d" if n < 4 else None)

    async def types(**criteria: object) -> list[str]:
        return [row.operation_type for row in await audit.list(**criteria)]  # type: ignore[arg-type]

    assert await types() == ["t4", "t3", "t2", "t1", "t0"]
    assert await types(diagram="d") == await types(diagram=UUID) == ["t3", "t2", "t1", "t0"]
    assert await types(agent_id="bot", diagram="d") == ["t3", "t1"]
    assert await types(diagram="nobody") == await types(diagram="\0") == []
    page = await audit.list(limit=2)
    assert await types(limit=2, before_id=page[-1].id) == ["t2", "t1"]


async def test_a_committed_edit_is_listed_beside_them(bridge: Bridge, audit: Audit) -> None:
    await audit.record("bot", "add_node", "d", error="conflict")
    await commit(PostgresStorage(bridge), batch("d", 1, author=BOT))
    rows = await audit.list(diagram="d")
    assert [(row.operation_type, row.success, row.revision) for row in rows] == [
        ("submit", True, 1),
        ("add_node", False, None),
    ]
