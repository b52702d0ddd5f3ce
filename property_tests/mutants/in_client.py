"""Bugs in the client's state machine, ``ot/client.py``."""

from property_tests.mutants.mutant import Mutant


def _bug(name: str, breaks: str, old: str, new: str) -> Mutant:
    return Mutant(name=name, file="ot/client.py", old=old, new=new, breaks=breaks)


MUTANTS = (
    _bug(
        "a new edit replaces the buffer",
        "awaiting with a buffer",
        "self.buffer = a if self.buffer is None else compose(self.buffer, a)",
        "self.buffer = a",
    ),
    _bug(
        "an edit is sent while another is on the way",
        "one operation on the way",
        "        if self.sent is None:\n            return self._send(a)\n        self.buffer",
        "        if self.buffer is None:\n            return self._send(a)\n        self.buffer",
    ),
    _bug(
        "what is acknowledged does not enter the confirmed state",
        "acknowledge",
        "        apply_in_place(self.confirmed, self.sent)\n        self.revision += 1\n",
        "        self.revision += 1\n",
    ),
    _bug(
        "the buffer is not sent after the acknowledgement",
        "acknowledge",
        "        self.revision += 1\n        self.sent = None\n        return self._send_buffer()",
        "        self.revision += 1\n        self.sent = None\n        return None",
    ),
    _bug(
        "any acknowledgement is taken for the awaited one",
        "acknowledge, violations",
        "        if self.sent is None or sequence != self.sequence:\n"
        '            raise ProtocolViolation(f"Acknowledged',
        '        if self.sent is None:\n            raise ProtocolViolation(f"Acknowledged',
    ),
    _bug(
        "what is refused stays on the screen",
        "reject, rolled back",
        "        apply_in_place(self.diagram, undo)\n        self.sent = None\n",
        "        self.sent = None\n",
    ),
    _bug(
        "the buffer keeps what stood on the refused operation",
        "reject, the buffer",
        "            self.buffer, undo = _cross(self.buffer, undo, a_wins=False)",
        "            undo = _cross(self.buffer, undo, a_wins=False)[1]",
    ),
    _bug(
        "the buffer meets the other's edit as if nothing was sent",
        "receive, the diamond",
        "            self.sent, b = (\n                transform(self.sent, b, mine_wins),\n",
        "            self.sent, _ = (\n                transform(self.sent, b, mine_wins),\n",
    ),
    _bug(
        "the sent operation is not transformed",
        "receive, the diamond",
        "                transform(self.sent, b, mine_wins),\n",
        "                self.sent,\n",
    ),
    _bug(
        "the buffer is not transformed",
        "receive, the diamond",
        "                transform(self.buffer, b, mine_wins),\n",
        "                self.buffer,\n",
    ),
    _bug(
        "the client decides who wins the other way round",
        "receive, the policy",
        "mine_wins = later_wins_over(self.policy, self.kind, author_kind)",
        "mine_wins = not later_wins_over(self.policy, self.kind, author_kind)",
    ),
    _bug(
        "the client forgets its own kind in the policy",
        "receive, the policy",
        "mine_wins = later_wins_over(self.policy, self.kind, author_kind)",
        'mine_wins = later_wins_over(self.policy, "user", author_kind)',
    ),
    _bug(
        "what is submitted names the revision before",
        "submission, the base revision",
        "        return Submission(self.revision, self.sequence, a)",
        "        return Submission(max(0, self.revision - 1), self.sequence, a)",
    ),
    _bug(
        "what is submitted anew has a new number",
        "resend",
        "        return Submission(self.revision, self.sequence, self.sent)",
        "        self.sequence += 1\n"
        "        return Submission(self.revision, self.sequence, self.sent)",
    ),
    _bug(
        "starting over keeps only the last unsent edit",
        "reset",
        "            pending = compose(pending, operation)",
        "            pending = operation",
    ),
    _bug(
        "starting over keeps the old buffer",
        "reset",
        "self.revision, self.sent, self.buffer = revision, None, None",
        "self.revision, self.sent = revision, None",
    ),
)
