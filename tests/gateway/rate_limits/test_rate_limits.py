"""Rate limits: laws of the bucket, who is counted, what is said, and what a restart remembers."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.ports import Author
from gateway.errors import ServiceError
from gateway.identity import FULL_ACCESS, Principal, agent_principal, person_principal
from gateway.rate_limits import holdings as holdings_module
from gateway.rate_limits import limiter as limiter_module
from gateway.rate_limits.bucket import Rate, take, tokens
from gateway.rate_limits.holdings import Holdings
from gateway.rate_limits.limiter import RateLimits
from gateway.rate_limits.limits import MAX_FAILURES, RATE_WINDOW_SECONDS
from gateway.rate_limits.networks import network_of
from persistence.bridge import Bridge
from persistence.rate_counters import RateCounters

RATES = st.builds(Rate, st.integers(1, 200), st.sampled_from([1.0, 60.0]))
#: Pauses between two attempts, in seconds.
PAUSES = st.lists(st.sampled_from([0.0, 0.001, 0.3, 1.0, 7.7, 61.0]), min_size=1, max_size=300)


def agent(rate_limit: int | None = 3, name: str = "bot") -> Principal:
    author = Author("agent", name, name)
    return agent_principal(author, frozenset({FULL_ACCESS}), "key:x", rate_limit=rate_limit)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(RATES, PAUSES)
@settings(max_examples=60, deadline=None)
def test_in_no_window_is_more_taken_than_fits_in_and_comes_back(
    rate: Rate, pauses: list[float]
) -> None:
    full_at, now, taken = 0.0, 1_000.0, []
    for pause in pauses:
        now += pause
        full_at, wait = take(full_at, now, rate)
        if not wait:
            taken.append(now)
    for first in range(0, len(taken), 7):
        for last in range(first, len(taken), 5):
            window = taken[last] - taken[first]
            most = rate.count + window * rate.count / rate.seconds
            assert last - first + 1 <= most + 0.01


@given(RATES, PAUSES)
@settings(max_examples=60, deadline=None)
def test_who_waits_as_long_as_said_gets_one_and_not_before(rate: Rate, pauses: list[float]) -> None:
    full_at, now = 0.0, 1_000.0
    for pause in pauses:
        now += pause
        before = tokens(full_at, now, rate)
        after, wait = take(full_at, now, rate)
        if wait:
            assert before < 1
            assert after <= now + rate.seconds
            assert take(full_at, now + wait, rate)[1] == 0
            assert take(full_at, now + wait / 2, rate)[1] > 0
        else:
            assert tokens(after, now, rate) == pytest.approx(before - 1, abs=0.01)
        full_at = after


@given(RATES, st.floats(0, 500), st.floats(0, 500))
def test_tokens_only_come_back_with_time(rate: Rate, full_in: float, later: float) -> None:
    now = 1_000.0
    before = tokens(now + full_in, now, rate)
    assert 0 <= before <= tokens(now + full_in, now + later, rate) <= rate.count


def test_agents_have_a_limit_for_each_kind_and_are_told_when_to_come_back() -> None:
    clock = Clock()
    limits, bot = RateLimits(clock=clock), agent(3)
    for kind in ("read", "write", "delete", "engine"):
        for _ in range(3):
            limits.check(bot, kind)
        with pytest.raises(ServiceError) as refused:
            limits.check(bot, kind)
        assert (refused.value.code, refused.value.retry) == ("rate_limited", True)
        assert refused.value.retry_after_seconds == pytest.approx(20)
    limits.check(agent(3, "other"), "read")
    clock.now += 20
    limits.check(bot, "read")
    with pytest.raises(ServiceError):
        limits.check(bot, "read")


def test_a_limit_that_is_changed_counts_at_once() -> None:
    limits = RateLimits(clock=Clock())
    for _ in range(3):
        limits.check(agent(3), "write")
    with pytest.raises(ServiceError):
        limits.check(agent(3), "write")
    with pytest.raises(ServiceError):
        limits.check(agent(1), "write")
    fresh = RateLimits(clock=Clock())
    for _ in range(30):
        fresh.check(agent(60), "write")
    # Half of it is used up, whatever the limit is from now on.
    for _ in range(5):
        fresh.check(agent(10), "write")
    with pytest.raises(ServiceError):
        fresh.check(agent(10), "write")


def test_members_have_generous_limits_and_people_of_the_machine_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(limiter_module._OF_MEMBERS, "write", Rate(2, 60.0))
    limits = RateLimits(clock=Clock())
    for person in ("local", "local:Ann"):
        for _ in range(50):
            limits.check(person_principal(person, "P", "local"), "write")
    admin = person_principal("jwt:root", "Root", "jwt", is_admin=True)
    for _ in range(50):
        limits.check(admin, "write")
    for person in ("jwt:eve", "guest:1"):
        member = person_principal(person, "M", "jwt")
        limits.check(member, "write")
        limits.check(member, "write")
        with pytest.raises(ServiceError):
            limits.check(member, "write")


def test_wrong_secrets_count_by_address_and_nobody_elses() -> None:
    clock = Clock()
    heard: list[tuple[str | None, str]] = []
    limits = RateLimits(on_failure=lambda *what: heard.append(what), clock=clock)
    for n in range(MAX_FAILURES):
        limits.check_address(f"2001:db8::{n}")
        limits.note_failure(f"2001:db8::{n}", "key")
    with pytest.raises(ServiceError):
        limits.check_address("2001:db8::ffff:1")
    limits.check_address("2001:db8:0:1::1")
    limits.check_address("127.0.0.1")
    assert len(heard) == MAX_FAILURES
    clock.now += RATE_WINDOW_SECONDS
    limits.check_address("2001:db8::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("x" * 900, "x" * 64),
    ],
)
def test_addresses_are_counted_by_household(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_memory_is_bounded_and_the_emptiest_buckets_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter_module, "MAX_BUCKETS", 100)
    limits = RateLimits(clock=Clock())
    for _ in range(3):
        limits.check(agent(3, "greedy"), "read")
    for n in range(1_000):
        limits.check(agent(1_000, f"a{n}"), "read")
        assert len(limits._full_at) <= 100
    with pytest.raises(ServiceError):
        limits.check(agent(3, "greedy"), "read")


async def test_a_restart_is_no_way_around_a_limit(bridge: Bridge) -> None:
    greedy, modest = agent(3), agent(3, "modest\0")
    limits = RateLimits(RateCounters(bridge))
    async with limits.running():
        for _ in range(3):
            limits.check(greedy, "write")
        limits.check(modest, "write")
    again = RateLimits(RateCounters(bridge))
    async with again.running():
        with pytest.raises(ServiceError):
            again.check(greedy, "write")
        again.check(greedy, "read")
    # What is full again is forgotten, in memory and in the table.
    await bridge.write("UPDATE rate_counters SET full_at = now() - interval '1 second'")
    later = RateLimits(RateCounters(bridge))
    async with later.running():
        later.check(greedy, "write")
    rows = await bridge.fetch("SELECT subject, kind FROM rate_counters")
    assert [(row["subject"], row["kind"]) for row in rows] == [("agent:bot", "write")]


def test_connections_and_subscriptions_of_agents_and_members_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holdings_module, "MAX_PRINCIPAL_CONNECTIONS", 2)
    monkeypatch.setattr(holdings_module, "MAX_PRINCIPAL_SUBSCRIPTIONS", 3)
    held, bot, local = Holdings(), agent(None), person_principal("local", "L", "local")
    first: dict[str, int] = {}
    with held.connection(bot, first), held.connection(local, {}):
        held.check_connection(bot)
        with held.connection(bot, {"a": 1}), held.connection(local, {"a": 1}):
            with pytest.raises(ServiceError) as refused:
                held.check_connection(bot)
            assert refused.value.code == "too_many_connections"
            held.check_connection(local)
            held.check_subscription(bot)
            first.update(b=1, c=1)
            with pytest.raises(ServiceError) as refused:
                held.check_subscription(bot)
            assert refused.value.code == "too_many_subscriptions"
            held.check_connection(agent(None, "other"))
        held.check_connection(bot)
        held.check_subscription(bot)
    assert held._held == {}


def test_a_refusal_says_when_in_whole_milliseconds_and_never_too_early() -> None:
    error = limiter_module.rate_limited(0.0101, "3 reads a minute")
    assert error.retry_after_ms == 11
    assert error.message == "The limit is 3 reads a minute. Come back in 1 s."
    assert msgspec.json.encode(error.retry_after_ms) == b"11"
