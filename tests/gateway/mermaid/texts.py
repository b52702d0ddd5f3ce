"""Flowcharts and mindmaps made at random from the constructs of Mermaid's syntax.

Each comes with the names of the constructs in it. A part of them is damaged afterwards, so that
what Mermaid refuses is made as well.
"""

import random
from collections.abc import Callable
from typing import Final

from gateway.mermaid.shapes import BRACKETS, NAMES

IDS: Final = [
    "A", "B", "C1", "node-2", "a_b", "a.b", "é", "日本", "x", "o", "v", "ends", "1", "12ab", "A-B",
    "x-1", "o2", "a/b", "Ω", "n:1", "a'b", "what?", "50%", "a!", "T&T",
]  # fmt: skip
ODD_IDS: Final = [
    "default", "style1", "subgraphs", "a,b", "a*b", "end1", "graph1", "_self", "to-end", "click1",
    "end", "a#b", "class", "x--", "a=b", "v-1", "-a", "a@b", "direction", "🎉", "toString",
]  # fmt: skip
BARE: Final = [
    "one", "two words", "a-b", "é à", "1.5", "x=y", "a:b", "100%", "c#quot;d", "it's", "a / b",
    "emoji 🎉", "a;b", "end", "fa:fa-user me", "v", "x", "a<br/>b", "~ tilde", "5 > 3", "#35;",
    "a & b", "-", "what?", "日本語", "two\nlines",
]  # fmt: skip
ODD_BARE: Final = [
    "style: x#y",
    "a@b",
    "(x)",
    "a|b",
    " ~~~ ",
    "[x]",
    'a "b"',
    "direction TB",
    "{x}",
]
QUOTED: Final = [
    *BARE, "(x)", "[y]", "{z}", "a|b", "A --> B", "line\nbreak", "#quot;q#quot;", "a `tick` b",
    "direction TBD", "~~~", "<b class='x'>y</b>", "@{x}", "a\\b", "classDef x", "  spaced  ",
]  # fmt: skip
ODD_QUOTED: Final = ["", "%% no", '<b class="x">y</b>', "}\n\n", "style a:#b;", "\n%% no\n", "a@b"]
EDGE_WORDS: Final = ["yes", "no way", "x", "o", "é", "1-2", "xo", "it's", "é - à"]
ODD_EDGE_WORDS: Final = ["a.b", "a=b", "v1.0", "a -- b", "(x)", "|x|"]
#: How often something odd is taken instead of something that is surely right.
ODD_SHARE: Final = 0.02
STYLES: Final = [
    "fill:#f9f", "stroke:#333", "stroke-width:4px", "color:red", "stroke-dasharray: 5 5",
    " fill:#bbf", "opacity:0.5", "font-weight:bold", "stroke-dasharray:5\\,5",
]  # fmt: skip
SHAPES: Final = [name for names in NAMES for name in names]
DIRECTIONS: Final = ["TB", "TD", "BT", "LR", "RL", ">", "<", "^", "v"]
#: What a damage puts in, takes out or doubles.
SIGNS: Final = [
    *"[](){}|<>\"`-=.~&;:,@#%*/\\^ \n\tvxo\u00a0é",
    "-->", "---", "%%", "end", "subgraph ", "@{", "direction LR", ":::", "==>", "-.->", "\"`",
    "`\"", "click ", "style ", "  ", "\n\n", "\r\n", "%%{", "}%%", "accTitle: ", "#quot;", "call ",
]  # fmt: skip


class FlowText:
    """One flowchart at random; ``constructs`` names what is in it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.constructs: set[str] = set()
        self.edges = 0
        self.edge_ids: list[str] = []
        self.statements: list[tuple[int, Callable[[], str]]] = [
            (8, self.vertices), (1, self.style), (1, self.class_def), (1, self.class_of),
            (1, self.link_style), (1, self.click), (1, self.direction), (1, self.accessibility),
            (1, self.comment), (1, self.edge_data), (1, self.node_data),
        ]  # fmt: skip

    def make(self) -> str:
        head = self.chance.choice(["graph", "flowchart", "flowchart", "flowchart-elk"])
        direction = self.chance.choice(["", *(f" {d}" for d in DIRECTIONS)])
        end = self.pick(["\n", "\n", "\n\n"], [";", "; "]) if direction else "\n"
        self.constructs.add(f"head{direction}")
        body = self.body(self.chance.randint(1, 6), 0)
        text = self.front() + head + direction + end + body
        return text.replace("\n", "\r\n") if self.rarely("crlf", 0.03) else text

    def rarely(self, construct: str, share: float) -> bool:
        found = self.chance.random() < share
        if found:
            self.constructs.add(construct)
        return found

    def front(self) -> str:
        text = ""
        if self.rarely("front matter", 0.06):
            text += "---\ntitle: A title\nconfig:\n  theme: dark\n---\n"
        if self.rarely("directive", 0.06):
            text += '%%{init: {"theme": "dark"}}%%\n'
        return text

    def body(self, count: int, depth: int) -> str:
        lines = [self.statement(depth) for _ in range(count)]
        return "".join("  " * self.chance.randint(0, 2) + line for line in lines)

    def statement(self, depth: int) -> str:
        if depth < 3 and self.rarely("subgraph", 0.15):
            return self.subgraph(depth)
        weights = [weight for weight, _ in self.statements]
        text = self.chance.choices(self.statements, weights)[0][1]()
        end = self.pick(["\n"] * 6 + [";", ";\n", "\n\n"], [" \n", " ;", ""])
        return text if text.endswith("\n") else text + end

    def subgraph(self, depth: int) -> str:
        title = self.chance.choice([
            self.id(), "a title", f"{self.id()}[{self.chance.choice(BARE)}]", "x ", "end of it",
            f'{self.id()} ["{self.chance.choice(QUOTED)}"]', '"a title"', '"`md`"', "direct",
        ])  # fmt: skip
        inside = self.body(self.chance.randint(0, 3), depth + 1)
        return f"subgraph {title}\n{inside}end\n"

    def pick(self, good: list[str], odd: list[str]) -> str:
        return self.chance.choice(odd if self.chance.random() < ODD_SHARE else good)

    def id(self) -> str:
        some = IDS if self.chance.random() < 0.4 else IDS[:6]
        return self.pick(some, ODD_IDS)

    def label(self) -> str:
        kind = self.chance.choice(["bare", "quoted", "quoted", "markdown"])
        self.constructs.add(f"{kind} label")
        if kind == "bare":
            return self.pick(BARE, ODD_BARE)
        if kind == "quoted":
            return f'"{self.pick(QUOTED, ODD_QUOTED)}"'
        words = self.pick(["**b** _i_", "a", "two\nlines", "x y"], ["x `y", "a #b; c"])
        return f'"`{words}`"'

    def mention(self) -> str:
        text = self.id()
        if self.chance.random() < 0.5:
            shape = self.chance.choice([*BRACKETS, "rect"])
            self.constructs.add(f"shape {shape}")
            left, right = BRACKETS.get(shape, ("[|borders:lt|", "]"))
            text += left + self.label() + right
        if self.rarely(":::", 0.1):
            text += f":::{self.chance.choice(['foo', 'b-2', 'c_3', 'é'])}"
        if self.rarely("@{}", 0.1):
            text += self.data()
        return text

    def data(self) -> str:
        label = self.pick(
            ['label: "a label"', "label: bare label", 'label: "two\n   lines"', "label: ''"],
            ["label: 5", "label: true", "label:", "label: a: b", "label"],
        )
        entries = [
            f"shape: {self.pick(SHAPES, ['nope', 'Rect', 'lean_right', '5'])}", label,
            "icon: 'fa:user'", "form: square", "pos: b", "w: 60", "h: 40.5", "constraint: on",
            'img: "http://x.y/z.png"', "labelType: text", "other: [a, 1]", "w2: '70'",
        ]  # fmt: skip
        some = self.chance.sample(entries, self.chance.randint(1, 3))
        if self.rarely("@{} in lines", 0.3):
            return "@{\n  " + "\n  ".join(some) + "\n}"
        return "@{ " + ", ".join(some) + " }"

    def group(self) -> str:
        count = self.chance.choice([1, 1, 1, 1, 2, 3])
        if count > 1:
            self.constructs.add("&")
        return " & ".join(self.mention() for _ in range(count))

    def vertices(self) -> str:
        text = self.group()
        for _ in range(self.chance.choice([0, 1, 1, 1, 2, 3])):
            self.edges += 1
            text += self.link() + self.group()
        return text

    def link(self) -> str:
        line = self.chance.choice(["-", "-", "-", "=", "."])
        start, end = self.chance.choice([
            ("", ">"), ("", ">"), ("", ""), ("<", ">"), ("o", "o"), ("x", "x"), ("", "o"),
            ("", "x"), ("x", ">"), ("<", ""),
        ])  # fmt: skip
        length = self.chance.choice([1, 1, 1, 2, 3, 12])
        arrow = self.arrow(line, length, end)
        self.constructs.add(f"link {start}{line}{end or line}")
        before = self.chance.choice([" ", " ", " ", "", "  ", "\n  "])
        if self.rarely("edge id", 0.1):
            self.edge_ids.append(f"e{len(self.edge_ids)}")
            start = f"{self.edge_ids[-1]}@{start}"
            before = " "
        after = self.chance.choice([" ", " ", "", "  "])
        if self.rarely("invisible link", 0.05):
            return f"{before}~~~{'~' * (length - 1)}{after}"
        kind = self.chance.choice(["", "", "pipe", "inline"])
        if kind == "pipe":
            self.constructs.add("|label|")
            spaces = self.chance.choice(["", "", " "])
            after = self.pick(["", " "], ["  "])
            return f"{before}{start}{arrow}{spaces}|{self.label()}|{after}"
        if kind == "inline":
            self.constructs.add("-- label -->")
            sign = {"-": "--", "=": "==", ".": "-."}[line]
            words = self.pick([*EDGE_WORDS, '"quoted -- text"', '"`md`"'], ODD_EDGE_WORDS)
            return f"{before}{start}{sign} {words} {arrow}{after}"
        return f"{before}{start}{arrow}{after}"

    def arrow(self, line: str, length: int, end: str) -> str:
        if line == ".":
            return f"-{'.' * length}-{end}"
        return line * (length + 1) + (end or line)

    def styles(self) -> str:
        return ",".join(self.chance.sample(STYLES, self.chance.randint(1, 3)))

    def style(self) -> str:
        self.constructs.add("style")
        return f"style {self.id()} {self.styles()}"

    def class_def(self) -> str:
        self.constructs.add("classDef")
        return f"classDef {self.chance.choice(['foo', 'default', 'a,b', 'b-2'])} {self.styles()}"

    def class_of(self) -> str:
        self.constructs.add("class")
        return f"class {self.chance.choice([self.id(), 'A,B', 'e0'])} foo"

    def link_style(self) -> str:
        self.constructs.add("linkStyle")
        last = max(self.edges - 1, 0)
        known = ["default", "0", f"0,{last}", str(last)] if self.edges else ["default"]
        place = self.pick(known, ["99", "00", "0, 1"])
        curve = self.chance.choice(["", "", "interpolate basis ", "interpolate step"])
        styles = "" if curve.endswith("step") else self.styles()
        return f"linkStyle {place} {curve}{styles}"

    def click(self) -> str:
        self.constructs.add("click")
        return f"click {self.id()} " + self.pick([
            '"https://a.b/c"', 'href "https://a.b/c" "tip"', '"x" _blank', 'href "x" "t" _self',
            "callback", 'callback "tip"', "call fn()", 'call fn(a, "b") "tip"', "call fn(1)",
        ], ['href "x"  _top', '"x" "tip" "more"', "", "call fn"])  # fmt: skip

    def direction(self) -> str:
        self.constructs.add("direction")
        return f"direction {self.pick(['TB', 'BT', 'LR', 'RL', 'TD'], ['XX'])}"

    def accessibility(self) -> str:
        self.constructs.add("accTitle, accDescr")
        return self.chance.choice([
            "accTitle: a title\n", "accDescr: some words; more\n", "accDescr {\n two\n lines }\n",
        ])  # fmt: skip

    def comment(self) -> str:
        self.constructs.add("comment")
        return self.pick(["%% a comment\n", "%% A --> B\n", "%%{wrap}%%\n"], ["%%\n", "%%{ \n"])

    def edge_data(self) -> str:
        self.constructs.add("edge data")
        edge = self.chance.choice([*self.edge_ids, "e9"])
        return edge + self.chance.choice([
            "@{ animate: true }", "@{ animation: slow }", "@{ curve: stepBefore, animate: false }",
        ])  # fmt: skip

    def node_data(self) -> str:
        self.constructs.add("node data")
        return self.chance.choice(IDS[:6]) + self.data()


def damaged(text: str, chance: random.Random) -> str:
    """The text with a few signs put in, taken out or doubled."""
    for _ in range(chance.choice([1, 1, 2, 3])):
        place = chance.randint(0, len(text))
        kind = chance.choice(["in", "out", "double"])
        if kind == "in":
            text = text[:place] + chance.choice(SIGNS) + text[place:]
        elif kind == "out":
            text = text[:place] + text[place + chance.randint(1, 3) :]
        else:
            length = chance.randint(1, 10)
            text = text[:place] + text[place : place + length] + text[place:]
    return text


def flow_text(seed: int) -> tuple[str, set[str]]:
    """A flowchart and the constructs in it; every third is damaged."""
    chance = random.Random(seed)
    maker = FlowText(chance)
    text = maker.make()
    if seed % 3 == 2:
        return damaged(text, chance), {"damaged"}
    return text, maker.constructs


MIND_LABELS: Final = [
    "Root", "two words", "it's", "a-b", "é 🎉", "a<br/>b", "1. one", "#quot;x#quot;", "a: b", "v x",
    "with, comma", "50%",
]  # fmt: skip
ODD_MIND_LABELS: Final = ["a(b", "a]b", "x}y", "a::icon(b)", "mindmap x", "{a}", "a:::b", "-x", ""]
MIND_BRACKETS: Final = [
    ("[", "]"),
    ("(", ")"),
    ("((", "))"),
    (")", "("),
    ("))", "(("),
    ("{{", "}}"),
]


class MindText:
    """One mindmap at random."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.constructs: set[str] = set()

    def make(self) -> str:
        lines = ["mindmap"]
        level = 1
        for i in range(self.chance.randint(1, 9)):
            level = self.chance.randint(2, level + 1) if i else 1
            lines += self.node("  " * level + " " * self.chance.choice([0, 0, 0, 1] if i else [0]))
        return self.chance.choice(["", "", "%% top\n"]) + "\n".join(lines) + "\n"

    def node(self, indent: str) -> list[str]:
        odd = self.chance.random() < ODD_SHARE * 3
        label = self.chance.choice(ODD_MIND_LABELS if odd else MIND_LABELS)
        left, right = self.chance.choice(MIND_BRACKETS if not odd else [("-)", "(-"), ("(", "]")])
        kind = self.chance.choice(["id", "id", "bare", "quoted", "markdown", "alone"])
        self.constructs.add(f"mindmap {kind} {left if kind != 'id' else ''}")
        text = {
            "id": label, "bare": f"n1{left}{label}{right}",
            "quoted": f'n2{left}"{label} (x)"{right}',
            "markdown": f'n3{left}"`**{label}**\nmore`"{right}', "alone": f"{left}{label}{right}",
        }[kind]  # fmt: skip
        lines = [indent + text]
        for share, line in ((0.1, "::icon(fa fa-book)"), (0.1, ":::urgent large"), (0.05, "")):
            if self.chance.random() < share:
                self.constructs.add(f"mindmap line {line}")
                lines.append(indent + line if line else self.chance.choice(["", "  ", "%% c"]))
        return lines


def mind_text(seed: int) -> tuple[str, set[str]]:
    """A mindmap and the constructs in it; every fourth is damaged."""
    chance = random.Random(seed)
    maker = MindText(chance)
    text = maker.make()
    if seed % 4 == 3:
        return damaged(text, chance), {"damaged mindmap"}
    return text, maker.constructs
