"""One page that stands by itself: no script, nothing loaded, light and dark, narrow and wide.

It is HTML that is well formed as XML too.
"""

from collections.abc import Iterable
from html import escape

from property_tests.fuzz_campaign import Result
from property_tests.fuzz_replay import Replay, known_pairs, load_type
from property_tests.fuzz_report.diamond import difference, legend
from property_tests.fuzz_report.laws import diamond_line, law_line, law_sentence
from property_tests.fuzz_report.matrix import matrices
from property_tests.fuzz_report.pictures import MAX_HAPPENINGS, diamond_svg, timeline_svg
from property_tests.fuzz_report.text import summary
from property_tests.fuzz_report.timeline import Happening, story_of
from property_tests.fuzz_report.values import difference_lines, plain, shown
from property_tests.simulation import Diamond, Failure, Outcome

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #5c6675; --line: #d5dae1;
  --good: #1a7f4b; --bad: #c2281d; --heat: 26, 127, 75; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14181e; --soft: #9aa4b2;
  --line: #333b46; --good: #4ac586; --bad: #ff7b6e; --heat: 74, 197, 134; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
h1.bad { color: var(--bad); } h1.good { color: var(--good); }
code, dd, ol.told { font-family: ui-monospace, monospace; font-size: .85rem; }
code, dd, li { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; padding-top: .15rem; }
.scroll { overflow-x: auto; } .soft { color: var(--soft); }
svg { display: block; font: 12px ui-monospace, monospace; } svg text { fill: var(--ink); }
svg.diamond { width: 100%; max-width: 34rem; height: auto; }
svg text.number { fill: var(--soft); font-size: 10px; } svg text.fault { font-size: 22px; }
.road { stroke: var(--ink); stroke-width: 1.5; } .lane { stroke: var(--line); stroke-width: 2; }
.lane.server { stroke: var(--soft); } .frame { stroke: var(--soft); }
.dot { fill: var(--ink); } svg .fault { fill: var(--bad); stroke: var(--bad); }
svg text.fault { stroke: none; }
ol.told { padding-left: 2.6rem; } li.fault { color: var(--bad); }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; } th, td { border: 1px solid var(--line);
  padding: .2rem .5rem; text-align: right; font-weight: normal; font-size: .85rem; }
td.heat0 { color: var(--bad); font-weight: 600; } td.heat1 { background: rgba(var(--heat), .08); }
td.heat2 { background: rgba(var(--heat), .16); } td.heat3 { background: rgba(var(--heat), .26); }
td.heat4 { background: rgba(var(--heat), .38); } td.heat5 { background: rgba(var(--heat), .5); }
@media (min-width: 60rem) { .both { display: grid; grid-template-columns: auto 1fr; gap: 1.5rem; } }
"""


def failure_page(
    outcome: Outcome, failure: Failure, replay: Replay, command: str, result: Result | None
) -> str:
    """The counterexample: its law, its diamond, its timeline, and how to have it again."""
    return _page(
        "A law is broken",
        [
            f'<h1 class="bad">Broken: {escape(law_line(failure.law))}</h1>',
            f"<p>{escape(law_sentence(failure.law))}</p>",
            f"<p><strong>{escape(plain(failure.message))}</strong> (step {failure.step})</p>",
            *_expectation(failure),
            f"<p>{escape(diamond_line(failure))}</p>",
            *([] if failure.diamond is None else _diamond(failure.diamond)),
            *_timeline(story_of(outcome)),
            "<h2>Once more</h2>",
            f"<p><code>{escape(command)}</code></p>",
            f'<p class="soft">Seed {replay.seed}, run {replay.run}, profile'
            f" {escape(replay.profile.name)}, type {escape(replay.type)}, DiagramAI"
            f" {escape(replay.project_version)}.</p>",
            *([] if result is None else _campaign(result)),
        ],
    )


def clean_page(result: Result) -> str:
    """What was tried, where nothing broke."""
    title = f"No law broke in {result.tally.runs:,} runs"
    return _page(title, [f'<h1 class="good">{title}</h1>', *_campaign(result)])


def _page(title: str, body: Iterable[str]) -> str:
    return "\n".join((
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        *body,
        "</body></html>\n",
    ))  # fmt: skip


def _expectation(failure: Failure) -> list[str]:
    if failure.expected is None and failure.actual is None:
        return []
    pairs = [("expected", shown(failure.expected)), ("found", shown(failure.actual))]
    names = ("expected", "found")
    return [_list(pairs), *_items(difference_lines(failure.expected, failure.actual, names))]


def _diamond(diamond: Diamond) -> list[str]:
    lines = difference(diamond)
    return ["<h2>The diamond</h2>", diamond_svg(diamond), _list(legend(diamond)), *_items(lines)]


def _timeline(happenings: list[Happening]) -> list[str]:
    told = [
        ('<li class="fault">' if each.is_fault else "<li>")
        + f"{escape(each.lane)}: {escape(plain(each.what))}</li>"
        for each in happenings[:MAX_HAPPENINGS]
    ]
    more = len(happenings) - len(told)
    return [
        "<h2>The run</h2>",
        '<div class="both"><div class="scroll">',
        timeline_svg(happenings),
        '</div><ol class="told">',
        *told,
        "</ol></div>",
        *([f"<p>{more} more are in the replay.</p>"] if more else []),
    ]


def _campaign(result: Result) -> list[str]:
    tally = result.tally
    known = known_pairs(load_type(result.plan.type), tally.kind_pairs)
    return [
        "<h2>The campaign</h2>",
        *_items(summary(result)),
        "<h2>What met</h2>",
        matrices(tally.kind_pairs, known),
        "<h2>What happened</h2>",
        _list((name, f"{count:,}") for name, count in sorted(tally.events.items())),
    ]


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return "\n".join(("<dl>", *rows, "</dl>"))


def _items(lines: Iterable[str]) -> list[str]:
    rows = [f"<li>{escape(line)}</li>" for line in lines]
    return ["<ul>", *rows, "</ul>"] if rows else []
