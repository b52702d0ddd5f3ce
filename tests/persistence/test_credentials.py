"""Agents and their keys."""

import pytest

from persistence.bridge import Bridge
from persistence.credentials import AgentCredential, Credentials

KEY = "dai_abcd1234_0123456789abcdef0123456789abcdef"


@pytest.fixture
def credentials(bridge: Bridge) -> Credentials:
    return Credentials(bridge)


async def create(
    credentials: Credentials, agent_id: str = "bot", prefix: str = "dai_abcd1234", key: str = KEY
) -> AgentCredential | None:
    return await credentials.create(
        agent_id=agent_id,
        name="Bot",
        key=key,
        key_prefix=prefix,
        permissions={"read", "edit"},
        rate_limit=7,
    )


async def test_an_agent_is_found_by_its_keys_prefix(credentials: Credentials) -> None:
    created = await create(credentials)
    assert created is not None
    found = await credentials.find("dai_abcd1234")
    assert found == created
    assert (found.agent_id, found.name, found.rate_limit) == ("bot", "Bot", 7)
    assert found.permissions == {"read", "edit"}
    assert (found.active, found.last_used) == (True, None)
    assert await credentials.find("dai_other") is None
    assert await credentials.find("\0") is None


async def test_a_key_is_stored_as_its_hash_only(bridge: Bridge, credentials: Credentials) -> None:
    created = await create(credentials)
    rows = await bridge.fetch("SELECT agent_credentials::text AS everything FROM agent_credentials")
    assert KEY not in rows[0]["everything"]
    assert KEY not in repr(created)


async def test_only_the_whole_key_matches(credentials: Credentials) -> None:
    created = await create(credentials)
    assert created is not None
    assert created.matches(KEY)
    assert not created.matches(KEY[:-1])
    assert not created.matches("")
    assert not created.matches(created.api_key)
    assert not created.matches("\ud800")


async def test_an_id_or_a_prefix_that_is_taken_is_not_taken_again(
    credentials: Credentials,
) -> None:
    assert await create(credentials) is not None
    assert await create(credentials, prefix="dai_other", key="other") is None
    assert await create(credentials, agent_id="other", key="other") is None
    assert len(await credentials.list()) == 1


async def test_a_revoked_key_matches_no_more_and_stays_listed(credentials: Credentials) -> None:
    await create(credentials)
    assert await credentials.revoke("bot")
    found = await credentials.find("dai_abcd1234")
    assert found is not None
    assert not found.active
    assert not found.matches(KEY)
    assert not await credentials.revoke("bot")
    assert not await credentials.revoke("nobody")
    assert [each.agent_id for each in await credentials.list()] == ["bot"]


async def test_agents_are_listed_in_the_order_of_their_creation(credentials: Credentials) -> None:
    for n in (3, 1, 2):
        await create(credentials, agent_id=f"bot{n}", prefix=f"p{n}", key=f"key{n}")
    assert [each.agent_id for each in await credentials.list()] == ["bot3", "bot1", "bot2"]


async def test_the_last_use_is_noted_to_the_minute(
    bridge: Bridge, credentials: Credentials
) -> None:
    await create(credentials)

    async def last_used() -> object:
        found = await credentials.find("dai_abcd1234")
        assert found is not None
        return found.last_used

    await credentials.touch("bot")
    first = await last_used()
    assert first is not None
    await credentials.touch("bot")
    assert await last_used() == first
    await bridge.write("UPDATE agent_credentials SET last_used = last_used - interval '2 minutes'")
    await credentials.touch("bot")
    assert await last_used() > first  # type: ignore[operator]
    await credentials.touch("nobody")
