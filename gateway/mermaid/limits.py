"""The bounds of a Mermaid text. What is beyond one is refused by name, before work is done."""

#: Code points of a text; the longest string a document keeps.
MAX_TEXT = 500_000
#: Subgraphs inside subgraphs.
MAX_NESTING = 100
#: Nodes of one text, subgraphs included.
MAX_NODES = 10_000
#: Edges of one text; ``a & b & c --> d & e & f`` makes nine.
MAX_EDGES = 10_000
#: Tokens of one text.
MAX_TOKENS = 200_000
#: Mentions of nodes within one statement (``a & b & …``, ``a --> b --> …``).
MAX_MENTIONS = 5_000
#: Levels of maps and lists inside ``@{ … }``.
MAX_DATA_DEPTH = 16
#: Flowcharts that are remembered with what they say, the latest ones, and code points of the
#: longest of them: a longer one is read anew each time.
MAX_REMEMBERED = 4
MAX_REMEMBERED_LENGTH = 100_000
#: Labels that are remembered as they are written, and code points of the longest of them.
MAX_REMEMBERED_LABELS = 4_096
MAX_REMEMBERED_LABEL = 200
