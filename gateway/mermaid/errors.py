"""What this package answers to a text that is not Mermaid, or too much of it."""


class MermaidError(Exception):
    """A text refused. ``line`` and ``column`` count from 1, columns in code points.

    ``code`` is ``mermaid_syntax`` (the grammar refuses), ``mermaid_value`` (the grammar accepts,
    Mermaid does not: an unknown shape, the number of an edge that is not there),
    ``mermaid_too_large`` (a bound of :mod:`gateway.mermaid.limits`) or ``mermaid_kind`` (another
    kind of diagram). ``expected`` names what could have stood there, where that is known.
    """

    def __init__(
        self, code: str, message: str, line: int = 1, column: int = 1, expected: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.expected = expected

    @property
    def at(self) -> str:
        return f"line {self.line}, column {self.column}"
