"""What the rules of alerts hear of."""

from typing import Literal, TypeAlias

import msgspec

#: ``failed``: a wrong secret came from an address. The others are of an agent: it called and was
#: refused, it called, it deleted a diagram, an edit of it went in.
What: TypeAlias = Literal["failed", "refused", "done", "deleted", "edited"]


class Happened(msgspec.Struct, frozen=True):
    """``subject`` is ``agent:<id>`` or ``address:<network>``; ``detail`` the error's code, the
    call's name, or what was wrong."""

    what: What
    subject: str
    detail: str
    address: str | None


class Alert(msgspec.Struct, frozen=True):
    """What a rule says, in words for the owner, and in ``details`` for programs."""

    rule: str
    subject: str
    message: str
    details: dict[str, str | int | float]
