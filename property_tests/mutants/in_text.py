"""Bugs in ``ot/text.py``: counting, transforming, composing, inverting, comparing."""

from property_tests.mutants.mutant import Mutant


def _bug(name: str, breaks: str, old: str, new: str) -> Mutant:
    return Mutant(name=name, file="ot/text.py", old=old, new=new, breaks=breaks)


MUTANTS = (
    _bug(
        "letters are counted in UTF-16 units",
        "code points",
        "return component if isinstance(component, int) else len(component)",
        "return component if isinstance(component, int) "
        'else len(component.encode("utf-16-le")) // 2',
    ),
    _bug(
        "both sides put their letters first",
        "text/text, the tie",
        "if a_first and isinstance(reader.peek(), str):",
        "if isinstance(reader.peek(), str):",
    ),
    _bug(
        "the second one's letters come first",
        "text/text, the tie",
        "if a_first and isinstance(reader.peek(), str):",
        "if not a_first and isinstance(reader.peek(), str):",
    ),
    _bug(
        "letters inserted where the other side deletes are lost",
        "text/text, nothing inserted is lost",
        "if isinstance(mine, str) or not deleted:",
        "if not deleted:",
    ),
    _bug(
        "what both delete is deleted twice",
        "text/text, deletions",
        "if isinstance(mine, str) or not deleted:",
        "if isinstance(mine, str | TextDelete) or not deleted:",
    ),
    _bug(
        "the other side's letters are not skipped",
        "text/text, positions",
        "            append(out, len(theirs))\n",
        "",
    ),
    _bug(
        "an insertion takes up room in the old text",
        "text/text, positions",
        "        if not isinstance(mine, str):\n            span -= length_of(mine)",
        "        span -= length_of(mine)",
    ),
    _bug(
        "composing: a deletion takes up room in the text between",
        "text;text, positions",
        "        if not isinstance(mine, TextDelete):\n            span -= length_of(mine)",
        "        span -= length_of(mine)",
    ),
    _bug(
        "composing: what was inserted and deleted again is deleted from the old text",
        "text;text, deletions",
        "        if isinstance(mine, int):\n            append(out, head)",
        "        append(out, head)",
    ),
    _bug(
        "composing: the end of the first edit is dropped",
        "text;text",
        "            _remove(reader, then, out)\n    while reader.peek() is not None:\n"
        "        append(out, _taken(reader))\n    return trim(out)",
        "            _remove(reader, then, out)\n    return trim(out)",
    ),
    _bug(
        "neighbours of one kind are not merged",
        "normal form of text",
        "            edit[-1] = last + more",
        "            edit.append(more)",
    ),
    _bug(
        "an edit that only skips stays",
        "normal form of text",
        "while edit and isinstance(edit[-1], int):",
        "while len(edit) > 1 and isinstance(edit[-1], int):",
    ),
    _bug(
        "the log form does not name what a text edit deletes",
        "log form of text",
        "append(logged, TextDelete(piece))",
        "append(logged, component)",
    ),
    _bug(
        "the inverse of an insertion names a length",
        "invert, text",
        "append(out, TextDelete(component))",
        "append(out, TextDelete(len(component)))",
    ),
    _bug(
        "equal beginnings and ends overlap",
        "diff, text",
        "tail = _common_prefix(before[head:][::-1], after[head:][::-1])",
        "tail = _common_prefix(before[::-1], after[::-1])",
    ),
    _bug(
        "edits may reach one letter past the end",
        "text, the edit fits",
        "    if used > length:",
        "    if used > length + 1:",
    ),
    _bug(
        "components of nothing are let through",
        "text, malformed edits",
        "if span <= 0 or isinstance(component, bool):",
        "if span < 0 or isinstance(component, bool):",
    ),
)
