"""Where wrong codes, keys and tokens, and new guests, are counted by the address they come from."""

from typing import Literal, Protocol, TypeAlias

#: What was wrong.
Attempt: TypeAlias = Literal["code", "key", "token", "link"]


class Attempts(Protocol):
    """A limit on guessing. ``None`` is the address of one that is not known."""

    def check_address(self, address: str | None) -> None:
        """Raises ServiceError ``rate_limited`` where too much that was wrong came from there."""

    def note_failure(self, address: str | None, what: Attempt) -> None:
        """Something wrong came from there."""

    def count_guest(self, address: str | None) -> None:
        """A stranger comes through a share link. Raises ServiceError ``rate_limited``."""


class Unlimited:
    """Lets everybody guess; what is to be guessed has 256 random bits."""

    def check_address(self, address: str | None) -> None:
        return

    def note_failure(self, address: str | None, what: Attempt) -> None:
        return

    def count_guest(self, address: str | None) -> None:
        return
