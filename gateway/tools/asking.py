"""Asking the user through the client, where the client can do that."""

from typing import Annotated, Final

from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field

from gateway.tools.context import ToolContext

#: From this revision of the protocol on, a question is an answer, and needs no way back.
_QUESTIONS_ARE_ANSWERS: Final = "2026-07-28"


class Agreement(BaseModel):
    """What a user is asked before a diagram goes to the trash."""

    delete: Annotated[bool, Field(title="Move it to the trash")]


def can_ask(context: ToolContext) -> bool:
    """Whether the client shows its user a form, and can be reached for it."""
    capabilities = context.client_capabilities
    asking = None if capabilities is None else capabilities.elicitation
    if asking is None or (asking.form is None and asking.url is not None):
        return False
    version = context.protocol_version
    if version is not None and is_version_at_least(version, _QUESTIONS_ARE_ANSWERS):
        return True
    can_send: bool = context.session.can_send_request
    return can_send
