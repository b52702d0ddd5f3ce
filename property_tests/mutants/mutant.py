"""One deliberate bug, as data."""

import msgspec


class NoLongerFits(Exception):
    """The text that a mutant replaces is not in its file, or is there more than once."""


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """Replaces ``old``, which stands exactly once in ``file``, by ``new``.

    ``name`` says what the bug does, ``breaks`` which rule of ``docs/algebra.md`` or of the core.
    """

    name: str
    file: str
    old: str
    new: str
    breaks: str

    def mutate(self, source: str) -> str:
        """The source with the bug in it. Raises NoLongerFits."""
        found = source.count(self.old)
        if found != 1:
            raise NoLongerFits(f"{self.file}: '{self.name}' replaces a text that is there {found}x")
        return source.replace(self.old, self.new)
