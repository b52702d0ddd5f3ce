"""The protocol worlds that are explored: few edits that meet, and what goes wrong meanwhile."""

from itertools import combinations_with_replacement

from ot.diagram import Diagram
from ot.operation import Create, Operation, Replace, Set, Text, TextDelete, TextEdit, Update
from ot.policy import Policy
from property_tests.protocol_moves import Edit, Setting
from property_tests.worlds import delete_node

START = Diagram(
    title="T",
    nodes={"n": {"label": "ab"}, "m": {"label": "c", "parentId": "n"}},
    edges={"e": {"source": "n", "target": "m"}},
)


def _delete(S: Diagram) -> Operation | None:
    return delete_node(S, "n", with_children=False) if "n" in S.nodes else None


def _type(S: Diagram) -> Operation | None:
    label = S.nodes["n"].get("label") if "n" in S.nodes else None
    if not isinstance(label, str):
        return None
    edit: TextEdit = [TextDelete(1), "x"] if label else ["x"]
    return Operation(nodes={"n": Update({"/label": Text(edit)})})


def _set(S: Diagram) -> Operation | None:
    return Operation(nodes={"n": Update({"/label": Set("s")})}) if "n" in S.nodes else None


def _write(S: Diagram) -> Operation | None:
    return Operation(nodes={"n": Update({"/label": Set("w")})}) if "n" in S.nodes else None


def _create(S: Diagram) -> Operation | None:
    change = Replace({"label": "y"}) if "x" in S.nodes else Create({"label": "x"})
    return Operation(nodes={"x": change})


def _connect(S: Diagram) -> Operation | None:
    if "n" not in S.nodes or "f" in S.edges:
        return None
    return Operation(edges={"f": Create({"source": "n", "target": "n"})})


def _nest(S: Diagram) -> Operation | None:
    """Closes a cycle together with what is there; the server opens it again."""
    if "n" not in S.nodes or "m" not in S.nodes:
        return None
    return Operation(nodes={"n": Update({"/parentId": Set("m")})})


EDITS: dict[str, Edit] = {
    "delete": _delete,
    "type": _type,
    "set": _set,
    "write": _write,
    "create": _create,
    "connect": _connect,
    "nest": _nest,
}


def make_setting(*edits: tuple[str, ...], policy: Policy = "later_wins", **rest: int) -> Setting:
    """``edits`` by name for each client; ``rest``: drops, failures, restarts, snapshot_interval."""
    who = " | ".join(", ".join(names) for names in edits)
    what = ", ".join(f"{value} {name}" for name, value in rest.items())
    return Setting(
        name=f"{who}: {what}" + (f", {policy}" if policy != "later_wins" else ""),
        start=START,
        edits=tuple(tuple(EDITS[name] for name in names) for names in edits),
        policy=policy,
        **rest,  # type: ignore[arg-type]
    )


SHORT = (
    make_setting(("delete",), ("type",), drops=1, failures=1, restarts=1),
    make_setting(("set",), ("type", "write"), drops=1, failures=1, policy="humans_first"),
    make_setting(("nest",), ("delete",), drops=1, restarts=1, snapshot_interval=1),
    make_setting(("delete",), ("type",), ("connect",), failures=1),
)

LONG = (
    *(
        make_setting((x,), (y,), drops=1, failures=1, restarts=1)
        for x, y in combinations_with_replacement(EDITS, 2)
    ),
    make_setting(("nest",), ("set",), drops=2, failures=1, restarts=1, snapshot_interval=1),
    make_setting(("delete",), ("type",), drops=2, failures=2, policy="agents_first"),
    make_setting(("set", "create"), ("write", "delete"), drops=1, failures=1, restarts=1),
    make_setting(("type", "type"), ("type", "delete"), drops=1, failures=1, restarts=1),
    make_setting(("set", "nest"), ("nest", "set"), drops=1, failures=1, policy="humans_first"),
    make_setting(("delete",), ("type",), ("connect",), drops=1, failures=1),
    make_setting(("create",), ("create",), ("create",), failures=1, restarts=1),
    make_setting(("set",), ("type",), ("delete",), drops=1, failures=1, policy="agents_first"),
    make_setting(("type", "set"), ("type",), ("nest",), failures=1, restarts=1),
)
