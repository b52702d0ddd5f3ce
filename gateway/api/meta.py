"""The routes about the server itself: health, version, the OpenAPI document. Open to all."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import trio
from quart import Response

from gateway.api.envelope import ErrorBody, Refusal, failure, json_response, success
from gateway.api.openapi import make_document
from gateway.api.shapes import Health, Services, Version
from persistence.errors import PersistenceError

logger = logging.getLogger(__name__)

HEALTH_TIMEOUT_SECONDS: Final = 2.0


class MetaRoutes:
    """The handlers. ``check_database`` raises PersistenceError where the database is not well."""

    def __init__(self, version: str, check_database: Callable[[], Awaitable[object]]) -> None:
        self._version = version
        self._check_database = check_database
        self._document = make_document(version)

    async def health(self) -> Response:
        """The database is asked, each time."""
        if await self._is_database_well():
            return success(self._report(is_well=True))
        message = "The database does not answer; try again in a moment."
        refusal = Refusal(503, ErrorBody(code="unavailable", message=message))
        return failure(refusal, data=self._report(is_well=False))

    async def version(self) -> Response:
        """Also outside ``data``, where the earlier app had it."""
        found = Version(version=self._version, timestamp=datetime.now(UTC))
        return success(found, version=self._version)

    async def openapi(self) -> Response:
        return json_response(self._document)

    async def _is_database_well(self) -> bool:
        with trio.move_on_after(HEALTH_TIMEOUT_SECONDS):
            try:
                await self._check_database()
            except PersistenceError as error:
                logger.warning("the database is not well: %s", error.code)
                return False
            return True
        return False

    def _report(self, *, is_well: bool) -> Health:
        return Health(
            status="healthy" if is_well else "degraded",
            timestamp=datetime.now(UTC),
            version=self._version,
            services=Services(database="connected" if is_well else "error"),
        )
