"""Where alerts are sent, and how they are signed."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from gateway.errors import ServiceError

#: Characters of the secret, at least.
MIN_WEBHOOK_SECRET: Final = 16


class WebhookSettings(msgspec.Struct, frozen=True):
    """``own_network``: addresses inside one's own network, and http, are allowed too."""

    url: str
    secret: str
    own_network: bool = False

    def __repr__(self) -> str:
        # Tracebacks and logs show settings; the address may have a secret in it as well.
        return f"WebhookSettings(own_network={self.own_network})"

    def check(self) -> None:
        """Raises ServiceError ``invalid`` where no alert could ever be delivered so."""
        schemes = {"https", "http"} if self.own_network else {"https"}
        try:
            parts = urlsplit(self.url)
            is_good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good or parts.username is not None:
            message = "The webhook is an https address, without a name or password in it."
            raise ServiceError("invalid", message, "DIAGRAMAI_ALERT_WEBHOOK")
        if len(self.secret) < MIN_WEBHOOK_SECRET:
            message = f"Alerts are signed: give {MIN_WEBHOOK_SECRET} characters or more."
            raise ServiceError("invalid", message, "DIAGRAMAI_ALERT_WEBHOOK_SECRET")
