"""Messages of the WebSocket protocol as a fuzzer makes them: right, nearly right, and wrong."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, Final

#: Where a message is cut short, or one of its bytes is another.
_MANGLED_SHARE: Final = 0.06
#: Where a field is left out, repeated, or has a value of another kind.
_ODD_SHARE: Final = 0.35
_KINDS: Final = (
    "hello", "subscribe", "unsubscribe", "submit", "presence", "ping", "agent_operation",
)  # fmt: skip
_OPERATIONS: Final = (
    "list_diagrams", "create_diagram", "read_diagram", "add_node", "update_node", "delete_node",
    "add_edge", "update_edge", "delete_edge", "drop_all", "",
)  # fmt: skip
_ODD_VALUES: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1, 2**53, 2**63, -(2**64), 1.5, 1e308, -0.0, "", " ", "x", "x" * 300,
    "\x00", "\ud800", "\u202e", "👩‍👩‍👧", "__proto__", "../..", "' OR 1=1 --", "<script>", [], {},
    [[]], [None], {"": ""}, {"type": "hello"}, {"a": {"b": {"c": []}}}, "null", "true", "1",
)  # fmt: skip
_PATHS: Final = (
    "/label", "/data/label", "/position/x", "/position", "", "/", "//", "/data/~0~1", "/~2",
    "/__proto__/x", "/data/" + "a/" * 40, "label", "/title", "/description", "/data",
)  # fmt: skip
_NODES: Final = ("start", "end", "a", "b", "c", "d")


class Grammar:
    """Messages of one participant, each from the same chance. ``ids`` are of diagrams."""

    def __init__(self, random: Random, ids: list[str], uuids: list[str]) -> None:
        self._random = random
        self._ids = [*ids, "no-such-diagram"]
        self._uuids = [*uuids, "00000000-0000-0000-0000-000000000000"]
        self._sequence = 0
        self._make: dict[str, Callable[[], dict[str, Any]]] = {
            kind: getattr(self, f"_{kind}") for kind in _KINDS
        }

    def next(self) -> str | bytes:
        """A message; text that cannot be encoded comes as its escape."""
        random = self._random
        chance = random.random()
        if chance < 0.02:
            return random.choice(
                ("", "{", "[]", "null", "7", '"x"', "[" * 2_000, '{"type":7}', "{}")
            )
        message = self._make[random.choice(_KINDS)]()
        if chance < _ODD_SHARE:
            self._make_odd(message)
        text = json.dumps(message)
        if chance < 0.05:
            # A key twice: what the second one says counts, or the whole is refused.
            text = text[:-1] + f',"type":"{random.choice(_KINDS)}"}}'
        if random.random() < _MANGLED_SHARE:
            at = random.randrange(len(text))
            text = (
                text[:at] + random.choice(("", "\x00", '"', "}", "[", "\\", "é")) + text[at + 1 :]
            )
        return text

    def _make_odd(self, message: dict[str, Any]) -> None:
        inner: Any = message
        while isinstance(inner, dict) and inner:
            key = self._random.choice(list(inner))
            if not isinstance(inner[key], dict) or self._random.random() < 0.4:
                if self._random.random() < 0.3:
                    del inner[key]
                else:
                    inner[key] = self._random.choice(_ODD_VALUES)
                return
            inner = inner[key]

    # The kinds ---------------------------------------------------------------------------------

    def _hello(self) -> dict[str, Any]:
        return {"type": "hello", "client_id": f"fuzz-{self._random.randrange(4)}"}

    def _subscribe(self) -> dict[str, Any]:
        if self._random.random() < 0.3:
            return {"type": "subscribe", "diagram_uuid": self._uuid()}
        message: dict[str, Any] = {"type": "subscribe", "diagram_id": self._id()}
        if self._random.random() < 0.5:
            message |= {"revision": self._random.randrange(200), "pending": self._flag()}
        return message

    def _unsubscribe(self) -> dict[str, Any]:
        key, value = ("diagram_id", self._id()) if self._flag() else ("diagram_uuid", self._uuid())
        return {"type": "unsubscribe", key: value}

    def _submit(self) -> dict[str, Any]:
        self._sequence += self._random.choice((0, 1, 1, 1, 5))
        return {
            "type": "submit",
            "diagram_id": self._id(),
            "base_revision": self._random.choice((0, 0, 1, 5, 50, 10_000)),
            "sequence": max(1, self._sequence),
            "operation": self._operation(),
        }

    def _presence(self) -> dict[str, Any]:
        state = {"cursor": {"x": 1.5, "y": 2}, "selection": [self._node()], "more": self._odd()}
        return {"type": "presence", "diagram_id": self._id(), "state": state}

    def _ping(self) -> dict[str, Any]:
        return {"type": "ping", "id": self._random.choice((1, "a", None))}

    def _agent_operation(self) -> dict[str, Any]:
        node = {"label": "N", "type": "process", "position": {"x": 0, "y": 0}}
        data = {
            "node_id": self._node(), "edge_id": self._node(), "source": self._node(),
            "target": self._node(), "updates": {"label": self._odd()}, "title": "Of the fuzzer",
            **node,
        }  # fmt: skip
        # Diagrams are made without end otherwise.
        name = self._random.choice(_OPERATIONS)
        if name == "create_diagram" and self._random.random() < 0.95:
            name = "read_diagram"
        return {
            "type": "agent_operation",
            "operation": name,
            "diagram_uuid": self._uuid(),
            "data": data,
            "request_id": self._random.randrange(10),
        }

    # Parts -------------------------------------------------------------------------------------

    def _operation(self) -> dict[str, Any]:
        part = self._random.choice(("nodes", "nodes", "edges", "diagram", "nothing"))
        if part == "nothing":
            return {}
        if part == "diagram":
            return {"diagram": self._update()}
        count = self._random.choice((1, 1, 2, 6))
        return {part: {self._node(): self._change(part) for _ in range(count)}}

    def _change(self, part: str) -> dict[str, Any]:
        kind = self._random.choice(("create", "delete", "update", "replace"))
        if kind == "update":
            return self._update()
        if kind == "delete":
            return {"type": "delete"}
        element: dict[str, Any] = {"type": "process", "data": {"label": self._odd()}}
        if part == "nodes":
            element["position"] = {"x": self._random.randrange(1_000), "y": 0}
        else:
            element |= {"source": self._node(), "target": self._node()}
        return {"type": kind, "element": element}

    def _update(self) -> dict[str, Any]:
        write = self._random.choice(
            (
                {"type": "set", "value": self._odd()},
                {"type": "unset"},
                {"type": "text", "edit": [self._random.randrange(3), "ab", {"d": 1}]},
            )
        )
        return {"type": "update", "writes": {self._random.choice(_PATHS): write}}

    def _id(self) -> str:
        return self._random.choice(self._ids)

    def _uuid(self) -> str:
        return self._random.choice(self._uuids)

    def _node(self) -> str:
        return self._random.choice(_NODES)

    def _odd(self) -> Any:
        return self._random.choice(_ODD_VALUES)

    def _flag(self) -> bool:
        return self._random.random() < 0.5
