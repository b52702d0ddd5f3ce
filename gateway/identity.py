"""Who is asking."""

from typing import Final

import msgspec

from actors.ports import Author

READ: Final = "read"
CREATE: Final = "create"
EDIT: Final = "edit"
DELETE: Final = "delete"
FULL_ACCESS: Final = "full_access"
PERMISSIONS: Final = frozenset({READ, CREATE, EDIT, DELETE, FULL_ACCESS})


class Principal(msgspec.Struct, frozen=True):
    """A signed-in person or an agent with its key, and what it may do."""

    author: Author
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        return permission in self.permissions or FULL_ACCESS in self.permissions
