"""How an imported row was written, kept beside the diagram so that its export reads the same.

A key that was missing, ``null`` or written in another way (``react_flow``, a time without
milliseconds) comes back as it was, as long as its value has not changed since.
"""

from datetime import UTC, datetime

import msgspec

from ot.diagram import Json, json_equal

#: Where the shape is kept among a row's unknown keys.
SHAPE_KEY = "_row_shape"


class Written(msgspec.Struct):
    """What stood in the row, and the value it was understood as."""

    value: Json
    was: Json


class Shape(msgspec.Struct, omit_defaults=True):
    """``absent`` maps each missing key to the value it was given."""

    absent: dict[str, Json] = msgspec.field(default_factory=dict)
    written: dict[str, Written] = msgspec.field(default_factory=dict)

    def note(self, key: str, value: Json, was: Json) -> None:
        """Remembers ``was`` where it differs from the value it was understood as."""
        if was is None or not json_equal(value, was):
            self.written[key] = Written(value, was)

    def put(self, row: dict[str, Json], key: str, value: Json) -> None:
        """Writes the value into the row the way it came, or as it is when it has changed."""
        if key in self.absent and json_equal(self.absent[key], value):
            return
        written = self.written.get(key)
        known = written is not None and json_equal(written.value, value)
        row[key] = written.was if written is not None and known else value


class RowShape(Shape, omit_defaults=True):
    """The shape of a row, and of its ``content``: how many times it was encoded as a JSON
    string, and keys that have no place in the diagram's data."""

    content: Shape = msgspec.field(default_factory=Shape)
    encoded: int = 0
    unplaced: dict[str, Json] = msgspec.field(default_factory=dict)


def attach(shape: RowShape, extra: dict[str, Json]) -> dict[str, Json]:
    """The unknown keys of a row together with its shape."""
    noted = msgspec.to_builtins(shape)
    noted = {key: value for key, value in noted.items() if value}
    return {**extra, SHAPE_KEY: noted} if noted else extra


def detach(extra: dict[str, Json] | None) -> tuple[RowShape, dict[str, Json]]:
    """Undoes :func:`attach`; a diagram that was never imported has an empty shape."""
    rest = dict(extra or {})
    return msgspec.convert(rest.pop(SHAPE_KEY, {}), RowShape), rest


def format_time(time: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as JavaScript writes it; finer where need be."""
    exact = "milliseconds" if time.microsecond % 1000 == 0 else "microseconds"
    return time.astimezone(UTC).isoformat(timespec=exact).replace("+00:00", "Z")


def parse_time(value: str | float) -> datetime:
    """ISO 8601 text, UTC where it names no zone, or milliseconds since 1970.

    Raises ValueError or OverflowError.
    """
    if isinstance(value, str):
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(value / 1000, UTC)
