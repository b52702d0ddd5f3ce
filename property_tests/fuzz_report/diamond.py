"""The diamond as text: S on top, the two roads, and where each of them ends."""

from property_tests.fuzz_report.values import difference_lines, shown
from property_tests.simulation import Diamond

#: Characters of a value inside the drawing; longer ones stand below it only.
_INSIDE = 26


def legend(diamond: Diamond) -> list[tuple[str, str]]:
    """Every letter of the drawing and its value."""
    winner = "a" if diamond.a_wins else "b"
    return [
        ("S", shown(diamond.state)),
        ("a", shown(diamond.a)),
        ("b", shown(diamond.b)),
        ("a'", f"{shown(diamond.a_transformed)}   (a after b; {winner} wins ties)"),
        ("b'", f"{shown(diamond.b_transformed)}   (b after a)"),
        ("left", f"{shown(diamond.left)}   (S, a, b')"),
        ("right", f"{shown(diamond.right)}   (S, b, a')"),
    ]


def difference(diamond: Diamond) -> list[str]:
    return difference_lines(diamond.left, diamond.right, ("left", "right"))


def drawn(diamond: Diamond) -> list[str]:
    """The drawing and, below it, its letters and what differs."""
    top, a, b = (
        _label(name, value)
        for name, value in (("S", diamond.state), ("a", diamond.a), ("b", diamond.b))
    )
    a1, b1 = _label("a'", diamond.a_transformed), _label("b'", diamond.b_transformed)
    left, right = _label("left", diamond.left), _label("right", diamond.right)
    width = max(len(each) for each in (a, b1)) + 2
    centre = " " * (width + 8 - len(top) // 2)
    return [
        centre + top,
        f"{'':>{width}}       / \\",
        f"{a:>{width}}     /   \\     {b}",
        f"{'':>{width}}     /     \\",
        f"{'':>{width}}    •       •",
        f"{'':>{width}}     \\     /",
        f"{b1:>{width}}     \\   /     {a1}",
        f"{'':>{width}}       x x",
        f"{left:>{width + 7}}  ≠  {right}",
        "",
        *(f"{name:>5} = {value}" for name, value in legend(diamond)),
        *(f" diff   {line}" for line in difference(diamond)),
    ]


def _label(name: str, value: object) -> str:
    text = shown(value)
    return f"{name} = {text}" if len(text) <= _INSIDE else name
