"""Lists and single diagrams follow one rule: a list is what the rule leaves of all diagrams."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

import msgspec
import pytest

from actors.ports import Author
from gateway.access import RESTORE, Access, Role, allowed_on, check_access, may_access
from gateway.errors import ServiceError
from gateway.identity import (
    CREATE,
    DELETE,
    EDIT,
    FULL_ACCESS,
    PERMISSIONS,
    READ,
    Principal,
    agent_principal,
    person_principal,
)
from gateway.service import asker
from ot.diagram import Diagram
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue, DiagramRecord, NewDiagram
from persistence.people import People

ROBOT: Final = Author("agent", "robot", "Robot")
#: The role of jwt:a, and the link it came through.
MEMBERS: Final[tuple[tuple[Role, str | None] | None, ...]] = (
    None,
    ("viewer", None),
    ("editor", None),
    ("viewer", "live"),
    ("editor", "revoked"),
    ("editor", "expired"),
)
GRANTS: Final[tuple[frozenset[str] | None, ...]] = (
    None,
    frozenset(),
    frozenset({READ}),
    frozenset({EDIT}),
    frozenset({FULL_ACCESS}),
)


class Case(msgspec.Struct, frozen=True):
    """A diagram as the tables have it."""

    id: str
    user_id: str | None
    is_public: bool
    agent_accessible: bool
    is_in_trash: bool
    member: tuple[Role, str | None] | None
    grant: frozenset[str] | None

    def access(self, who: Principal, record: DiagramRecord) -> Access:
        """What is to be found of ``who``, worked out by hand."""
        person_id = who.owner_id if who.is_agent else who.author.id
        role: Role | None = None
        if self.member is not None and person_id == "jwt:a" and self.member[1] in (None, "live"):
            role = self.member[0]
        return Access(record, role, self.grant if who.is_agent else None)


def cases() -> Iterator[Case]:
    both = (False, True)
    owners = (None, "jwt:a", "jwt:b")
    every = product(owners, both, both, both, MEMBERS, GRANTS)
    for number, (user_id, public, open_, trash, member, grant) in enumerate(every):
        yield Case(f"d{number}", user_id, public, open_, trash, member, grant)


def everybody() -> list[Principal]:
    people = [
        person_principal(person_id, "P", "jwt", is_admin=is_admin)
        for person_id, is_admin in (
            ("local", False),
            ("local:Ann", False),
            ("jwt:a", False),
            ("jwt:c", False),
            ("jwt:c", True),
            ("guest:1", False),
        )
    ]
    owners = ((None, False), ("jwt:a", False), ("jwt:c", False), ("jwt:c", True), ("local", False))
    agents = [
        agent_principal(
            ROBOT,
            permissions,
            "key:x",
            owner_id=owner_id,
            owner_is_admin=owner_is_admin,
            all_diagrams=all_diagrams,
        )
        for permissions in (frozenset({READ}), frozenset({FULL_ACCESS}))
        for (owner_id, owner_is_admin) in owners
        for all_diagrams in (False, True)
    ]
    return people + agents


async def draw(bridge: Bridge, all_cases: list[Case]) -> None:
    """Fills the tables."""
    people = People(bridge)
    for person_id in ("jwt:a", "jwt:b"):
        await people.seen(person_id, person_id)
    links = {"live": None, "revoked": datetime.now(UTC), "expired": None}

    async def write() -> None:
        async with bridge.database.connection() as connection:
            await connection.execute(
                "INSERT INTO agent_credentials (agent_id, name, key_prefix, api_key, permissions) "
                "VALUES ('robot', 'Robot', 'p', 'h', '[]')"
            )

    await bridge.run(write)
    new = [
        NewDiagram(
            diagram=Diagram(title=case.id),
            id=case.id,
            user_id=case.user_id,
            is_public=case.is_public,
            agent_accessible=case.agent_accessible,
            grant=None if case.grant is None else ("robot", case.grant),
        )
        for case in all_cases
    ]
    assert isinstance(await Catalogue(bridge).insert_all(new), list)

    async def write_the_rest() -> None:
        async with bridge.database.connection() as connection:
            trashed = [case.id for case in all_cases if case.is_in_trash]
            await connection.execute(
                "UPDATE diagrams SET deleted_at = now() WHERE id = ANY ($1)", trashed
            )
            for name, revoked_at in links.items():
                days = -1 if name == "expired" else 1
                await connection.execute(
                    "INSERT INTO share_links (id, diagram_id, token_hash, role, created_by, "
                    "expires_at, revoked_at) VALUES ($1, 'd0', $1, 'editor', 'x', $2, $3)",
                    name,
                    datetime.now(UTC) + timedelta(days=days),
                    revoked_at,
                )
            members = [(case.id, *case.member) for case in all_cases if case.member is not None]
            await connection.execute(
                "INSERT INTO diagram_members (diagram_id, person_id, role, link_id, added_by) "
                "SELECT d, 'jwt:a', r, l, 'x' "
                "FROM unnest($1::text[], $2::text[], $3::text[]) AS m (d, r, l)",
                *(list(column) for column in zip(*members, strict=True)),
            )

    await bridge.run(write_the_rest)


async def test_a_list_is_what_the_rule_leaves_of_all_diagrams(bridge: Bridge) -> None:
    all_cases = list(cases())
    await draw(bridge, all_cases)
    catalogue = Catalogue(bridge)
    records = {
        record.id: record
        for in_trash in (False, True)
        for record in (await catalogue.list(limit=1_000, in_trash=in_trash))[0]
    }
    assert len(records) == len(all_cases) == 720
    for who, in_trash in product(everybody(), (False, True)):
        wanted = {
            case.id
            for case in all_cases
            if case.is_in_trash == in_trash
            and may_access(who, RESTORE if in_trash else READ, case.access(who, records[case.id]))
        }
        found, total = await catalogue.list_access(
            asker(who, in_trash=in_trash), limit=1_000, in_trash=in_trash
        )
        assert {each.record.id for each in found} == wanted, (who, in_trash)
        assert total == len(wanted)
        if not in_trash:
            made = await catalogue.list_made_before(asker(who), None, limit=1_000)
            assert {record.id for record in made} == wanted, who
    await check_single_ones(catalogue, all_cases, records)


async def check_single_ones(
    catalogue: Catalogue, all_cases: list[Case], records: dict[str, DiagramRecord]
) -> None:
    """What is found of one diagram is what the list has beside it; a sample, in every way odd."""
    for who in everybody():
        for case in all_cases[::37]:
            found = await catalogue.find_access(case.id, asker(who), in_trash=case.is_in_trash)
            assert found == case.access(who, records[case.id])


def record(**fields: object) -> DiagramRecord:
    now = datetime.now(UTC)
    given: dict[str, object] = {
        "id": "d", "uuid": "u", "title": "t", "description": None, "kind": "flowchart",
        "format": "reactflow", "tags": [], "is_public": False, "user_id": None,
        "agent_accessible": True, "created_by_agent": False, "agent_metadata": None,
        "last_agent_edit": None, "agent_edit_count": 0, "policy": "later_wins", "revision": 0,
        "node_count": 0, "edge_count": 0, "extra": None, "created_at": now, "updated_at": now,
        "deleted_at": None,
    }  # fmt: skip
    return DiagramRecord(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("who", everybody(), ids=lambda who: who.author.id)
def test_nobody_is_allowed_more_by_a_lower_ceiling(who: Principal) -> None:
    """Taking a permission from a key takes it, and never gives another."""
    for user_id, public, grant in product((None, "jwt:a", "local"), (False, True), GRANTS):
        access = Access(record(user_id=user_id, is_public=public), None, grant)
        whole = allowed_on(who, access)
        for permission in PERMISSIONS:
            ceiling = (who.permissions | PERMISSIONS) - {permission, FULL_ACCESS}
            less = allowed_on(msgspec.structs.replace(who, permissions=ceiling), access)
            assert less <= whole | ceiling
            assert permission not in less


def test_a_grant_never_gives_more_than_the_key_or_the_owner_may() -> None:
    for permissions in (frozenset({READ}), frozenset({READ, EDIT}), frozenset({FULL_ACCESS})):
        roles: tuple[Role | None, ...] = (None, "viewer", "editor")
        for owner_id, role in product((None, "jwt:a"), roles):
            who = agent_principal(ROBOT, permissions, "key:x", owner_id=owner_id)
            access = Access(record(user_id="jwt:b"), role, frozenset({FULL_ACCESS}))
            granted = allowed_on(who, access)
            ungranted = allowed_on(who, msgspec.structs.replace(access, grant=None))
            assert granted <= ungranted


def test_refusals_tell_of_a_diagram_only_those_who_may_read_it() -> None:
    stranger = person_principal("jwt:c", "C", "jwt")
    viewer_access = Access(record(user_id="jwt:b"), "viewer")
    for permission, access, code in (
        (READ, Access(record(user_id="jwt:b")), "not_found"),
        (DELETE, Access(record(user_id="jwt:b")), "not_found"),
        (EDIT, viewer_access, "forbidden"),
        (DELETE, viewer_access, "forbidden"),
    ):
        with pytest.raises(ServiceError) as caught:
            check_access(stranger, permission, access)
        assert caught.value.code == code
    check_access(stranger, CREATE, None)
    with pytest.raises(ServiceError, match="Guests"):
        check_access(person_principal("guest:1", "G", "session"), CREATE, None)
