"""Whether the audit is as it was written: each row carries the hash of the one before it.

A chain is read from its base to its head, and every hash is computed once more from the columns as
they are stored. Whoever may write to the database as its owner can forge a whole chain; a note of
the heads, kept elsewhere, tells that too.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Literal, TypeAlias

import msgspec

from persistence.bridge import Bridge
from persistence.limits import MAX_FINDINGS, MAX_PAGE, MAX_SWAP_DISTANCE, MAX_VERIFY_ATTEMPTS
from persistence.pool import Row
from persistence.queries import sql

#: What can be wrong.
Fault: TypeAlias = Literal[
    "changed", "misplaced", "missing", "missing_last", "forged_head", "stray", "not_as_noted"
]


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where. ``row_id`` is set where there is a row to look at."""

    fault: Fault
    chain: str
    position: int
    message: str
    row_id: int | None = None


class Head(msgspec.Struct, frozen=True):
    """The end of a chain, and the last row that the policy of retention has dropped from it."""

    chain: str
    position: int
    hash: bytes
    base_position: int
    base_hash: bytes


class NotedHead(msgspec.Struct, frozen=True):
    """A line of a note: how long a chain was, and the hash of its last row, in hexadecimal."""

    chain: str
    position: int
    hash: str


class Verified(msgspec.Struct):
    """What :func:`verify` has seen. ``heads`` are in the order of their chains."""

    findings: list[Finding]
    heads: list[NotedHead]
    rows: int = 0

    @property
    def fingerprint(self) -> str:
        """One hash over all heads: whatever is changed below them changes it."""
        return hashlib.sha256(note_of(self.heads)).hexdigest()


def note_of(heads: Sequence[NotedHead]) -> bytes:
    """The text of a note: a JSON line for each head."""
    return b"".join(msgspec.json.encode(head) + b"\n" for head in heads)


def read_note(text: bytes) -> dict[str, NotedHead]:
    """The heads of a note by their chains. Raises msgspec.DecodeError."""
    decoder = msgspec.json.Decoder(NotedHead)
    heads = [decoder.decode(line) for line in text.splitlines() if line.strip()]
    return {head.chain: head for head in heads}


def row_hash(previous: bytes, position: int, content: bytes) -> bytes:
    """The same as ``audit_hash`` in the database."""
    return hashlib.sha256(previous + position.to_bytes(8, signed=True) + content).digest()


class ChainCheck:
    """Takes the rows of one chain in their order, and says what is wrong with them."""

    def __init__(self, head: Head, noted: NotedHead | None = None) -> None:
        self._head = head
        self._noted = noted
        self.findings: list[Finding] = []
        self.position = head.base_position
        #: Of the row before; ``None`` where that row does not tell.
        self._hash: bytes | None = head.base_hash

    def take(self, row: Row) -> None:
        position = row["position"]
        if position != self.position + 1:
            self._say_missing(self.position + 1, position - 1)
            self._hash = None
        self.position = position
        self._hash = row["hash"] if self._is_right(row, position) else None
        if self._noted is not None and position == self._noted.position:
            self._compare_note(self._noted, row["hash"])

    def finish(self) -> None:
        head = self._head
        if self.position < head.position:
            kept = self.findings
            self.findings = []
            self._say_missing(self.position + 1, head.position)
            last = [msgspec.structs.replace(each, fault="missing_last") for each in self.findings]
            self.findings = [*kept, *last]
        elif self._hash not in (None, head.hash):
            self._say("forged_head", head.position, "The head is not that of the last row.")
        noted = self._noted
        if noted is not None and noted.position == head.base_position:
            # Of a row that was dropped since, the head still knows the hash.
            self._compare_note(noted, head.base_hash)
        if noted is not None and noted.position > head.position:
            text = f"The chain had {noted.position} rows when it was noted."
            self._say("not_as_noted", noted.position, text)

    def _is_right(self, row: Row, position: int) -> bool:
        content = row["content"].encode()
        previous, row_id = row["previous_hash"], row["id"]
        if row_hash(previous, position, content) != row["hash"]:
            place = self._place_of(row, content)
            if place is None:
                self._say("changed", position, "The row is not what was written.", row_id)
            else:
                text = f"The row was written as number {place}."
                self._say("misplaced", position, text, row_id)
        elif self._hash not in (None, previous):
            text = "The row does not follow the one before it."
            self._say("misplaced", position, text, row_id)
        else:
            return True
        return False

    def _place_of(self, row: Row, content: bytes) -> int | None:
        """The position near by at which the row would be right."""
        first = max(1, row["position"] - MAX_SWAP_DISTANCE)
        for place in range(first, row["position"] + MAX_SWAP_DISTANCE + 1):
            if row_hash(row["previous_hash"], place, content) == row["hash"]:
                return place
        return None

    def _compare_note(self, noted: NotedHead, found: bytes) -> None:
        if found.hex() != noted.hash:
            text = "The row is not the one that was noted."
            self._say("not_as_noted", noted.position, text)

    def _say_missing(self, first: int, last: int) -> None:
        many = f"Rows {first} to {last} are missing." if first < last else "A row is missing."
        self._say("missing", first, many)

    def _say(self, fault: Fault, position: int, message: str, row_id: int | None = None) -> None:
        self.findings.append(Finding(fault, self._head.chain, position, message, row_id))


async def verify(bridge: Bridge, noted: Mapping[str, NotedHead] | None = None) -> Verified:
    """Reads the whole audit and checks it, beside a running server if need be.

    Ends early once ``MAX_FINDINGS`` are found. Raises PersistenceError.
    """
    noted = noted or {}
    seen = Verified(findings=[], heads=[])
    last = ""
    while rows := await bridge.fetch(sql("read_audit_heads"), last, MAX_PAGE):
        for head in map(_head, rows):
            checked = await _check_chain(bridge, head, noted.get(head.chain))
            seen.findings += checked.findings
            seen.rows += checked.position - head.base_position
            seen.heads.append(NotedHead(head.chain, head.position, head.hash.hex()))
            if len(seen.findings) >= MAX_FINDINGS:
                return seen
        last = rows[-1]["chain"]
    seen.findings += _gone(noted, {head.chain for head in seen.heads})
    for stray in await bridge.fetch(sql("find_audit_strays"), MAX_FINDINGS):
        text = "The row lies outside the chain that its head tells of."
        place = stray["chain"], stray["position"]
        seen.findings.append(Finding("stray", *place, text, stray["id"]))
    return seen


def _gone(noted: Mapping[str, NotedHead], known: Set[str]) -> Iterator[Finding]:
    for chain in sorted(noted.keys() - known):
        text = "There was a chain of this name when it was noted."
        yield Finding("not_as_noted", chain, noted[chain].position, text)


async def _check_chain(bridge: Bridge, head: Head, noted: NotedHead | None) -> ChainCheck:
    """Checks a chain; once more where its beginning was dropped meanwhile."""
    for _ in range(MAX_VERIFY_ATTEMPTS):
        check = await _check_once(bridge, head, noted)
        if not check.findings:
            break
        rows = await bridge.fetch(sql("read_audit_head"), head.chain)
        now = _head(rows[0]) if rows else head
        if now.base_position == head.base_position:
            break
        head = now
    return check


async def _check_once(bridge: Bridge, head: Head, noted: NotedHead | None) -> ChainCheck:
    check = ChainCheck(head, noted)
    while rows := await bridge.fetch(
        sql("read_audit_chain"), head.chain, check.position, MAX_PAGE, head.position
    ):
        for row in rows:
            check.take(row)
    check.finish()
    return check


def _head(row: Row) -> Head:
    return Head(**{name: row[name] for name in Head.__struct_fields__})
