"""One edit, one call: what a draft can do, done at once."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from client.draft import Draft
from ot.diagram import Json

T = TypeVar("T")


class Helpers:
    """Each is ``change`` with one call of :class:`Draft`, whose methods say what they do."""

    @abstractmethod
    async def change(self, make: Callable[[Draft], T]) -> T:
        """Makes one edit of everything that ``make`` does to the draft."""

    async def add_node(
        self,
        label: str = "",
        *,
        id: str | None = None,
        type: str = "process",
        position: tuple[float, float] | None = None,
        parent: str | None = None,
        data: Mapping[str, Json] | None = None,
        **fields: Json,
    ) -> str:
        """Returns the new node's id."""
        return await self.change(
            lambda draft: draft.add_node(
                label, id=id, type=type, position=position, parent=parent, data=data, **fields
            )
        )

    async def update_node(
        self,
        id: str,
        *,
        label: str | None = None,
        data: Mapping[str, Json] | None = None,
        **fields: Json,
    ) -> None:
        await self.change(lambda draft: draft.update_node(id, label=label, data=data, **fields))

    async def move_node(self, id: str, x: float, y: float) -> None:
        await self.change(lambda draft: draft.move_node(id, x, y))

    async def delete_node(self, id: str) -> None:
        await self.change(lambda draft: draft.delete_node(id))

    async def delete_nodes(self, ids: Iterable[str]) -> None:
        gone = list(ids)
        await self.change(lambda draft: draft.delete_nodes(gone))

    async def add_edge(
        self,
        source: str,
        target: str,
        label: str | None = None,
        *,
        id: str | None = None,
        type: str = "smoothstep",
        **fields: Json,
    ) -> str:
        """Returns the new edge's id."""
        return await self.change(
            lambda draft: draft.add_edge(source, target, label, id=id, type=type, **fields)
        )

    async def update_edge(
        self,
        id: str,
        *,
        label: str | None = None,
        data: Mapping[str, Json] | None = None,
        **fields: Json,
    ) -> None:
        await self.change(lambda draft: draft.update_edge(id, label=label, data=data, **fields))

    async def delete_edge(self, id: str) -> None:
        await self.change(lambda draft: draft.delete_edge(id))

    async def update_diagram(
        self, *, title: str | None = None, description: str | None = None
    ) -> None:
        await self.change(lambda draft: draft.update_diagram(title=title, description=description))
