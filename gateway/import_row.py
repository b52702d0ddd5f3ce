"""One row of the earlier DiagramAI app, read into a diagram and what the catalogue keeps of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET

from gateway.exporting import export_content
from gateway.import_content import read_content, read_flow
from gateway.json_text import parse_json
from gateway.react_flow import Report, check_value, join, read_id, refuse
from gateway.row_shape import SHAPE_KEY, RowShape, attach, format_time, parse_time
from ot.diagram import Diagram, Json

T = TypeVar("T")

#: Characters of a title and of a uuid, as the catalogue holds them.
MAX_TITLE_LENGTH = 1_000
MAX_UUID_LENGTH = 36

_SNAKE_KEYS = {
    "isPublic": "is_public",
    "agentAccessible": "agent_accessible",
    "agentMetadata": "agent_metadata",
    "userId": "user_id",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}


class ImportedDiagram(msgspec.Struct, kw_only=True):
    """One diagram of a file. ``extra`` holds every unknown key of its row, untouched, and how
    the row was written; ``report`` says in plain words what was changed. Where ``is_titled`` is
    false, the title is only the file's name."""

    diagram: Diagram
    id: str | None = None
    uuid: str | None = None
    tags: list[str] = msgspec.field(default_factory=list)
    is_public: bool = False
    agent_accessible: bool = True
    user_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    agent_metadata: dict[str, Json] | None = None
    extra: dict[str, Json] = msgspec.field(default_factory=dict)
    report: list[str] = msgspec.field(default_factory=list)
    is_titled: bool = True


def read_row(row: dict[str, Json], at: str, title: str) -> ImportedDiagram:
    """The row as a diagram; ``title`` is for one that has none. Raises ImportRefused."""
    return _RowReader(row, at).read(title)


def read_document(content: dict[str, Json], title: str) -> ImportedDiagram:
    """A bare React Flow document. Raises ImportRefused."""
    report, shape = Report(), RowShape()
    diagram = read_flow(content, "", shape, report)
    named = content.get("title")
    diagram.title = _title(named, "title") if isinstance(named, str) else title
    return ImportedDiagram(diagram=diagram, extra=attach(shape, {}), report=report.lines())


def read_mermaid(text: str, title: str) -> ImportedDiagram:
    """A Mermaid text, kept to the letter, whether or not it can be drawn. Raises ImportRefused."""
    check_value(text, "")
    diagram = Diagram(title=title, kind="mermaid", data={"text": text})
    return ImportedDiagram(diagram=diagram, is_titled=False)


class _RowReader:
    """Takes the known keys out of a row one by one; what is left at the end is its ``extra``."""

    def __init__(self, row: dict[str, Json], at: str) -> None:
        self._at = at
        self._rest = {key: _plain(value) for key, value in row.items()}
        self._report = Report()
        self._shape = RowShape()

    def read(self, title: str) -> ImportedDiagram:
        raw = self._rest.pop("content", UNSET)
        check_value(self._rest, self._at)
        self._drop_reserved()
        diagram = self._diagram(raw)
        diagram.title = self._take("title", _title, title)
        diagram.description = self._take("description", _text, None)
        return ImportedDiagram(
            diagram=diagram,
            id=self._take("id", self._id, None),
            uuid=self._take("uuid", _uuid, None),
            tags=self._take("tags", _tags, []),
            is_public=self._take("isPublic", _flag, False),
            agent_accessible=self._take("agentAccessible", _flag, True),
            user_id=self._take("userId", self._id, None),
            created_at=self._take("createdAt", _time, None),
            updated_at=self._take("updatedAt", _time, None),
            agent_metadata=self._take("agentMetadata", _metadata, None),
            extra=attach(self._shape, self._rest),
            report=self._report.lines(),
        )

    def _take(self, key: str, read: Callable[[Json, str], T], default: T) -> T:
        name = key if key in self._rest else _SNAKE_KEYS.get(key, key)
        was = self._rest.pop(name, UNSET)
        value = default if was is None or was is UNSET else read(was, join(self._at, name))
        self._note(key, _plain(value), was)
        return value

    def _note(self, key: str, value: Json, was: Json) -> None:
        if was is UNSET:
            self._shape.absent[key] = value
        else:
            self._shape.note(key, value, was)

    def _drop_reserved(self) -> None:
        if SHAPE_KEY in self._rest:
            whole = msgspec.json.encode(self._rest.pop(SHAPE_KEY)).decode()
            self._report.add(f"the key '{SHAPE_KEY}' is reserved and was dropped: {whole}")

    def _diagram(self, raw: Json) -> Diagram:
        written = self._rest.pop("format", UNSET)
        row_format = _format(written, join(self._at, "format"))
        at = join(self._at, "content")
        diagram = read_content(raw, row_format, at, self._shape, self._report)
        if raw is None or raw is UNSET:
            self._note("content", export_content(diagram), raw)
        found = "mermaid" if diagram.kind == "mermaid" else "reactflow"
        self._note("format", found, written)
        if row_format not in (None, found):
            self._report.add(f"the format said {row_format}, but the content is {found}")
        self._take_kind(diagram)
        return diagram

    def _take_kind(self, diagram: Diagram) -> None:
        """The kind of a React Flow diagram, if it is more than the one that rows leave out."""
        kind = self._rest.get("kind")
        plain = kind in ("", "mermaid", diagram.kind)
        if diagram.kind != "mermaid" and isinstance(kind, str) and not plain:
            diagram.kind = self._rest.pop("kind")

    def _id(self, value: Json, at: str) -> str:
        return read_id(value, at, self._report)


def _plain(value: Json) -> Json:
    """What a database driver hands out as a value of its own, as JSON."""
    if isinstance(value, datetime):
        return format_time(value if value.tzinfo else value.replace(tzinfo=UTC))
    return str(value) if isinstance(value, UUID) else value


def _text(value: Json, at: str) -> str:
    if not isinstance(value, str):
        refuse("invalid_type", "Text belongs here.", at)
    return value


def _title(value: Json, at: str) -> str:
    title = _text(value, at)
    if len(title) > MAX_TITLE_LENGTH:
        refuse("string_too_long", f"A title has at most {MAX_TITLE_LENGTH} characters.", at)
    return title


def _format(value: Json, at: str) -> str | None:
    if value is None or value is UNSET:
        return None
    name = _text(value, at).lower().replace("_", "").replace("-", "")
    if name not in ("reactflow", "mermaid"):
        refuse("unknown_format", "A format is 'reactflow' or 'mermaid'.", at)
    return name


def _uuid(value: Json, at: str) -> str:
    uuid = _text(value, at)
    if not 1 <= len(uuid) <= MAX_UUID_LENGTH or not uuid.isprintable():
        message = f"A uuid has 1 to {MAX_UUID_LENGTH} printable characters."
        refuse("invalid_id", message, at)
    return uuid


def _tags(value: Json, at: str) -> list[str]:
    if not isinstance(value, list):
        refuse("invalid_type", "Tags are a list of texts.", at)
    return [_text(tag, f"{at}[{i}]") for i, tag in enumerate(value)]


def _flag(value: Json, at: str) -> bool:
    if not isinstance(value, bool):
        refuse("invalid_type", "Either true or false belongs here.", at)
    return value


def _time(value: Json, at: str) -> datetime:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return parse_time(value)
        except (ValueError, OverflowError, OSError):
            pass
    refuse("invalid_time", "A time is ISO 8601 text, or milliseconds since 1970.", at)


def _metadata(value: Json, at: str) -> dict[str, Json]:
    found = parse_json(value, at) if isinstance(value, str) else value
    check_value(found, at)
    if not isinstance(found, dict):
        refuse("invalid_type", "Metadata is an object.", at)
    return found
