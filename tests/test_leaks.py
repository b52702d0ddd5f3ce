"""What looks through the logs for secrets finds them; that none is there is checked at the end."""

import logging
import secrets
from pathlib import Path
from typing import Final

import pytest

from gateway.local_access import make_key
from persistence.secrets import hash_secret
from tests.support import leaks
from tests.support.tokens import signed

KEY: Final = make_key()[0]


def test_a_secret_that_is_logged_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that looks like nothing in particular, once it was hashed here."""
    monkeypatch.setattr(leaks._collector, "lines", set())
    plain = secrets.token_urlsafe(32)
    hash_secret(plain)
    logging.getLogger("diagramai.test").error("it is %s", plain)
    found = leaks.look_through()
    monkeypatch.undo()
    assert any(each.startswith("the log of the tests") for each in found)
    assert not any(plain in each for each in found), "it is not told on"


#: What is logged, by its name, and whether it gives something away.
LINES: Final = {
    "a key": (f"key {KEY} is wrong", True),
    "a header": (f"Authorization: Bearer {secrets.token_urlsafe(32)}", True),
    "a query": (f"GET /x?token={secrets.token_urlsafe(32)}", True),
    "a cookie": (f"Cookie: diagramai_session={secrets.token_urlsafe(32)}", True),
    "a jwt": (f"token {signed()}", True),
    "a share link": (f"http://localhost/share#{secrets.token_urlsafe(32)}", True),
    "the public part of a key": (f"key {'_'.join(KEY.split('_')[:2])} is wrong", False),
    "a number": ("request 0123456789abcdef failed", False),
    "an id": ("diagram 3f99ecbf-2301-4e69-ac29-91d9c7f384ca", False),
}


@pytest.mark.parametrize("name", LINES)
def test_what_looks_like_a_secret(name: str) -> None:
    text, is_found = LINES[name]
    assert (leaks.secret_in(text) is not None) is is_found


def test_the_log_of_a_server_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "_files", set())
    log = tmp_path / "server.log"
    leaks.watch_file(log)
    log.write_text(f"INFO: {KEY}\n", encoding="utf-8")
    assert [each for each in leaks.look_through() if each.startswith("server.log")]
