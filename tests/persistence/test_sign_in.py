"""One-time codes and sessions."""

from datetime import UTC, datetime, timedelta

import pytest
import trio

from persistence.bridge import Bridge
from persistence.sign_in import Person, SignIn

OWNER = Person("owner", "The owner")


@pytest.fixture
def sign_in(bridge: Bridge) -> SignIn:
    return SignIn(bridge)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=5)


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=1)


async def test_a_code_is_good_once(sign_in: SignIn) -> None:
    await sign_in.issue_code("code", OWNER, soon())
    assert await sign_in.consume_code("wrong") is None
    assert await sign_in.consume_code("code") == OWNER
    assert await sign_in.consume_code("code") is None


async def test_of_many_who_use_one_code_at_once_one_comes_in(sign_in: SignIn) -> None:
    await sign_in.issue_code("code", OWNER, soon())
    came_in: list[Person | None] = []

    async def try_code() -> None:
        came_in.append(await sign_in.consume_code("code"))

    async with trio.open_nursery() as nursery:
        for _ in range(30):
            nursery.start_soon(try_code)
    assert sorted(came_in, key=str) == [None] * 29 + [OWNER]


async def test_an_expired_code_is_good_no_more(bridge: Bridge, sign_in: SignIn) -> None:
    await sign_in.issue_code("code", OWNER, just_now())
    assert await sign_in.consume_code("code") is None
    await sign_in.issue_code("old", OWNER, just_now())
    await sign_in.issue_code("new", OWNER, soon())
    assert len(await bridge.fetch("SELECT FROM sign_in_codes")) == 1


async def test_a_session_lasts_until_it_expires_or_is_ended(sign_in: SignIn) -> None:
    expires_at = soon()
    session = await sign_in.start_session("token", OWNER, expires_at)
    assert (session.person, session.expires_at) == (OWNER, expires_at)
    assert await sign_in.find_session("token") == session
    assert await sign_in.find_session("other") is None
    await sign_in.start_session("expired", OWNER, just_now())
    assert await sign_in.find_session("expired") is None
    assert await sign_in.end_session("token")
    assert await sign_in.find_session("token") is None
    assert not await sign_in.end_session("token")


async def test_expired_sessions_are_dropped_when_one_is_started(
    bridge: Bridge, sign_in: SignIn
) -> None:
    await sign_in.start_session("expired", OWNER, just_now())
    await sign_in.start_session("token", OWNER, soon())
    assert len(await bridge.fetch("SELECT FROM person_sessions")) == 1


async def test_neither_codes_nor_tokens_are_stored(bridge: Bridge, sign_in: SignIn) -> None:
    await sign_in.issue_code("a-code", OWNER, soon())
    await sign_in.start_session("a-token", OWNER, soon())
    rows = await bridge.fetch(
        "SELECT c::text || s::text AS t FROM sign_in_codes c, person_sessions s"
    )
    assert "a-code" not in rows[0]["t"]
    assert "a-token" not in rows[0]["t"]
