"""The name under which a browser saves what it was sent."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

#: Characters of a title that become part of a file's name.
MAX_FILE_NAME_LENGTH: Final = 80

#: Separators of paths, what Windows forbids in names, and what stands for more than itself.
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|%;]+')
_UNNAMED: Final = "diagram"


def attachment(title: str, ending: str) -> str:
    """The value of Content-Disposition (RFC 6266): a name in ASCII, and the title's own."""
    name = file_name(title, ending)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{file_name(plain, ending)}\"; filename*=UTF-8''{quote(name)}"


def file_name(title: str, ending: str) -> str:
    """The title as a file's name: no control or format characters, no path, never hidden."""
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in title)
    words = _FORBIDDEN.sub(" ", visible).split()
    stem = " ".join(words)[:MAX_FILE_NAME_LENGTH].strip(" .")
    return f"{stem or _UNNAMED}.{ending}"
