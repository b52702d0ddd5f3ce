"""The routes about people and agents on a diagram."""

from typing import Final

from quart import Response, request

from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.reading import read_json
from gateway.api.sharing_shapes import (
    DiagramAccess,
    GrantEntry,
    GrantRemoved,
    MemberEntry,
    MemberList,
    MemberRemoved,
    MemberSet,
    PersonEntry,
    SetGrant,
    SetMember,
)
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.sharing import Sharing
from persistence.limits import MAX_FILTER_LENGTH
from persistence.sign_in import Person

#: Characters of text to look for people with.
MIN_SEARCH_LENGTH: Final = 1


class MemberRoutes:
    """The handlers; whoever asks comes first. They raise ServiceError."""

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing

    async def access(self, who: Principal, diagram_id: str) -> Response:
        seen = await self._sharing.overview(who, diagram_id)
        return success(
            DiagramAccess(
                role=seen.role,
                owner=_person(seen.owner),
                is_public=seen.record.is_public,
                agent_accessible=seen.record.agent_accessible,
            )
        )

    async def people(self, who: Principal) -> Response:
        text = request.args.get("search", "").strip()
        if not MIN_SEARCH_LENGTH <= len(text) <= MAX_FILTER_LENGTH:
            message = f"Send search with {MIN_SEARCH_LENGTH} to {MAX_FILTER_LENGTH} characters."
            raise ServiceError("invalid", message, "search")
        found = await self._sharing.find_people(who, text)
        return success([PersonEntry(id=each.id, name=each.name) for each in found])

    async def members(self, who: Principal, diagram_id: str) -> Response:
        owner, members = await self._sharing.members(who, diagram_id)
        entries = [
            MemberEntry(
                id=each.person_id,
                name=each.name,
                role=each.role,
                link_id=each.link_id,
                added_at=each.added_at,
            )
            for each in members
        ]
        return success(MemberList(owner=_person(owner), members=entries))

    async def set_member(self, who: Principal, diagram_id: str, person_id: str) -> Response:
        body = await read_json(request, SetMember)
        person = await self._sharing.set_member(who, diagram_id, person_id, body.role)
        return success(MemberSet(id=person.id, name=person.name, role=body.role))

    async def remove_member(self, who: Principal, diagram_id: str, person_id: str) -> Response:
        check_own_request(request)
        await self._sharing.remove_member(who, diagram_id, person_id)
        return success(MemberRemoved(id=person_id))

    async def grants(self, who: Principal, diagram_id: str) -> Response:
        found = await self._sharing.grants(who, diagram_id)
        return success(
            [
                GrantEntry(
                    agent_id=each.agent_id, name=each.name, permissions=sorted(each.permissions)
                )
                for each in found
            ]
        )

    async def set_grant(self, who: Principal, diagram_id: str, agent_id: str) -> Response:
        body = await read_json(request, SetGrant)
        name = await self._sharing.set_grant(who, diagram_id, agent_id, body.permissions)
        permissions: list[str] = sorted(set(body.permissions))
        return success(GrantEntry(agent_id=agent_id, name=name, permissions=permissions))

    async def remove_grant(self, who: Principal, diagram_id: str, agent_id: str) -> Response:
        check_own_request(request)
        await self._sharing.remove_grant(who, diagram_id, agent_id)
        return success(GrantRemoved(agent_id=agent_id))


def _person(person: Person | None) -> PersonEntry | None:
    return None if person is None else PersonEntry(id=person.id, name=person.name)
