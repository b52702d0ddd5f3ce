"""The routes about what is open, what is on record, and alerts, for admins."""

import re
from collections.abc import Mapping
from typing import Final

from quart import Response, request

from gateway.administration import Administration, OpenSession
from gateway.api.admin import shapes
from gateway.api.admin.answers import (
    cut,
    read_moment,
    read_page,
    read_text_filter,
    unless_known,
)
from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.reading import read_flag
from gateway.errors import ServiceError
from gateway.identity import Principal
from persistence.administration import AuditQuestion, ListedOperation
from persistence.alerts import StoredAlert

_NUMBER: Final = re.compile(r"[0-9]{1,18}")


class WatchingRoutes:
    """The handlers; the admin who asks comes first. They raise ServiceError."""

    def __init__(self, admin: Administration) -> None:
        self._admin = admin

    async def sessions(self, who: Principal) -> Response:
        """Newest first."""
        found = await self._admin.sessions()
        return unless_known([_describe_session(each, who) for each in found])

    async def disconnect(self, who: Principal, session_id: str) -> Response:
        check_own_request(request)
        await self._admin.disconnect(session_id)
        return success(shapes.SessionEnded(id=session_id))

    async def audit(self, who: Principal) -> Response:
        """Newest first."""
        before, limit = read_page(request)
        wanted = AuditQuestion(
            diagram=read_text_filter(request, "diagram"),
            agent_id=read_text_filter(request, "agent"),
            operation=read_text_filter(request, "operation"),
            success=_read_result(),
            since=read_moment(request, "since"),
            until=read_moment(request, "until"),
        )
        found = await self._admin.audit(wanted, before_id=before, limit=limit)
        shown, after = cut(found, limit, lambda each: each.id)
        return unless_known([_describe_row(each) for each in shown], next=after)

    async def alerts(self, who: Principal) -> Response:
        """Newest first."""
        before, limit = read_page(request)
        only_open = read_flag(request, "open")
        found = await self._admin.alerts(only_open=only_open, before_id=before, limit=limit)
        shown, after = cut(found, limit, lambda each: each.id)
        by = {each.acknowledged_by for each in shown if each.acknowledged_by is not None}
        names = await self._admin.names(by) if by else {}
        return unless_known([_describe_alert(each, names) for each in shown], next=after)

    async def alert_count(self, who: Principal) -> Response:
        return unless_known(shapes.AlertCount(open=await self._admin.count_open_alerts()))

    async def acknowledge(self, who: Principal, alert_id: str) -> Response:
        check_own_request(request)
        # There is no alert 0.
        number = int(alert_id) if _NUMBER.fullmatch(alert_id) else 0
        alert = await self._admin.acknowledge(who, number)
        by = {alert.acknowledged_by} if alert.acknowledged_by is not None else set()
        return success(_describe_alert(alert, await self._admin.names(by)))


def _read_result() -> bool | None:
    text = request.args.get("result")
    if text not in (None, "done", "refused"):
        raise ServiceError("invalid", "result is done or refused.", "result")
    return None if text is None else text == "done"


def _describe_session(session: OpenSession, who: Principal) -> shapes.LiveSession:
    handle = session.handle
    by = handle.opened_by
    return shapes.LiveSession(
        id=handle.id,
        door=handle.door,
        kind=by.author.kind,
        participant_id=by.author.id,
        name=by.author.name,
        address=by.address,
        since=handle.since,
        diagrams=[shapes.ShownDiagram(id=key, title=t) for key, t in session.titles.items()],
        is_yours=by.author == who.author and by.credential == who.credential,
    )


def _describe_row(row: ListedOperation) -> shapes.AuditRow:
    return shapes.AuditRow(
        id=row.id,
        agent_id=row.agent_id,
        agent_name=row.agent_name,
        diagram_id=row.diagram_id,
        title=row.title,
        operation=row.operation_type,
        success=row.success,
        error=row.error_message,
        at=row.timestamp,
        duration_ms=row.duration_ms,
        revision=row.revision,
        address=row.address,
        credential=row.user_session_id,
        data=row.operation_data,
        chain=row.chain,
        position=row.position,
    )


def _describe_alert(alert: StoredAlert, names: Mapping[str, str]) -> shapes.AdminAlert:
    by = alert.acknowledged_by
    return shapes.AdminAlert(
        id=alert.id,
        rule=alert.rule,
        subject=alert.subject,
        message=alert.message,
        details=alert.details,
        raised_at=alert.raised_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=None if by is None else names.get(by, by),
    )
