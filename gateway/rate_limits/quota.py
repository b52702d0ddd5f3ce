"""How many diagrams members and agents may make, and how large all of them may be."""

from collections.abc import Sequence

from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.rate_limits.limiter import is_bounded
from gateway.rate_limits.limits import MAX_PRINCIPAL_BYTES, MAX_PRINCIPAL_DIAGRAMS
from persistence.usage import UsageTable


class Quota:
    """Looked at whenever a diagram is made. What an agent makes for a person is that person's."""

    def __init__(self, usage: UsageTable) -> None:
        self._usage = usage

    async def check(self, who: Principal, more: int) -> None:
        """Raises ServiceError ``quota_reached`` or ``storage_full``."""
        if not is_bounded(who):
            return
        used = await self._usage.measure(maker_of(who))
        if used.diagrams + more > MAX_PRINCIPAL_DIAGRAMS:
            message = f"You have {used.diagrams} of {MAX_PRINCIPAL_DIAGRAMS} diagrams; delete some."
            raise ServiceError("quota_reached", message)
        if used.bytes >= MAX_PRINCIPAL_BYTES:
            message = (
                f"Your diagrams take {used.bytes} of {MAX_PRINCIPAL_BYTES} bytes; those in the "
                "trash count too. Ask the owner of this server."
            )
            raise ServiceError("storage_full", message)

    async def note(self, who: Principal, diagram_ids: Sequence[str]) -> None:
        """They were made."""
        if is_bounded(who):
            await self._usage.note_maker(maker_of(who), diagram_ids)


def maker_of(who: Principal) -> str:
    if who.is_agent and who.owner_id is not None:
        return f"user:{who.owner_id}"
    return f"{who.author.kind}:{who.author.id}"
