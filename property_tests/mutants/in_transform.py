"""Bugs in ``ot/transform.py``: each cell of the table, paths, closure."""

from property_tests.mutants.mutant import Mutant


def _bug(name: str, breaks: str, old: str, new: str) -> Mutant:
    return Mutant(name=name, file="ot/transform.py", old=old, new=new, breaks=breaks)


_CHANGES = (
    _bug(
        "a deletion yields to an edit",
        "delete/update, delete/replace",
        "case Delete(), Update() | Replace():\n            return a",
        "case Delete(), Update() | Replace():\n            return None",
    ),
    _bug(
        "an edit outlives the deletion",
        "update/delete, replace/delete",
        "case Update() | Replace(), Delete():\n            return None",
        "case Update() | Replace(), Delete():\n            return a",
    ),
    _bug(
        "both delete, and the second deletes again",
        "delete/delete",
        "case Delete(), Delete():\n            return None",
        "case Delete(), Delete():\n            return a",
    ),
    _bug(
        "two creates of one id stay creates",
        "create/create",
        "return Replace(a.element) if a_wins else None",
        "return a if a_wins else None",
    ),
    _bug(
        "the loser's create wins",
        "create/create, the tie",
        "return Replace(a.element) if a_wins else None",
        "return None if a_wins else Replace(a.element)",
    ),
    _bug(
        "the loser's replacement wins",
        "replace/replace, the tie",
        "case Replace(), Replace():\n            return a if a_wins else None",
        "case Replace(), Replace():\n            return None if a_wins else a",
    ),
    _bug(
        "a replacement yields to an update",
        "replace/update",
        "case Replace(), Update():\n            return a",
        "case Replace(), Update():\n            return None",
    ),
    _bug(
        "an update writes into the replacement",
        "update/replace",
        "case Update(), Replace():\n            return None",
        "case Update(), Replace():\n            return a",
    ),
    _bug(
        "an update of which nothing is left stays",
        "update/update, normal form",
        "return Update(writes) if writes else None",
        "return Update(writes)",
    ),
    _bug(
        "changes of the diagram itself pass through each other",
        "the diagram's own fields",
        "    change = transform_change(a, b, a_wins)\n    assert change",
        "    change = a\n    assert change",
    ),
)

_WRITES = (
    _bug(
        "a write below another's is kept",
        "path by path, the ancestor rule",
        "if written_above(path, b):",
        "if False:",
    ),
    _bug(
        "only the path right above counts as above",
        "path by path, the ancestor rule",
        '            return True\n        cut = path.rfind("/", 0, cut)',
        "            return True\n        cut = 0",
    ),
    _bug(
        "what begins with the same letters counts as above",
        "path by path, steps and not letters",
        '    cut = path.rfind("/")\n    while cut > 0:\n        if path[:cut] in writes:',
        '    cut = path.rfind("/")\n    while cut > 0:\n'
        "        if any(path != each and path.startswith(each) for each in writes):",
    ),
    _bug(
        "the loser's value wins",
        "set/set, set/unset, the tie",
        "case Set() | Unset(), Set() | Unset():\n            return a if a_wins else None",
        "case Set() | Unset(), Set() | Unset():\n            return None if a_wins else a",
    ),
    _bug(
        "the tie of two values is broken the same way on both sides",
        "set/set, set/unset, the tie",
        "case Set() | Unset(), Set() | Unset():\n            return a if a_wins else None",
        "case Set() | Unset(), Set() | Unset():\n            return a",
    ),
    _bug(
        "a text edit goes into a value that was set",
        "text/set, text/unset",
        "case Text(), Set() | Unset():\n            return None",
        "case Text(), Set() | Unset():\n            return a",
    ),
    _bug(
        "a set value yields to a text edit",
        "set/text, unset/text",
        "case Set() | Unset(), Text():\n            return a",
        "case Set() | Unset(), Text():\n            return None",
    ),
    _bug(
        "two text edits: the loser's letters come first",
        "text/text, the tie",
        "transform_text(a.edit, b.edit, a_wins)",
        "transform_text(a.edit, b.edit, not a_wins)",
    ),
    _bug(
        "two text edits: both think that theirs come first",
        "text/text, the tie",
        "transform_text(a.edit, b.edit, a_wins)",
        "transform_text(a.edit, b.edit, True)",
    ),
    _bug(
        "two text edits: the winner's replaces the loser's",
        "text/text",
        "edit = transform_text(a.edit, b.edit, a_wins)",
        "edit = transform_text(a.edit, b.edit, a_wins) if a_wins else []",
    ),
)

_CLOSURE = (
    _bug(
        "edges are not closed over",
        "closure 1",
        "        _close_edges(edges, a.edges, b.edges, a_wins, gone)\n",
        "",
    ),
    _bug(
        "parents are not closed over",
        "closure 2",
        "        _close_parents(nodes, a.nodes, b.nodes, a_wins, gone)\n",
        "",
    ),
    _bug(
        "closure sees only what the other side deletes",
        "closure, either side",
        "gone = {*deleted_nodes(a), *deleted_nodes(b)}",
        "gone = {*deleted_nodes(b)}",
    ),
    _bug(
        "closure sees only what the own side deletes",
        "closure, either side",
        "gone = {*deleted_nodes(a), *deleted_nodes(b)}",
        "gone = {*deleted_nodes(a)}",
    ),
    _bug(
        "closure sees only what the own side writes",
        "closure, either side",
        "for identifier in (*a, *(other for other in b if other not in a))",
        "for identifier in a",
    ),
    _bug(
        "closure looks at an edge's source alone",
        "closure 1, both ends",
        "            for path in EDGE_REFERENCES\n",
        "            for path in EDGE_REFERENCES[:1]\n",
    ),
    _bug(
        "a doomed edge that only the own side updates is forgotten, not deleted",
        "closure 1, if it exists after b",
        "exists_after_b = identifier in b or not isinstance(a[identifier], Create)",
        "exists_after_b = identifier in b",
    ),
    _bug(
        "a doomed edge that both create is forgotten, not deleted",
        "closure 1, if it exists after b",
        "exists_after_b = identifier in b or not isinstance(a[identifier], Create)",
        "exists_after_b = not isinstance(a.get(identifier), Create)",
    ),
    _bug(
        "the end that counts is always the own one",
        "closure, the merged end",
        "write = a_write if a_write is not None and (b_write is None or a_wins) else b_write",
        "write = a_write if a_write is not None else b_write",
    ),
    _bug(
        "the replacement that counts is always the own one",
        "closure, the merged end",
        "if a_whole is not None and (b_whole is None or a_wins):",
        "if a_whole is not None:",
    ),
    _bug(
        "a created child keeps its deleted parent",
        "closure 2, created elements",
        "            return Create(_rootless(change.element))",
        "            return change",
    ),
    _bug(
        "an update that loses its parent loses its other writes",
        "closure 2",
        "return Update({**change.writes, PARENT_REFERENCE: Unset()})",
        "return Update({PARENT_REFERENCE: Unset()})",
    ),
    _bug(
        "operations without a common target never meet",
        "closure; who cannot meet passes by",
        "        or any(deleted_nodes(a))\n        or any(deleted_nodes(b))\n",
        "",
    ),
)

MUTANTS = (*_CHANGES, *_WRITES, *_CLOSURE)
