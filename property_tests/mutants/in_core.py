"""Bugs in the core of an actor: recognising, merging, committing, rolling back, telling."""

from property_tests.mutants.mutant import Mutant


def _bug(file: str, name: str, breaks: str, old: str, new: str) -> Mutant:
    return Mutant(name=name, file=f"actors/{file}.py", old=old, new=new, breaks=breaks)


_RESENDS = (
    _bug(
        "core",
        "resends are not recognised",
        "a resend is answered, not applied",
        "if last is None or command.sequence > last.sequence:",
        "if True:",
    ),
    _bug(
        "core",
        "resends are recognised and not answered",
        "a resend is answered, not applied",
        "        self._deliver([command.receiver], event)\n        return True",
        "        return True",
    ),
    _bug(
        "dedup",
        "clients of two authors are taken for one",
        "the author is part of the key",
        "return (author.kind, author.id, client_id)",
        'return ("", "", client_id)',
    ),
    _bug(
        "dedup",
        "what the journal said long ago replaces what is known",
        "a resend is answered, not applied",
        "        if key in self._last:\n            self._last.move_to_end(key)\n"
        "        elif last is not UNSET:\n",
        "        if last is not UNSET:\n",
    ),
    _bug(
        "core",
        "a number that was passed over counts as done",
        "a resend is answered, not applied",
        "        if revision is None:\n",
        "        if revision is None and not same and last.revision < 0:\n",
    ),
    _bug(
        "core",
        "what was rolled back counts as submitted",
        "rolled back whole",
        "            self.submissions.forget(staged.entry, staged.previous_submission)\n"
        "        self.revision",
        "        self.revision",
    ),
    _bug(
        "core",
        "a resend over a new connection is answered on the old one",
        "answered where it was sent last",
        "            under_way.receivers.append(command.receiver)\n",
        "            pass\n",
    ),
    _bug(
        "dedup",
        "nobody asked counts as nothing known",
        "the journal is asked about unknown clients",
        "        elif last is not UNSET:\n            self._last[key] = last",
        "        else:\n            self._last[key] = None if last is UNSET else last",
    ),
    _bug(
        "core",
        "a client is told that its edit is durable before it is",
        "nobody hears of what could be lost",
        "                last = staged.previous_submission\n                break\n",
        "                break\n",
    ),
)

_MERGING = (
    _bug(
        "core",
        "edits are merged from one revision too late",
        "the base revision",
        "            raise OperationError("
        '"overloaded", "Too many edits at once; send it again shortly.")\n'
        "        return base",
        "            raise OperationError("
        '"overloaded", "Too many edits at once; send it again shortly.")\n'
        "        return min(base + 1, self.revision)",
    ),
    _bug(
        "core",
        "edits are merged only over what is durable",
        "transformed over everything applied since",
        "                concurrent = self._concurrent(command, base)\n",
        "                after = self.durable_revision - base\n"
        "                concurrent = iter(list(self._concurrent(command, base))[:after])\n",
    ),
    _bug(
        "core",
        "edits are not merged at all",
        "transformed over everything applied since",
        "            if self.history.may_meet(wire, base):\n",
        "            if False:\n",
    ),
    _bug(
        "merging",
        "the policy is asked the wrong way round",
        "the policy",
        "wins = later_wins_over(policy, command.author.kind, author.kind)",
        "wins = later_wins_over(policy, author.kind, command.author.kind)",
    ),
    _bug(
        "merging",
        "agents are merged as if they were people",
        "the policy",
        "wins = later_wins_over(policy, command.author.kind, author.kind)",
        'wins = later_wins_over(policy, "user", author.kind)',
    ),
    _bug(
        "merging",
        "the wrong author is told to have lost",
        "conflicts name both authors",
        'mine_lost = lost.loser == "a"',
        'mine_lost = lost.loser == "b"',
    ),
    _bug(
        "core",
        "parent cycles are left as they are",
        "no node is its own ancestor",
        "        self._repair_cycles(wire)\n",
        "",
    ),
    _bug(
        "cycles",
        "only a node that is its own parent counts as a cycle",
        "no node is its own ancestor",
        "            return True\n        at = parent\n",
        "            return at == start\n        at = parent\n",
    ),
)

_HISTORY = (
    _bug(
        "core",
        "history is trimmed before it is durable",
        "what is not durable stays in memory",
        "        self.history.trim(self.durable_revision)\n        self.submissions",
        "        self.history.trim(self.revision)\n        self.submissions",
    ),
    _bug(
        "history",
        "history forgets without moving its floor",
        "base revisions below the floor are read from the journal",
        "            self.floor += 1\n",
        "            self.floor += 0\n",
    ),
    _bug(
        "history",
        "history gives one operation too few",
        "transformed over everything applied since",
        "missing = (self.head if up_to is None else up_to) - revision",
        "missing = (self.head if up_to is None else up_to) - revision - 1",
    ),
    _bug(
        "history",
        "bases older than history count as if nothing had happened",
        "base revisions below the floor are read from the journal",
        "return since < self._footprints_since or self._footprints.may_meet(a, since)",
        "return self._footprints.may_meet(a, since)",
    ),
    _bug(
        "history",
        "footprints that were thrown away count as if nothing had happened",
        "who cannot meet passes by",
        "            self._footprints_since = operation.entry.revision\n",
        "",
    ),
    _bug(
        "dedup",
        "submissions that are not durable are forgotten",
        "a client with an edit on its way is remembered",
        "            if last is None or last.revision <= durable_revision:",
        "            if True:",
    ),
)

_COMMITS = (
    _bug(
        "core",
        "edits are broadcast before they are durable",
        "nobody hears of what could be lost",
        "        self.staged.append(Staged(operation, receivers, conflicts, previous))\n",
        "        self.staged.append(Staged(operation, receivers, conflicts, previous))\n"
        "        self._deliver(\n"
        "            list(self.subscriptions),\n"
        "            Updated(diagram_id=self.diagram_id, operations=[operation]),\n"
        "        )\n",
    ),
    _bug(
        "core",
        "a second batch is committed over the one in flight",
        "one batch in flight",
        "if self.staged and not self.in_flight:",
        "if self.staged:",
    ),
    _bug(
        "core",
        "a batch forgets the edit that waits behind it",
        "one batch in flight",
        "            del self.staged[:end]\n",
        "            del self.staged[: end + 1]\n",
    ),
    _bug(
        "core",
        "only subscribers hear that their edit is durable",
        "every submission is answered",
        "            self._answer(staged)\n        self.in_flight = []",
        "            continue\n        self.in_flight = []",
    ),
    _bug(
        "core",
        "a rollback leaves the diagram as it is",
        "rolled back whole",
        "            apply_in_place(self.diagram, invert(staged.entry.operation))\n"
        "            self.history.pop()\n",
        "            self.history.pop()\n",
    ),
    _bug(
        "core",
        "a rollback starts with the oldest edit",
        "rolled back whole",
        "        for staged in reversed(uncommitted):\n",
        "        for staged in uncommitted:\n",
    ),
    _bug(
        "core",
        "a rollback leaves what it took back in history",
        "rolled back whole",
        "            self.history.pop()\n",
        "",
    ),
    _bug(
        "core",
        "a rollback does not tell those who wait",
        "every submission is answered",
        "            self._refuse(self._roll_back())\n",
        "            self._roll_back()\n",
    ),
    _bug(
        "core",
        "a batch of unknown outcome is rolled back and the rest goes on",
        "reload where another writer was",
        "            self._effects.append(Reload())\n",
        "            self._roll_back()\n",
    ),
)

_TELLING = (
    _bug(
        "core",
        "a snapshot holds what is not durable",
        "snapshots are durable",
        "SaveSnapshot(self.durable_revision, self.durable_diagram())",
        "SaveSnapshot(self.durable_revision, self.diagram.copy())",
    ),
    _bug(
        "core",
        "a snapshot names the revision that is not durable yet",
        "snapshots are durable",
        "SaveSnapshot(self.durable_revision, self.durable_diagram())",
        "SaveSnapshot(self.revision, self.durable_diagram())",
    ),
    _bug(
        "core",
        "a reader is shown what is not durable",
        "nobody hears of what could be lost",
        "            diagram=self.durable_diagram(),\n",
        "            diagram=self.diagram.copy(),\n",
    ),
    _bug(
        "core",
        "a newcomer starts from what is not durable",
        "nobody hears of what could be lost",
        "            self._shared_snapshot = self.durable_diagram()\n",
        "            self._shared_snapshot = self.diagram.copy()\n",
    ),
    _bug(
        "core",
        "a newcomer catches up with what is not durable",
        "nobody hears of what could be lost",
        "operations_since(self.history, since, self.durable_revision, command.older)",
        "operations_since(self.history, since, self.revision, command.older)",
    ),
    _bug(
        "catch_up",
        "what was read from the journal is left out",
        "operations come without gaps",
        "    return [*remembered, *history.since(history.floor, up_to)]",
        "    return history.since(history.floor, up_to)",
    ),
    _bug(
        "catch_up",
        "edits are merged only over what memory still has",
        "transformed over everything applied since",
        "        yield entry.author, entry.operation\n",
        "        continue\n",
    ),
    _bug(
        "core",
        "newcomers start from the snapshot of an earlier commit",
        "convergence",
        "        self._shared_snapshot = None\n",
        "        pass\n",
    ),
    _bug(
        "catch_up",
        "a journal that does not reach back far enough will do",
        "operations come without gaps",
        "    if len(read) != history.floor - since:\n        return None\n",
        "",
    ),
    _bug(
        "core",
        "a restored diagram forgets the operations after its snapshot",
        "the journal is the diagram",
        "            apply_in_place(self.diagram, entry.operation)\n        except",
        "            pass\n        except",
    ),
    _bug(
        "core",
        "presence outlives its session",
        "presence is never stored",
        "presence = self.presence.pop(receiver, None)",
        "presence = self.presence.get(receiver)",
    ),
    _bug(
        "core",
        "presence of strangers is shown",
        "presence is of subscribers",
        "        if subscription is None:\n            return\n        event = Presence(",
        "        if subscription is None:\n"
        "            subscription = next(iter(self.subscriptions.values()))\n"
        "        event = Presence(",
    ),
    _bug(
        "core",
        "those whose edits met are not told",
        "conflicts are told",
        "            if conflicts:\n                event = ConflictsDetected",
        "            if not staged.conflicts:\n                event = ConflictsDetected",
    ),
    _bug(
        "staging",
        "everybody is told of everybody's conflicts",
        "conflicts are told to those concerned",
        "if _is(conflict.kept_author, author) or _is(conflict.dropped_author, author)",
        "if author is not None",
    ),
    _bug(
        "core",
        "what a crash took with it is refused though it is durable",
        "a crash answers by what became of it",
        "durable = self.in_flight if outcome is CommitOutcome.COMMITTED else []",
        "durable = self.in_flight[:0]",
    ),
    _bug(
        "core",
        "what cannot be stored is to be sent again",
        "an edit that cannot be stored is refused for good",
        'self._tell_refused(suspects[0], "not_storable", message, False)',
        'self._tell_refused(suspects[0], "not_storable", message, True)',
    ),
    _bug(
        "core",
        "a repair is cut off from what it repairs",
        "no node is its own ancestor",
        "        while end < len(self.staged) and self.staged[end].entry.author is SYSTEM:\n"
        "            end += 1\n",
        "",
    ),
)

MUTANTS = (*_RESENDS, *_MERGING, *_HISTORY, *_COMMITS, *_TELLING)
