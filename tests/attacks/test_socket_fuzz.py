"""Anything at all is said to the socket: each message is answered or passed over, and nothing of it
is left behind. ``make socket-fuzz`` says much more of it."""

from typing import Final

from tests.support.serving import open_site
from tests.support.socket_fuzzer import fuzz

MESSAGES: Final = 6_000
SEED: Final = 7
#: The process itself grows a little in its first minute.
MAX_GROWTH_BYTES: Final = 64 * 2**20


async def test_whatever_is_said_nothing_fails_and_nothing_is_left(database_url: str) -> None:
    async with open_site(database_url) as site:
        found = await fuzz(site, MESSAGES, SEED)
    assert found.faults == []
    assert found.sent >= MESSAGES - 10
    # It was no monologue: edits went in, and all kinds of mistakes were told.
    expected = {
        "snapshot", "diagram_updated", "malformed_json", "invalid_message", "not_found",
        "forbidden", "rate_limited", "unknown_operation",
    }  # fmt: skip
    assert expected <= found.answers.keys()
    assert (found.receivers, found.followed) == (0, 0)
    assert found.tasks <= 0
    assert found.memory[1] - found.memory[0] < MAX_GROWTH_BYTES
