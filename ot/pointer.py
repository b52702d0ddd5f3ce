"""Paths inside an element: JSON Pointers (RFC 6901), kept as the strings they travel as."""

from functools import lru_cache

from ot.errors import OperationError

#: Steps of one path; deeper values can still be written whole.
MAX_PATH_STEPS = 32
#: Characters of one path.
MAX_PATH_LENGTH = 1_024


@lru_cache(maxsize=4_096)
def split(path: str) -> tuple[str, ...]:
    """The keys that ``path`` steps through, at least one.

    Raises OperationError ``invalid_path``.
    """
    if not path.startswith("/"):
        message = "A path is a JSON Pointer and starts with '/'."
        raise OperationError("invalid_path", message, f"/{path[:MAX_PATH_LENGTH]}")
    if len(path) > MAX_PATH_LENGTH:
        message = f"A path has at most {MAX_PATH_LENGTH} characters."
        raise OperationError("invalid_path", message, path[:MAX_PATH_LENGTH])
    keys = path[1:].split("/")
    if len(keys) > MAX_PATH_STEPS:
        raise OperationError("invalid_path", f"A path has at most {MAX_PATH_STEPS} steps.", path)
    if "~" not in path:
        return tuple(keys)
    return tuple(_unescape(key, path) for key in keys)


def join(path: str, key: str) -> str:
    """The path one step below ``path`` (``""`` is the element itself)."""
    return f"{path}/{key.replace('~', '~0').replace('/', '~1')}"


def is_below(path: str, ancestor: str) -> bool:
    """Whether ``path`` leads strictly inside what stands at ``ancestor``."""
    return path.startswith(ancestor) and path[len(ancestor) : len(ancestor) + 1] == "/"


def _unescape(key: str, path: str) -> str:
    if "~" in key.replace("~0", "").replace("~1", ""):
        message = "In a path '~' is written '~0' and '/' inside a key '~1'."
        raise OperationError("invalid_path", message, path)
    return key.replace("~1", "/").replace("~0", "~")
