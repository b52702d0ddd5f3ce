"""Small pictures that were drawn already."""

from collections import OrderedDict
from typing import Final, TypeAlias

#: Thumbnails kept, and their bytes all together; beyond it those go that nobody asked for longest.
MAX_THUMBNAILS: Final = 1_000
MAX_THUMBNAILS_BYTES: Final = 16 * 1024 * 1024

#: The diagram's id, its revision, the theme.
Key: TypeAlias = tuple[str, int, str]


class Thumbnails:
    """A bounded cache."""

    def __init__(
        self, max_count: int = MAX_THUMBNAILS, max_bytes: int = MAX_THUMBNAILS_BYTES
    ) -> None:
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: Key) -> bytes | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Key, png: bytes) -> None:
        self._bytes += len(png) - len(self._kept.pop(key, b""))
        self._kept[key] = png
        while len(self._kept) > self._max_count or self._bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
