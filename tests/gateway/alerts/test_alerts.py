"""Alerts: the rules' laws, what is stored and acknowledged, and the webhook's manners."""

import hashlib
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.alerts import rules, webhook
from gateway.alerts.alerts import Alerts
from gateway.alerts.events import Happened, What
from gateway.alerts.limits import (
    ALERT_QUIET_SECONDS,
    ALERT_WINDOW_SECONDS,
    MAX_WEBHOOK_ATTEMPTS,
)
from gateway.alerts.rules import RULES, Rule, Watcher, Watchers
from gateway.alerts.settings import WebhookSettings
from gateway.alerts.webhook import SIGNATURE_HEADER, TIMESTAMP_HEADER, Webhook
from gateway.errors import ServiceError
from gateway.public_addresses import is_public
from persistence.alerts import AlertTable
from persistence.bridge import Bridge
from tests.support.waiting import wait_until

SECRET = "a secret of the owner's"


def happened(what: What, detail: str = "x", address: str | None = None) -> Happened:
    subject = "address:10.0.0.1" if what == "failed" else "agent:bot"
    return Happened(what, subject, detail, address)


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ("failed_keys", happened("failed", "key")),
        ("mass_deletion", happened("deleted", "delete_diagram")),
        ("at_the_limit", happened("refused", "rate_limited")),
        ("refused", happened("refused", "forbidden")),
        ("refused", happened("refused", "not_found")),
        ("too_fast", happened("edited", "add_node")),
    ],
)
def test_each_rule_speaks_at_its_threshold_and_is_quiet_then(rule: str, event: Happened) -> None:
    (found,) = [each for each in RULES if each.name == rule]
    watchers, now = Watchers(), 1_000.0
    for _ in range(found.threshold - 1):
        assert watchers.see(event, now) == []
    (alert,) = watchers.see(event, now)
    assert (alert.rule, alert.subject) == (rule, event.subject)
    assert alert.details["count"] == found.threshold
    assert event.subject in alert.message
    for _ in range(3 * found.threshold):
        assert watchers.see(event, now) == []
    now += ALERT_QUIET_SECONDS
    alerts = [each for _ in range(found.threshold) for each in watchers.see(event, now)]
    assert [each.rule for each in alerts] == [rule]


def test_a_key_that_is_used_from_many_addresses_is_noticed() -> None:
    watchers = Watchers()
    for _ in range(50):
        for address in ("10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2"):
            assert watchers.see(happened("done", address=address), 1_000.0) == []
    (alert,) = watchers.see(happened("done", address="10.0.0.3"), 1_000.0)
    assert (alert.rule, alert.details["count"]) == ("many_addresses", 4)


def test_what_is_merely_invalid_raises_no_alert() -> None:
    watchers = Watchers()
    for _ in range(500):
        assert watchers.see(happened("refused", "invalid_arguments"), 1_000.0) == []


@given(st.lists(st.floats(0, 200), min_size=1, max_size=200))
@settings(max_examples=50, deadline=None)
def test_a_rule_speaks_exactly_where_its_window_holds_enough(pauses: list[float]) -> None:
    rule = Rule("r", lambda _: "x", 4, "{subject} {count} {seconds}")
    since: list[float] = []
    watcher, now = Watcher(rule), 0.0
    quiet_until = float("-inf")
    for pause in pauses:
        now += pause
        spoke = watcher.see(happened("done"), now) is not None
        if now < quiet_until:
            assert not spoke
            continue
        since = [each for each in [*since, now] if each > now - ALERT_WINDOW_SECONDS]
        assert spoke is (len(since) >= 4)
        if spoke:
            since, quiet_until = [], now + ALERT_QUIET_SECONDS


def test_a_rule_keeps_a_bounded_number_of_subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_WATCHED_SUBJECTS", 10)
    watcher = Watcher(RULES[0])
    for n in range(100):
        watcher.see(Happened("failed", f"address:{n}", "key", None), 0.0)
        assert len(watcher._seen) <= 10


async def test_alerts_are_stored_listed_and_acknowledged_once(
    bridge: Bridge, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = AlertTable(bridge)
    alerts = Alerts(table, clock=lambda: 0.0)
    async with alerts.running():
        with caplog.at_level(logging.WARNING):
            for _ in range(10):
                alerts.note_failure("10.0.0.1", "key")

        async def is_there() -> bool:
            return bool(await table.list())

        await wait_until(is_there)
    (alert,) = await table.list(only_open=True)
    assert (alert.rule, alert.subject) == ("failed_keys", "address:10.0.0.1")
    assert alert.message in caplog.text
    first = await table.acknowledge(alert.id, "ann")
    second = await table.acknowledge(alert.id, "bob")
    assert first is not None
    assert first == second
    assert first.acknowledged_by == "ann"
    assert await table.list(only_open=True) == []
    assert await table.acknowledge(2**70, "ann") is None
    monkeypatch.setattr("persistence.alerts.MAX_ALERTS", 2)
    for n in range(4):
        await table.add("r", f"s{n}\0", "m", {"n": n})
    assert [each.details for each in await table.list()] == [{"n": 3}, {"n": 2}]
    assert len(await table.list(before_id=(await table.list())[0].id)) == 1


# The webhook ----------------------------------------------------------------------------------


class Receiver:
    """Somebody who takes alerts, on the loopback; ``answers`` are statuses, the last one stays."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.port = 0

    async def serve(self, stream: trio.SocketStream) -> None:
        async with stream:
            data = b""
            while b"\r\n\r\n" not in data:
                data += await stream.receive_some()
            head, _, body = data.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")[1:]
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
            while len(body) < int(headers["content-length"]):
                body += await stream.receive_some()
            self.heard.append((headers, body))
            status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            extra = "location: http://127.0.0.1:1/\r\n" if status == 302 else ""
            answer = f"HTTP/1.1 {status} X\r\n{extra}content-length: 0\r\nconnection: close\r\n\r\n"
            await stream.send_all(answer.encode())


@asynccontextmanager
async def receiving(*answers: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers))
    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, receiver.serve, 0, host="127.0.0.1")
        listeners = await nursery.start(serve)
        receiver.port = listeners[0].socket.getsockname()[1]
        yield receiver
        nursery.cancel_scope.cancel()


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "FIRST_WEBHOOK_DELAY_SECONDS", 0.0)


def hook(port: int, *, host: str = "127.0.0.1", own_network: bool = True) -> Webhook:
    scheme = "http" if own_network else "https"
    url = f"{scheme}://{host}:{port}/alerts?for=me"
    return Webhook(WebhookSettings(url, SECRET, own_network), now=lambda: 1_700_000_000.5)


@pytest.mark.usefixtures("no_pauses")
async def test_an_alert_is_sent_signed_and_again_until_it_is_taken() -> None:
    async with receiving(500, 302, 429, 204) as receiver:
        assert await hook(receiver.port, host="localhost").deliver(b'{"rule":"r"}')
    assert len(receiver.heard) == 4
    for headers, body in receiver.heard:
        timestamp = headers[TIMESTAMP_HEADER.lower()]
        signed = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
        assert headers[SIGNATURE_HEADER.lower()] == f"v1={signed.hexdigest()}"
        assert headers["host"] == f"localhost:{receiver.port}"


@pytest.mark.usefixtures("no_pauses")
async def test_it_is_given_up_in_the_end_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with receiving(503) as receiver:
        assert not await hook(receiver.port).deliver(b"{}")
    assert len(receiver.heard) == MAX_WEBHOOK_ATTEMPTS
    assert "given up" in caplog.text


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "168.63.129.16", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "ff02::1",
    "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_inside_a_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["1.1.1.1", "10.0.0.7"], ["::ffff:10.0.0.1"]])
async def test_a_name_that_leads_into_a_network_is_refused_before_any_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answers: list[str]
) -> None:
    looked_up = 0

    async def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        nonlocal looked_up
        looked_up += 1
        return [(0, 0, 0, "", (each, port)) for each in answers]

    async def connect(*_: object, **__: object) -> None:
        pytest.fail("nothing may be sent")

    monkeypatch.setattr(trio.socket, "getaddrinfo", look_up)
    monkeypatch.setattr("gateway.alerts.webhook.httpx2.AsyncClient", connect)
    assert not await hook(443, host="rebinding.example", own_network=False).deliver(b"{}")
    assert looked_up == 1
    assert "inside a network" in caplog.text


async def test_the_connection_goes_to_the_very_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name is looked up once: what it would say the second time does not matter."""
    answers = ["127.0.0.1", "10.255.255.1"]
    asked: list[str] = []
    real = trio.socket.getaddrinfo

    async def look_up(host: str, port: int, **more: object) -> object:
        asked.append(str(host))
        if host == "rebinding.example":
            return [(0, 0, 0, "", (answers.pop(0), port))]
        return await real(host, port, **more)  # type: ignore[arg-type]

    async with receiving(200) as receiver:
        monkeypatch.setattr(trio.socket, "getaddrinfo", look_up)
        assert await hook(receiver.port, host="rebinding.example").deliver(b"{}")
    assert asked.count("rebinding.example") == 1
    assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    "wanted",
    [
        WebhookSettings("http://example.org/", SECRET),
        WebhookSettings("ftp://example.org/", SECRET, own_network=True),
        WebhookSettings("https://name:password@example.org/", SECRET),
        WebhookSettings("https:///path", SECRET),
        WebhookSettings("https://[::1", SECRET),
        WebhookSettings("https://example.org/", "short"),
    ],
)
def test_a_webhook_that_cannot_be_one_is_refused_at_the_start(wanted: WebhookSettings) -> None:
    with pytest.raises(ServiceError) as refused:
        wanted.check()
    assert refused.value.code == "invalid"
    assert SECRET not in repr(wanted)


async def test_an_alert_comes_from_the_rules_to_the_webhook(bridge: Bridge) -> None:
    async with receiving(200) as receiver:
        alerts = Alerts(AlertTable(bridge), hook(receiver.port), clock=lambda: 0.0)
        async with alerts.running():
            for _ in range(10):
                alerts.note_failure("10.0.0.1", "code")

            async def is_heard() -> bool:
                return bool(receiver.heard)

            await wait_until(is_heard)
    said = msgspec.json.decode(receiver.heard[0][1])
    (stored,) = await AlertTable(bridge).list()
    assert (said["id"], said["rule"], said["details"]["last"]) == (stored.id, "failed_keys", "code")
