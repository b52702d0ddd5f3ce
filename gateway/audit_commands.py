"""What ``diagramai audit`` does."""

import csv
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

import msgspec

from gateway.errors import ServiceError
from gateway.settings import Settings
from gateway.storage_access import open_database
from persistence.audit import AgentOperation, Audit, Filter
from persistence.audit_chains import NotedHead, note_of, read_note, verify

#: What a spreadsheet takes for the beginning of a formula, or of a new cell; where people write in
#: East Asian letters, the wide ones as well.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


async def verify_audit(
    settings: Settings, note: Path | None, against: Path | None, tell: Callable[[str], object]
) -> bool:
    """Whether all is in order; tells what is not, and one fingerprint over everything.

    Raises ServiceError ``invalid`` where ``against`` is no note.
    """
    noted = {} if against is None else _read_note(against)
    async with open_database(settings) as bridge:
        seen = await verify(bridge, noted)
    for each in seen.findings:
        row = "" if each.row_id is None else f", row {each.row_id}"
        tell(f"{each.fault}: {each.chain} at {each.position}{row}: {each.message}")
    if note is not None and not seen.findings:
        note.write_bytes(note_of(seen.heads))
    words = "in order" if not seen.findings else f"{len(seen.findings)} faults"
    tell(f"{seen.rows} rows in {len(seen.heads)} chains: {words}")
    tell(f"fingerprint {seen.fingerprint}")
    return not seen.findings


def _read_note(path: Path) -> dict[str, NotedHead]:
    try:
        return read_note(path.read_bytes())
    except msgspec.MsgspecError:
        message = "That is no note of the audit; 'diagramai audit verify --note' writes one."
        raise ServiceError("invalid", message, "against") from None


async def export_audit(settings: Settings, rows: Filter, wanted: str, to: TextIO) -> None:
    """Writes the rows as they are read."""
    async with open_database(settings) as bridge, aclosing(Audit(bridge).export(rows)) as found:
        if wanted == "csv":
            writer = csv.writer(to)
            writer.writerow(AgentOperation.__struct_fields__)
            async for row in found:
                writer.writerow([as_cell(each) for each in msgspec.structs.astuple(row)])
        else:
            async for row in found:
                to.write(msgspec.json.encode(row).decode() + "\n")
    to.flush()


def as_cell(value: object) -> str:
    """The value as a text that no spreadsheet runs: an apostrophe goes before a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    text = value if isinstance(value, str) else _as_text(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else msgspec.json.encode(value).decode()


async def prune_audit(settings: Settings, older_than: datetime) -> int:
    """Drops what is older, and returns how many rows that were."""
    async with open_database(settings) as bridge:
        return await Audit(bridge).prune(older_than)
