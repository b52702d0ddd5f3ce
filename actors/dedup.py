"""Recognising a resend: the newest submission of each client, by author, client id, sequence."""

from collections import OrderedDict
from typing import TypeAlias

from msgspec import UNSET, UnsetType

from actors.limits import MAX_REMEMBERED_CLIENTS
from actors.ports import Author, JournalEntry, LastSubmission

_Key: TypeAlias = tuple[str, str, str]


def _key(author: Author, client_id: str) -> _Key:
    """The author is part of the key: nobody can speak for a client of somebody else."""
    return (author.kind, author.id, client_id)


class Submissions:
    """The newest submission of each client, a bounded number of clients.

    A forgotten or never met client is *unknown*: the journal is asked before it may submit.
    """

    def __init__(self, most: int = MAX_REMEMBERED_CLIENTS) -> None:
        self._last: OrderedDict[_Key, LastSubmission | None] = OrderedDict()
        self._most = most

    def knows(self, author: Author, client_id: str) -> bool:
        return _key(author, client_id) in self._last

    def last(self, author: Author, client_id: str) -> LastSubmission | None:
        return self._last.get(_key(author, client_id))

    def learn(
        self, author: Author, client_id: str, last: LastSubmission | UnsetType | None
    ) -> None:
        """Takes in what the journal said, if it was asked, unless something newer is known."""
        key = _key(author, client_id)
        if key in self._last:
            self._last.move_to_end(key)
        elif last is not UNSET:
            self._last[key] = last

    def remember(self, entry: JournalEntry) -> LastSubmission | None:
        """Notes an applied submission and returns the one before it."""
        if entry.client_id is None or entry.sequence is None:
            return None
        key = _key(entry.author, entry.client_id)
        previous = self._last.get(key)
        if previous is None or previous.sequence < entry.sequence:
            self._last[key] = LastSubmission(entry.sequence, entry.revision)
        self._last.move_to_end(key)
        return previous

    def forget(self, entry: JournalEntry, previous: LastSubmission | None) -> None:
        """Takes :meth:`remember` back: the submission did not become durable."""
        if entry.client_id is not None and entry.sequence is not None:
            self._last[_key(entry.author, entry.client_id)] = previous

    def trim(self, durable_revision: int) -> None:
        """Forgets the clients heard of longest ago, never one with an edit on its way."""
        if len(self._last) <= self._most:
            return
        for key in list(self._last)[: len(self._last) - self._most]:
            last = self._last[key]
            if last is None or last.revision <= durable_revision:
                del self._last[key]
