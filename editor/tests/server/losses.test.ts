/** What this client says is lost is what the server would say: both are asked about the same edits. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  compose,
  createEdge,
  createNode,
  deleteElements,
  type Json,
  NOTHING,
  newDiagram,
  type Operation,
  operationToJson,
  updateEdge,
  updateNode,
  type Write,
} from "@diagramai/client";
import { expect, test } from "vitest";
import { lossesOf } from "../../src/client/losses.ts";
import { randomFrom } from "../support/link.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const CASES = 6_000;

/** Reads [a, b, a_wins] a line, prints what `a` loses. */
const ASK = `
import sys, msgspec
from ot.conflicts import find_lost
from ot.operation import Operation
for line in sys.stdin:
    a, b, wins = msgspec.json.decode(line)
    a, b = (msgspec.convert(each, Operation) for each in (a, b))
    lost = [each for each in find_lost(a, b, wins) if each.loser == "a"]
    print(msgspec.json.encode(lost).decode())
`;

const S = newDiagram({
  nodes: new Map([
    ["a", { position: { x: 0, y: 0 }, data: { label: "Pack" } }],
    ["b", { position: { x: 0, y: 0 }, data: { label: "Ship" } }],
    ["c", { position: { x: 0, y: 0 }, data: { label: "Pay" } }],
  ]),
  edges: new Map([
    ["ab", { source: "a", target: "b" }],
    ["bc", { source: "b", target: "c" }],
  ]),
});

class Author {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** One or two changes of different targets. */
  operation(): Operation {
    const first = this.#change();
    const second = this.#change();
    const isApart =
      [...first.nodes.keys()].every((id) => !second.nodes.has(id)) &&
      [...first.edges.keys()].every((id) => !second.edges.has(id)) &&
      !deletes(first) &&
      !deletes(second);
    return isApart ? compose(first, second) : first;
  }

  #change(): Operation {
    const id = this.#one(["a", "b", "c"]);
    const edge = this.#one(["ab", "bc"]);
    switch (this.#below(16)) {
      case 0:
        return deleteElements(S, [id]);
      case 1:
        return deleteElements(S, [], [edge]);
      case 2:
        return createNode("new", { data: { label: this.#one(["x", "y"]) }, ...this.#parent() });
      case 3:
        return createEdge("edge", { source: id, target: this.#one(["a", "b", "c"]) });
      case 4:
        return updateEdge(edge, { [this.#one(["/source", "/label"])]: { type: "set", value: id } });
      case 5:
        return updateNode(id, { "/parentId": { type: "set", value: this.#one(["a", "b", "c"]) } });
      case 6:
        return replaceNode(id, { data: { label: this.#one(["x", "Pack"]) } });
      default:
        return updateNode(id, this.#writes());
    }
  }

  #writes(): Record<string, Write> {
    const value = this.#below(2);
    return this.#one<Record<string, Write>>([
      { "/position": { type: "set", value: { x: value, y: 0 } } },
      { "/position/x": { type: "set", value } },
      { "/data": { type: "set", value: { label: "Pack" } } },
      { "/data/label": { type: "set", value: this.#one(["Pack", "z"]) } },
      { "/data/label": { type: "text", edit: [1, "mine"] } },
      { "/data/label": { type: "text", edit: [{ d: 1 }] } },
      { "/style": { type: "unset" }, "/data/label": { type: "unset" } },
    ]);
  }

  #parent(): Record<string, Json> {
    return this.#below(2) === 0 ? {} : { parentId: this.#one(["a", "b"]) };
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #one<T>(values: readonly [T, ...T[]]): T {
    return values[this.#below(values.length)] ?? values[0];
  }
}

function replaceNode(id: string, element: Record<string, Json>): Operation {
  return { ...NOTHING, nodes: new Map([[id, { type: "replace", element }]]) };
}

function deletes(a: Operation): boolean {
  return [...a.nodes.values(), ...a.edges.values()].some(({ type }) => type === "delete");
}

test("six thousand pairs of edits lose here what they lose there", () => {
  const author = new Author(randomFrom(7));
  const cases = Array.from({ length: CASES }, (_, count) => {
    const [mine, theirs] = [author.operation(), author.operation()];
    return { mine, theirs, wins: count % 2 === 0 };
  });
  const input = cases.map(({ mine, theirs, wins }) =>
    JSON.stringify([operationToJson(mine), operationToJson(theirs), wins]),
  );
  const python = spawnSync(process.env.PYTHON ?? "python", ["-c", ASK], {
    cwd: PROJECT,
    input: input.join("\n"),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(python.stderr).toBe("");
  const answers = python.stdout.trim().split("\n");
  let lost = 0;
  for (const [at, { mine, theirs, wins }] of cases.entries()) {
    const here = [...lossesOf(mine, theirs, wins)].map((loss) => JSON.parse(JSON.stringify(loss)));
    const there = JSON.parse(answers[at] ?? "[]").map(
      ({ loser: _loser, ...loss }: { loser: string }) => loss,
    );
    expect({ at, losses: sorted(here) }).toEqual({ at, losses: sorted(there) });
    lost += here.length;
  }
  expect(lost).toBeGreaterThan(CASES / 10);
});

function sorted(losses: object[]): object[] {
  return losses.sort((x, y) => (JSON.stringify(key(x)) < JSON.stringify(key(y)) ? -1 : 1));
}

function key(loss: object): object {
  return Object.entries(loss).sort();
}
