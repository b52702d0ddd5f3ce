"""The built editor: which of its files are served, read once when the server starts."""

import hashlib
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

log = logging.getLogger("diagramai.editor")

#: Where the build puts the editor; part of the installed package.
BUILT_EDITOR: Final = Path(__file__).parent / "static"
#: What has to be run in a checkout whose editor is missing.
BUILD_COMMAND: Final = "make editor"

_PAGE: Final = "index.html"
_COMPRESSED: Final = ".gz"
#: Files below it have a hash of their content in their name.
_HASHED_FOLDER: Final = "assets/"
_PLAIN_PATH: Final = re.compile(r"[\w~-][\w.~-]*(?:/[\w~-][\w.~-]*)*", re.ASCII)
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_UNKNOWN_TYPE: Final = "application/octet-stream"


class EditorFile(msgspec.Struct, frozen=True):
    """A file's bytes, also compressed by gzip where the build has done that."""

    body: bytes
    compressed: bytes | None
    media_type: str
    etag: str
    is_hashed: bool


class EditorFiles(msgspec.Struct, frozen=True):
    """``page`` is ``None`` where the editor has not been built; ``others`` go by URL path."""

    page: EditorFile | None
    others: Mapping[str, EditorFile]


def load_editor(folder: Path = BUILT_EDITOR) -> EditorFiles:
    """Everything that the build has left in ``folder``; nothing else can be served later.

    A missing build is only logged, so that the API still works without an editor.
    """
    found = {path: _read(folder / path, path) for path in _paths(folder)}
    page = found.pop(_PAGE, None)
    if page is None:
        log.error("the editor has not been built; run: %s", BUILD_COMMAND)
    return EditorFiles(page, {f"/{path}": file for path, file in found.items()})


def _paths(folder: Path) -> list[str]:
    """The files to serve, relative to ``folder``; hidden ones and compressed twins are not."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [
        path for path in paths if _PLAIN_PATH.fullmatch(path) and not path.endswith(_COMPRESSED)
    ]


def _read(path: Path, name: str) -> EditorFile:
    body = path.read_bytes()
    twin = path.with_name(path.name + _COMPRESSED)
    return EditorFile(
        body=body,
        compressed=twin.read_bytes() if twin.is_file() else None,
        media_type=_MEDIA_TYPES.get(path.suffix, _UNKNOWN_TYPE),
        etag=hashlib.sha256(body).hexdigest()[:16],
        is_hashed=name.startswith(_HASHED_FOLDER),
    )
