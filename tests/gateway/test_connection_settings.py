"""What a WebSocket's settings refuse."""

import pytest

from gateway.websocket_connection import ConnectionSettings


def test_a_pong_timeout_longer_than_the_interval_is_an_error() -> None:
    with pytest.raises(ValueError, match="pong_timeout_seconds"):
        ConnectionSettings(ping_interval_seconds=1, pong_timeout_seconds=2)
