"""Bugs in what says who meets whom, who wins and what is lost."""

from property_tests.mutants.mutant import Mutant


def _bug(file: str, name: str, breaks: str, old: str, new: str) -> Mutant:
    return Mutant(name=name, file=f"ot/{file}.py", old=old, new=new, breaks=breaks)


_FOOTPRINT = (
    _bug(
        "footprint",
        "parents do not count as pointed at",
        "footprints, references",
        "    if a.nodes:\n        yield from _referred(a.nodes, _PARENT)\n",
        "",
    ),
    _bug(
        "footprint",
        "what points at a node deleted since is let pass",
        "footprints, deletions",
        "if any(self._deleted.get(node, 0) > since for node in referred_nodes(a)):",
        "if False:",
    ),
    _bug(
        "footprint",
        "a deletion of what was pointed at since is let pass",
        "footprints, deletions",
        "return any(self._referred.get(node, 0) > since for node in deleted_nodes(a))",
        "return False",
    ),
    _bug(
        "footprint",
        "changes of the diagram itself are not noted",
        "footprints, the diagram",
        "            self._properties = revision",
        "            self._properties = 0",
    ),
    _bug(
        "footprint",
        "the newest revision is not looked at",
        "footprints, revisions",
        "if nodes.get(identifier, 0) > since:",
        "if nodes.get(identifier, 0) > since + 1:",
    ),
    _bug(
        "footprint",
        "edges that are written are not noted",
        "footprints, edges",
        "            self._edges[identifier] = revision",
        "            self._edges[identifier] = 0",
    ),
)

_POLICY = (
    _bug(
        "policy",
        "agents_first favours people",
        "policy",
        '"agents_first": "agent"',
        '"agents_first": "user"',
    ),
    _bug(
        "policy",
        "of two that are favoured alike the earlier one wins",
        "policy, ties",
        "or later == favoured or earlier != favoured",
        "or later == favoured",
    ),
    _bug(
        "policy",
        "the favourite wins only if it comes later",
        "policy",
        "or later == favoured or earlier != favoured",
        "or earlier == favoured or later == favoured",
    ),
)

_LOSSES = (
    _bug(
        "conflicts",
        "edges lost to a deletion are not told",
        "losses, closure 1",
        "        out += _lost_edges(a.edges, b.edges, a_wins, gone)\n",
        "",
    ),
    _bug(
        "conflicts",
        "parents lost to a deletion are not told",
        "losses, closure 2",
        "        out += _lost_parents(a.nodes, b.nodes, a_wins, gone)\n",
        "",
    ),
    _bug(
        "conflicts",
        "edits of what the other side deletes are not told",
        "losses, update/delete",
        '            yield _deleted(target, identifier, a, "a")',
        "            return",
    ),
    _bug(
        "conflicts",
        "writes below another's are not told",
        "losses, the ancestor rule",
        '            yield from _written_over((target, identifier, path), a, b, "a")',
        "            continue",
    ),
    _bug(
        "conflicts",
        "the value dropped is shown as the one kept",
        "losses, set/set",
        "(_value(a), _value(b)) if a_stays else (_value(b), _value(a))",
        "(_value(b), _value(a)) if a_stays else (_value(a), _value(b))",
    ),
    _bug(
        "conflicts",
        "text lost to a value is not told",
        "losses, text/set",
        "    if isinstance(a, Text) and isinstance(b, Text):\n        return None",
        "    if isinstance(a, Text) or isinstance(b, Text):\n        return None",
    ),
    _bug(
        "conflicts",
        "what is equal is told as lost",
        "losses, nothing else",
        "    if not json_equal(a.element, b.element):",
        "    if True:",
    ),
)

MUTANTS = (*_FOOTPRINT, *_POLICY, *_LOSSES)
