"""Bugs in apply, compose, invert, diff and paths."""

from property_tests.mutants.mutant import Mutant


def _bug(file: str, name: str, breaks: str, old: str, new: str) -> Mutant:
    return Mutant(name=name, file=f"ot/{file}.py", old=old, new=new, breaks=breaks)


_APPLY = (
    _bug(
        "apply",
        "an edge needs only one of its ends",
        "apply, whole results",
        "if not all(map(exists, edge_references(edge))):",
        "if not any(map(exists, edge_references(edge))):",
    ),
    _bug(
        "apply",
        "a node may be deleted while one thing points at it",
        "apply, whole results",
        "if counts[identifier] + delta[identifier] > 0:",
        "if counts[identifier] + delta[identifier] > 1:",
    ),
    _bug(
        "apply",
        "references that go are not counted down",
        "apply in place, reference counts",
        "        if change:\n            counts[identifier] += change",
        "        if change > 0:\n            counts[identifier] += change",
    ),
    _bug(
        "apply",
        "children are not counted as pointing at their parent",
        "apply in place, reference counts",
        "    _count(delta, S.nodes, nodes, node_references)\n",
        "",
    ),
    _bug(
        "apply",
        "the diagram's fields change before the rest is checked",
        "apply, all or nothing",
        "    _check_references(S, nodes, edges)\n    _track",
        "    if properties is not None:\n        _store_properties(S, properties)\n"
        "    _check_references(S, nodes, edges)\n    _track",
    ),
    _bug(
        "apply",
        "nodes are stored before references are checked",
        "apply, all or nothing",
        "    _check_references(S, nodes, edges)\n    _track_references(S, nodes, edges)\n"
        "    _store(S.nodes, nodes)\n",
        "    _track_references(S, nodes, edges)\n    _store(S.nodes, nodes)\n"
        "    _check_references(S, nodes, edges)\n",
    ),
    _bug(
        "apply",
        "one path may contain another",
        "update, no path contains another",
        "    if len(writes) > 1:\n        check_prefix_free(writes)\n",
        "",
    ),
    _bug(
        "apply",
        "maps inside an element are changed in place",
        "apply leaves S as it is",
        "        inner = dict(inner)\n        at[key] = inner\n",
        "",
    ),
    _bug(
        "apply",
        "a reference may be edited as text",
        "text, no references",
        "if not isinstance(was, str) or path in REFERENCES:",
        "if not isinstance(was, str):",
    ),
    _bug(
        "apply",
        "the diagram takes a fifth property",
        "apply, the diagram's own fields",
        'if properties.keys() != {"title", "description", "kind", "data"}:',
        'if not properties.keys() >= {"title", "description", "kind", "data"}:',
    ),
    _bug(
        "apply",
        "the log form forgets what a set replaced",
        "log form",
        "return Set(write.value, was=was)",
        "return Set(write.value)",
    ),
    _bug(
        "apply",
        "the log form forgets what an unset removed",
        "log form",
        "return Unset(was=was)",
        "return Unset()",
    ),
    _bug(
        "apply",
        "the log form names what a replacement puts there, not what was",
        "log form",
        "Replace(change.element, was=old)\n\n\ndef write_element",
        "Replace(change.element, was=change.element)\n\n\ndef write_element",
    ),
    _bug(
        "pointer",
        "a slash in a key is not escaped",
        "paths",
        "key.replace('~', '~0').replace('/', '~1')",
        "key.replace('~', '~0')",
    ),
    _bug(
        "pointer",
        "escapes are undone in the wrong order",
        "paths",
        'return key.replace("~1", "/").replace("~0", "~")',
        'return key.replace("~0", "~").replace("~1", "/")',
    ),
)

_COMPOSE = (
    _bug(
        "compose",
        "created and deleted is a deletion",
        "create;delete",
        "case Create(), Delete():\n            return None",
        "case Create(), Delete():\n            return Delete()",
    ),
    _bug(
        "compose",
        "deleted and created is a create",
        "delete;create",
        "case Delete(), Create():\n            return Replace(b.element)",
        "case Delete(), Create():\n            return Create(b.element)",
    ),
    _bug(
        "compose",
        "an update of what was replaced is dropped",
        "replace;update",
        "return Replace(write_element(a.element, b.writes)[0])",
        "return Replace(a.element)",
    ),
    _bug(
        "compose",
        "an update followed by a deletion cancels out",
        "update;delete",
        "case Update() | Replace(), Delete():\n            return Delete()",
        "case Update() | Replace(), Delete():\n            return None",
    ),
    _bug(
        "compose",
        "a deeper write does not go into the value set above it",
        "update;update, folding",
        "above = _path_above(path, out)",
        "above = None",
    ),
    _bug(
        "compose",
        "a write does not swallow the earlier ones below it",
        "update;update, swallowing",
        "            del out[below]\n",
        "            out[below] = out[below]\n",
    ),
    _bug(
        "compose",
        "text typed into a value that was just set is dropped",
        "set;text",
        "return Set(apply_text(a.value, b.edit))",
        "return Set(a.value)",
    ),
    _bug(
        "compose",
        "set and removed again is nothing",
        "set;unset",
        "case Set() | Unset() | Text(), Unset():\n            return Unset()",
        "case Set() | Unset() | Text(), Unset():\n            return None",
    ),
    _bug(
        "compose",
        "composing: an update of which nothing is left stays",
        "text;text, normal form",
        "return Update(writes) if writes else None",
        "return Update(writes)",
    ),
    _bug(
        "compose",
        "changes of the diagram itself: the last one counts",
        "update;update of the diagram",
        "    change = compose_change(a, b)\n    assert",
        "    change = b\n    assert",
    ),
)

_INVERT = (
    _bug(
        "invert",
        "a set is taken back without what was there",
        "invert, set",
        "Unset(was=write.value) if was is UNSET else Set(was, was=write.value)",
        "Unset(was=write.value)",
    ),
    _bug(
        "invert",
        "the inverse does not say what it replaces",
        "invert, log form",
        "Unset(was=write.value) if was is UNSET else Set(was, was=write.value)",
        "Unset(was=write.value) if was is UNSET else Set(was)",
    ),
    _bug(
        "invert",
        "removing what was not there is taken back by a null",
        "invert, unset",
        "return None if was is UNSET else Set(was)",
        "return Set(None if was is UNSET else was)",
    ),
    _bug(
        "invert",
        "a deletion without its element is taken for an empty one",
        "invert, not_invertible",
        '                raise _lost("a deletion")\n            return Create(change.was)',
        "                return Create({})\n            return Create(change.was)",
    ),
)

_DIFF = (
    _bug(
        "diagram",
        "true is 1",
        "equality",
        "    if isinstance(x, bool) or isinstance(y, bool):\n        return x is y\n",
        "",
    ),
    _bug(
        "diff",
        "keys that are gone are not unset",
        "diff, unset",
        "            out[join(at, key)] = Unset()",
        "            continue",
    ),
    _bug(
        "diff",
        "elements that are gone are not deleted",
        "diff, delete",
        "{identifier: Delete() for identifier in before if identifier not in after}",
        "{}",
    ),
    _bug(
        "diff",
        "what is equal is written again",
        "diff, only what differs",
        "        elif not json_equal(before[key], value):\n",
        "        else:\n",
    ),
    _bug(
        "diff",
        "a reference is written as a text edit",
        "diff, references whole",
        "if path in WHOLE_PATHS or len(text) < MIN_TEXT_LENGTH:",
        "if len(text) < MIN_TEXT_LENGTH:",
    ),
)

_FORMS = (
    _bug(
        "wire",
        "what a set replaced stays in the wire form",
        "wire form",
        "return write if write.was is UNSET else Set(write.value)",
        "return write",
    ),
    _bug(
        "wire",
        "the text that an edit deletes stays in the wire form",
        "wire form",
        "            return Text(_wire_text(write.edit))",
        "            return write",
    ),
    _bug(
        "validate",
        "what one browser is doing may become part of the document",
        "reserved keys",
        "    if key in RESERVED_ELEMENT_KEYS:\n        raise",
        "    if key == 'id':\n        raise",
    ),
    _bug(
        "validate",
        "keys may be of any length",
        "bounds",
        "            _check_string(key, at + path, MAX_KEY_LENGTH)\n",
        "            pass\n",
    ),
)

MUTANTS = (*_APPLY, *_COMPOSE, *_INVERT, *_DIFF, *_FORMS)
