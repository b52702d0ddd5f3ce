"""Reading JSON that somebody else wrote: everything it says, or a refusal that names the place."""

import json

from gateway.react_flow import refuse
from ot.diagram import Json


def decode_text(source: bytes, at: str = "") -> str:
    """UTF-8 as it stands, byte order mark included. Raises ImportRefused."""
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        message = f"The text is not UTF-8: see byte {error.start}; save it as UTF-8."
        refuse("not_utf8", message, at)


def parse_json(text: str, at: str = "") -> Json:
    """The value. Python's own reader would let ``NaN`` pass, which is left to whoever checks the
    value and knows its path, and the earlier of two equal keys vanish. Raises ImportRefused."""
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        refuse("malformed_json", f"Not JSON: {error.msg} ({place}).", at or place)
    except RecursionError:
        refuse("too_deep", "The arrays and objects are nested too deeply.", at)
    except ValueError as error:
        refuse("invalid_json", f"{error}.", at)


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"An object has the key {key!r} twice")
        found[key] = value
    return found
