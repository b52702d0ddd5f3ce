"""Tells alerts to an address of the owner's choice, signed, and never to one inside a network.

The name is looked up here, every address that it has is checked, and the connection goes to the
very address that was checked: a name that changes its mind in between gains nothing. Redirects are
not followed.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx2
import trio

from gateway.alerts.limits import (
    FIRST_WEBHOOK_DELAY_SECONDS,
    LAST_WEBHOOK_DELAY_SECONDS,
    MAX_WEBHOOK_ANSWER_BYTES,
    MAX_WEBHOOK_ATTEMPTS,
    WEBHOOK_TIMEOUT_SECONDS,
)
from gateway.alerts.settings import WebhookSettings
from gateway.public_addresses import NotPublicError, is_public, look_up

log = logging.getLogger("diagramai.alerts")

TIMESTAMP_HEADER: Final = "X-DiagramAI-Timestamp"
SIGNATURE_HEADER: Final = "X-DiagramAI-Signature"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over ``<timestamp>.<body>``, in hexadecimal after the version."""
    signed = b"%d.%b" % (timestamp, body)
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class AddressRefused(Exception):
    """The webhook leads into a network; nothing was sent."""


class Webhook:
    """Delivers bodies to one address."""

    def __init__(self, settings: WebhookSettings, *, now: Callable[[], float] = time.time) -> None:
        settings.check()
        self._settings = settings
        self._parts: SplitResult = urlsplit(settings.url)
        self._now = now

    async def deliver(self, body: bytes) -> bool:
        """Tries until it is taken, ``MAX_WEBHOOK_ATTEMPTS`` times; else a line in the log."""
        delay = FIRST_WEBHOOK_DELAY_SECONDS
        reason = ""
        for attempt in range(1, MAX_WEBHOOK_ATTEMPTS + 1):
            try:
                with trio.fail_after(WEBHOOK_TIMEOUT_SECONDS):
                    status = await self._post(body)
            except AddressRefused as refused:
                log.error("an alert is not sent: %s", refused)
                return False
            except (OSError, trio.TooSlowError, httpx2.HTTPError) as error:
                reason = type(error).__name__
            else:
                if 200 <= status < 300:
                    return True
                reason = f"status {status}"
            if attempt < MAX_WEBHOOK_ATTEMPTS:
                await trio.sleep(delay)
                delay = min(2 * delay, LAST_WEBHOOK_DELAY_SECONDS)
        log.error("an alert is given up after %d attempts: %s", MAX_WEBHOOK_ATTEMPTS, reason)
        return False

    async def _post(self, body: bytes) -> int:
        address = await self._find_address()
        timestamp = int(self._now())
        headers = {
            "Host": self._parts.netloc,
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: sign(self._settings.secret, timestamp, body),
        }
        async with httpx2.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=WEBHOOK_TIMEOUT_SECONDS
        ) as client:
            request = client.build_request(
                "POST",
                self._url_at(address),
                content=body,
                headers=headers,
                # The certificate is that of the name.
                extensions={"sni_hostname": self._parts.hostname},
            )
            response = await client.send(request, stream=True)
            try:
                read = 0
                async for chunk in response.aiter_raw():
                    read += len(chunk)
                    if read > MAX_WEBHOOK_ANSWER_BYTES:
                        break
            finally:
                await response.aclose()
            return response.status_code

    async def _find_address(self) -> str:
        """An address of the name. Raises AddressRefused where any of them is not allowed."""
        is_allowed = _anything if self._settings.own_network else is_public
        try:
            return (await look_up(self._parts.hostname or "", self._port, is_allowed))[0]
        except NotPublicError as error:
            text = f"the webhook's name leads to {error.address}, inside a network"
            raise AddressRefused(text) from None

    @property
    def _port(self) -> int:
        return self._parts.port or (443 if self._parts.scheme == "https" else 80)

    def _url_at(self, address: str) -> str:
        host = f"[{address}]" if ":" in address else address
        path = self._parts.path or "/"
        query = f"?{self._parts.query}" if self._parts.query else ""
        return f"{self._parts.scheme}://{host}:{self._port}{path}{query}"


def _anything(_address: str) -> bool:
    return True
