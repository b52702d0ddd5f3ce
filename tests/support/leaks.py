"""No secret gets into a log or into an address, in any test.

Whatever is hashed as a secret, in this process, is remembered, and so is what tests remember
themselves. All that is logged here, and the logs of the servers that tests start, is looked through
at the end: for these, and for anything that looks like a secret.
"""

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2

from persistence import secrets

#: Characters of what is random enough to be sought; shorter ones are made up by tests.
MIN_SECRET_LENGTH: Final = 24
#: Keys and tokens by their marks, a JWT, a cookie, a header, a part of an address.
LOOKS_SECRET: Final = re.compile(
    r"\bda[iotr]_[\w.-]{32,}|\bdai_[0-9a-f]+_[\w-]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
    r"|diagramai_session=[\w-]{20,}|(?i:bearer) [\w.-]{24,}|/share#[\w-]{20,}"
    r"|[?&](?:code|token|key|access_token|refresh_token)=[\w.-]{20,}"
)
#: A one-time link is opened by its address; it is spent by that (docs/decisions/0009).
SPENT: Final = re.compile(r"/sign-in\?code=[\w-]+")

_WORD: Final = re.compile(rf"[\w-]{{{MIN_SECRET_LENGTH},}}")

_remembered: set[str] = set()
_files: set[Path] = set()
_addresses: set[str] = set()


def remember(secret: str) -> None:
    """It must not be read anywhere."""
    if len(secret) >= MIN_SECRET_LENGTH and len(set(secret)) > 8:
        _remembered.add(secret)


def watch_file(path: Path) -> None:
    """The log of a server that a test starts; it is looked through before it goes."""
    _files.add(path)


class _Collector(logging.Handler):
    """Keeps what is logged, each line once."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.lines.add(_formatter.format(record))
        except Exception:
            self.handleError(record)


_formatter = logging.Formatter("%(name)s: %(message)s")
_collector = _Collector()


def install() -> None:
    """Begins to listen: to the loggers, to what is hashed, to what is asked for by tests."""
    logging.getLogger().addHandler(_collector)
    original = secrets.hash_secret

    def hash_secret(secret: str) -> str:
        remember(secret)
        return original(secret)

    _replace(original, hash_secret)
    for kind in (httpx2.Client, httpx2.AsyncClient):
        _note_addresses(kind)


def _replace(original: Any, replacement: Any) -> None:
    """In its own module, and wherever it was imported already."""
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get("hash_secret") is original:
            module.hash_secret = replacement  # type: ignore[attr-defined]


def _note_addresses(kind: Any) -> None:
    build = kind.build_request

    def build_request(self: Any, *args: Any, **kwargs: Any) -> Any:
        request = build(self, *args, **kwargs)
        _addresses.add(str(request.url))
        return request

    kind.build_request = build_request


def look_through() -> list[str]:
    """What should not have been written, with the secret itself left out."""
    found = [*_found_in("the log of the tests", _collector.lines)]
    asked = {SPENT.sub("/sign-in", each) for each in _addresses}
    found += _found_in("an address", asked)
    for path in sorted(_files):
        found += _found_in(path.name, [path.read_text(encoding="utf-8", errors="replace")])
    return found


def _found_in(place: str, texts: Any) -> Iterator[str]:
    for text in texts:
        spot = secret_in(text)
        if spot is not None:
            around = text[max(0, spot[0] - 80) : spot[0]]
            yield f"{place}: ...{around}[{spot[1] - spot[0]} characters of a secret]"


def secret_in(text: str) -> tuple[int, int] | None:
    """Where a secret stands in a text."""
    looks = LOOKS_SECRET.search(text)
    if looks is not None:
        return looks.span()
    for word in _WORD.finditer(text):
        if word[0] in _remembered:
            return word.span()
    return None
