"""Edits of a text that is otherwise left as it is."""

from gateway.mermaid.flow_tree import Span
from gateway.mermaid.source import Edit


class TextEdits:
    """Edits of ``text``, in any order; lines to be added at its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[Edit] = []
        self.tail: list[str] = []

    def slice(self, span: Span) -> str:
        return self.text[span[0] : span[1]]

    def replace(self, span: Span, new: str) -> None:
        if self.slice(span) != new:
            self.edits.append((span[0], span[1], new))

    def with_spaces(self, span: Span) -> Span:
        """The span with the spaces after it."""
        end = span[1]
        while self.text[end : end + 1] in (" ", "\t"):
            end += 1
        return span[0], end

    def replace_arrow(self, span: Span, new: str) -> None:
        """Replaces an arrow; letters that touch it would become part of it."""
        before = "" if self.text[span[0] - 1 : span[0]].isspace() else " "
        after = "" if self.text[span[1] : span[1] + 1].isspace() else " "
        self.replace(span, f"{before}{new}{after}")

    def replace_lines(self, span: Span, lines: list[str]) -> None:
        """Lines in the place of a statement, indented as it is; without any, it goes."""
        if not lines:
            self.remove(span)
        else:
            self.replace(span, ("\n" + self.indent(span[0])).join(lines))

    def remove(self, span: Span) -> None:
        """Removes a statement: its line where it stands alone, else what separates it, too."""
        start, end = span
        line = self.line_start(start)
        stop = end
        while stop < len(self.text) and self.text[stop] in " \t;":
            stop += 1
        at_end = stop == len(self.text) or self.text[stop] in "\r\n"
        if at_end and not self.text[line:start].strip():
            start = line
            stop += 2 if self.text.startswith("\r\n", stop) else 1
        self.edits.append((start, min(stop, len(self.text)), ""))

    def insert_before(self, place: int, lines: list[str]) -> None:
        """Lines before the one that ``place`` is in, a step further in."""
        start = self.line_start(place)
        indent = self.indent(place)
        if self.text[start:place].strip():
            self.edits.append((place, place, "\n".join(lines) + "\n"))
        else:
            new = "".join(f"{indent}  {line}\n" for line in lines)
            self.edits.append((start, start, new))

    def line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1

    def indent(self, place: int) -> str:
        line = self.text[self.line_start(place) : place]
        return line[: len(line) - len(line.lstrip())]

    def applied(self, indent: str) -> str | None:
        """The text with all edits, the tail indented; ``None`` where edits meet."""
        parts: list[str] = []
        at = 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            if start < at:
                return None
            parts += (self.text[at:start], new)
            at = end
        parts.append(self.text[at:])
        text = "".join(parts)
        if self.tail and not text.endswith("\n"):
            text += "\n"
        return text + "".join(f"{indent}{line}\n" for line in self.tail)
