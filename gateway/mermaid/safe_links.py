"""Links in Mermaid text that leaves the server lead to the web and to mail, and run nothing.

What was written stays in the diagram as it was written; where a text goes as a file or to be shown,
an address that a renderer could take for a script is replaced.
"""

import html
import re
from typing import Final

#: What an address is replaced by: it leads to the page itself.
NOWHERE: Final = "#"

_CLICK: Final = re.compile(r'(\bclick[ \t]+[^\s"]+[ \t]+(?:href[ \t]+)?")([^"]*)(?=")')
#: Characters that browsers leave out of an address, or pass over before it.
_PASSED_OVER: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
#: How Mermaid writes a character by its number or name: ``#58;``.
_NUMBERED: Final = re.compile(r"#(\w+;)")
_SAFE_SCHEME: Final = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_ANY_SCHEME: Final = re.compile(r"[^/?#]*:")


def with_safe_links(text: str) -> str:
    """The text, in which every ``click`` leads to the web, to mail, or nowhere."""
    return _CLICK.sub(lambda found: found[1] + (found[2] if is_safe(found[2]) else NOWHERE), text)


def is_safe(address: str) -> bool:
    """Whether an address is of the web or of mail, or one without a scheme, however disguised."""
    plain = html.unescape(_NUMBERED.sub(_as_entity, address))
    plain = _PASSED_OVER.sub("", plain)
    return bool(_SAFE_SCHEME.match(plain)) or not _ANY_SCHEME.match(plain)


def _as_entity(found: re.Match[str]) -> str:
    name = found[1]
    return f"&#{name}" if name[:-1].isdigit() else f"&{name}"
