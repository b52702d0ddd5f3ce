"""Sets that grow together (union-find)."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Unions(Generic[Item]):
    def __init__(self) -> None:
        self._above: dict[Item, Item] = {}

    def __contains__(self, item: Item) -> bool:
        return item in self._above

    def find(self, item: Item) -> Item:
        """What stands for the set of the item."""
        self._above.setdefault(item, item)
        root = item
        while self._above[root] != root:
            root = self._above[root]
        while self._above[item] != root:
            self._above[item], item = root, self._above[item]
        return root

    def join(self, *items: Item) -> None:
        """The items are of one set from now on; the first one's name stays."""
        for item in items[1:]:
            root, other = self.find(items[0]), self.find(item)
            if root != other:
                self._above[other] = root

    def sets(self) -> list[list[Item]]:
        """All sets, in the order in which their items were first named."""
        found: dict[Item, list[Item]] = {}
        for item in list(self._above):
            found.setdefault(self.find(item), []).append(item)
        return list(found.values())
