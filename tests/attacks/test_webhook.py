"""Attempts to have the server itself send requests into a network: by the webhook of alerts, and by
documents that describe clients. Nothing here ever leaves the machine: no connection is made."""

from typing import Any, Final

import httpx2
import pytest
import trio

from gateway.alerts.settings import WebhookSettings
from gateway.alerts.webhook import Webhook
from gateway.errors import ServiceError
from gateway.oauth.fetching import Fetcher, NotFetched

#: What a name leads to, or is, that must not be reached.
INSIDE: Final = (
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.1.1", "168.63.129.16",
    "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::1", "2001:db8::1",
    "fec0::1", "::ffff:0:10.0.0.1", "::ffff:192.0.0.192", "5f00::1", "3fff::1", "4000::1",
)  # fmt: skip
#: Other ways to write an address inside; the system's own look-up reads them.
DISGUISED: Final = (
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "localhost", "LOCALHOST.",
    "0x7f.1", "[::1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
)  # fmt: skip
SECRET: Final = "a-secret-that-signs-alerts"


class NoNetwork:
    """Names lead where the test says; whoever opens a connection is told on."""

    def __init__(self) -> None:
        self.answers: list[list[str]] = []
        self.connected: list[Any] = []

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        if not self.answers:
            import socket

            return socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(2, 1, 6, "", (address, port)) for address in found]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> NoNetwork:
    made = NoNetwork()

    async def connect(*arguments: Any, **_: Any) -> Any:
        made.connected.append(arguments)
        raise OSError("nothing is sent from here")

    async def send(_self: Any, request: httpx2.Request, **_: Any) -> Any:
        made.connected.append(request.url.host)
        raise httpx2.ConnectError("nothing is sent from here")

    monkeypatch.setattr(trio.socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(trio, "open_tcp_stream", connect)
    monkeypatch.setattr(httpx2.AsyncClient, "send", send)
    return made


async def is_tried(network: NoNetwork, url: str, *found: list[str]) -> bool:
    """Whether a connection was tried on behalf of the webhook."""
    network.answers = list(found)
    hook = Webhook(WebhookSettings(url, SECRET))
    with trio.move_on_after(0.2):
        assert await hook.deliver(b"{}") is False
    return bool(network.connected)


@pytest.mark.parametrize("address", INSIDE)
async def test_a_webhook_whose_name_leads_inside(network: NoNetwork, address: str) -> None:
    assert not await is_tried(network, "https://hooks.example.org/x", [address])


@pytest.mark.parametrize("address", INSIDE)
async def test_a_webhook_with_one_address_inside_among_public_ones(
    network: NoNetwork, address: str
) -> None:
    assert not await is_tried(network, "https://hooks.example.org/x", ["8.8.8.8", address])


@pytest.mark.parametrize("host", [*DISGUISED[:5], "0x7f.1"])
async def test_a_webhook_by_another_spelling_of_an_address(network: NoNetwork, host: str) -> None:
    assert not await is_tried(network, f"https://{host}/x")


@pytest.mark.parametrize("host", DISGUISED[5:])
async def test_a_webhook_by_a_name_of_this_machine(network: NoNetwork, host: str) -> None:
    assert not await is_tried(network, f"https://{host}/x", ["127.0.0.1"])


async def test_a_webhook_whose_name_changes_its_mind(network: NoNetwork) -> None:
    """Rebinding: the connection goes to what was checked, and is checked anew for each attempt."""
    assert await is_tried(network, "https://hooks.example.org/x", ["8.8.8.8"], ["127.0.0.1"])
    assert network.connected[0] == "8.8.8.8"
    assert set(network.connected) == {"8.8.8.8"}


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/x",
        "ftp://hooks.example.org/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/x",
        "https://user:pass@hooks.example.org/x",
        "https://127.0.0.1@hooks.example.org/x",
        "https:///x",
        "https://hooks.example.org:0/x",
        "https://hooks.example.org:99999/x",
        "https://[::1/x",
        "javascript:alert(1)",
    ],
)
def test_a_webhook_that_is_no_address(url: str) -> None:
    with pytest.raises(ServiceError) as refused:
        WebhookSettings(url, SECRET).check()
    assert refused.value.code == "invalid"


def test_a_webhook_whose_alerts_anybody_could_forge() -> None:
    with pytest.raises(ServiceError):
        WebhookSettings("https://hooks.example.org/x", "short").check()


@pytest.mark.parametrize("address", INSIDE)
async def test_a_clients_document_inside_a_network(network: NoNetwork, address: str) -> None:
    network.answers = [[address]]
    with pytest.raises(NotFetched):
        await Fetcher().fetch("https://client.example.org/metadata.json")
    assert network.connected == []
