"""By which of its addresses a request comes to MCP, and so: who lets it in."""

from typing import Final

import msgspec
from starlette.responses import Response

from gateway.mcp.watching import Identify

#: Where an ASGI scope has it; without one it is the address for keys.
ENTRANCE_KEY: Final = "diagramai.entrance"


class Entrance(msgspec.Struct, frozen=True):
    """``identify`` says whose the request is, then and later; nobody is answered ``refusal``."""

    identify: Identify
    refusal: Response
