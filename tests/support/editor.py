"""A built editor as small as can be, laid out as the real build lays one out."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PAGE: Final = b'<!doctype html><html lang="en"><script src="/assets/index-Ab_1.js"></script></html>'
SCRIPT: Final = b"console.log('a script');\n" * 100
THEME: Final = b"document.documentElement.dataset.theme = 'dark';\n"
#: Everything that a build leaves behind, and what can get there by mistake.
FILES: Final[Mapping[str, bytes]] = {
    "index.html": PAGE,
    "theme.js": THEME,
    "icon.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "assets/index-Ab_1.js": SCRIPT,
    "assets/index-Ab_1.js.gz": gzip.compress(SCRIPT, mtime=0),
    "assets/inter-C-d2.woff2": b"wOF2",
    ".built-from": b"digest",
    "assets/<path:x>.js": b"no route",
}


def write_editor(folder: Path) -> Path:
    """Writes it into ``folder``, which is returned."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
