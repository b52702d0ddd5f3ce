"""The part of the OpenAPI document about who may do what: members, agents, links, the trash."""

from typing import Final

from gateway.api import sharing_shapes as shapes
from gateway.api.openapi_parts import (
    ALWAYS,
    DIAGRAM_ID,
    KNOWN,
    Document,
    envelope,
    operation,
    path_part,
    query_text,
    ref,
)

SHARING_STRUCTS: Final = (
    shapes.ListedDiagram,
    shapes.TrashedDiagram,
    shapes.RestoredDiagram,
    shapes.PersonEntry,
    shapes.DiagramAccess,
    shapes.MemberList,
    shapes.SetMember,
    shapes.MemberSet,
    shapes.MemberRemoved,
    shapes.SetGrant,
    shapes.GrantEntry,
    shapes.GrantRemoved,
    shapes.CreateShareLink,
    shapes.NewShareLink,
    shapes.ShareLinkEntry,
    shapes.ShareLinkRevoked,
    shapes.RedeemShareLink,
    shapes.ShareLinkRedeemed,
)

_PERSON_ID: Final = path_part("person_id", "The id of a person who has signed in here.")
_AGENT_ID: Final = path_part("agent_id", "The id of an agent.")
_LINK_ID: Final = path_part("link_id", "The id of a link, which is not its secret.")
_READS: Final = (404, *KNOWN)
_WRITES: Final = (400, 404, 408, 409, 413, 415, *KNOWN)
_REMOVES: Final = (404, 415, *KNOWN)


def sharing_paths() -> Document:
    one = "/api/diagrams/{diagram_id}"
    return {
        f"{one}/restore": {"post": _restore()},
        f"{one}/access": {"get": _access()},
        f"{one}/members": {"get": _members()},
        f"{one}/members/{{person_id}}": {"put": _set_member(), "delete": _remove_member()},
        f"{one}/agents": {"get": _grants()},
        f"{one}/agents/{{agent_id}}": {"put": _set_grant(), "delete": _remove_grant()},
        f"{one}/share-links": {"get": _links(), "post": _create_link()},
        f"{one}/share-links/{{link_id}}": {"delete": _revoke_link()},
        "/api/share-links/redeem": {"post": _redeem()},
        "/api/people": {"get": _people()},
    }


def _many(name: str) -> Document:
    return envelope({"type": "array", "items": ref(name)})


def _restore() -> Document:
    message = {"message": {"type": "string"}}
    return operation(
        "restoreDiagram",
        "Takes the diagram out of the trash, for its owners",
        {200: envelope(ref("RestoredDiagram"), message)},
        errors=_REMOVES,
        parameters=[DIAGRAM_ID],
    )


def _access() -> Document:
    return operation(
        "readAccess",
        "Your role on the diagram, whose it is, and who else sees it",
        {200: envelope(ref("DiagramAccess"))},
        errors=_READS,
        parameters=[DIAGRAM_ID],
    )


def _members() -> Document:
    return operation(
        "listMembers",
        "The owner of the diagram and everybody who has a role on it, for its owners",
        {200: envelope(ref("MemberList"))},
        errors=_READS,
        parameters=[DIAGRAM_ID],
    )


def _set_member() -> Document:
    return operation(
        "setMember",
        "Gives a person a role on the diagram; the role of owner hands it over",
        {200: envelope(ref("MemberSet"))},
        errors=_WRITES,
        parameters=[DIAGRAM_ID, _PERSON_ID],
        body="SetMember",
    )


def _remove_member() -> Document:
    return operation(
        "removeMember",
        "Takes a person's role on the diagram away",
        {200: envelope(ref("MemberRemoved"))},
        errors=_REMOVES,
        parameters=[DIAGRAM_ID, _PERSON_ID],
    )


def _grants() -> Document:
    return operation(
        "listGrants",
        "What agents are granted on this very diagram, for its owners",
        {200: _many("GrantEntry")},
        errors=_READS,
        parameters=[DIAGRAM_ID],
    )


def _set_grant() -> Document:
    return operation(
        "setGrant",
        "Says what an agent may do with this diagram, within what its key may do at all",
        {200: envelope(ref("GrantEntry"))},
        errors=_WRITES,
        parameters=[DIAGRAM_ID, _AGENT_ID],
        body="SetGrant",
    )


def _remove_grant() -> Document:
    return operation(
        "removeGrant",
        "Takes an agent's grant on this diagram away; its key alone counts from then on",
        {200: envelope(ref("GrantRemoved"))},
        errors=_REMOVES,
        parameters=[DIAGRAM_ID, _AGENT_ID],
    )


def _links() -> Document:
    return operation(
        "listShareLinks",
        "The diagram's links in force, without their secrets, for its owners",
        {200: _many("ShareLinkEntry")},
        errors=_READS,
        parameters=[DIAGRAM_ID],
    )


def _create_link() -> Document:
    return operation(
        "createShareLink",
        "Makes a link that gives a role to whoever has it; its address is answered this once",
        {201: envelope(ref("NewShareLink"))},
        errors=_WRITES,
        parameters=[DIAGRAM_ID],
        body="CreateShareLink",
    )


def _revoke_link() -> Document:
    return operation(
        "revokeShareLink",
        "Ends a link, and the roles that people have through it",
        {200: envelope(ref("ShareLinkRevoked"))},
        errors=_REMOVES,
        parameters=[DIAGRAM_ID, _LINK_ID],
    )


def _redeem() -> Document:
    return operation(
        "redeemShareLink",
        "Lets in who has a link; a stranger gets the session of a guest",
        {200: envelope(ref("ShareLinkRedeemed"))},
        errors=(400, 404, 408, 409, 410, 413, 415, 429, 503, *ALWAYS),
        body="RedeemShareLink",
        is_open=True,
    )


def _people() -> Document:
    return operation(
        "findPeople",
        "People who have signed in here, by id or by part of their names",
        {200: _many("PersonEntry")},
        errors=(400, *KNOWN),
        parameters=[query_text("search", "An id, or part of a name.")],
    )
