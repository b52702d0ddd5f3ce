/** The laws of undo, with edits by me and by others in any order. */

import {
  applyText,
  type Change,
  codePointLength,
  createEdge,
  createNode,
  type Diagram,
  deleteElements,
  type Element,
  isEmpty,
  type Json,
  NOTHING,
  newDiagram,
  type Operation,
  operationToJson,
  updateNode,
  type Write,
} from "@diagramai/client";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CommittedChange } from "../../../src/client/messages.ts";
import { Replica } from "../../../src/client/replica.ts";
import type { Author } from "../../../src/client/types.ts";
import { diagramToJson } from "../../../src/ot/index.ts";

const ME: Author = { kind: "user", id: "me", name: "Me" };
const OTHER: Author = { kind: "agent", id: "other", name: "Other" };
const RUNS = 400;

/** A replica with a server that acknowledges at once, or when told. */
class Table {
  readonly replica: Replica;
  readonly sent: Operation[] = [];
  refusals = 0;
  revision = 0;

  constructor(diagram: Diagram) {
    this.replica = new Replica(
      { clientId: "c", participant: ME },
      {
        submit: ({ operation }) => this.sent.push(operation),
        arriving: () => {},
        lost: () => {},
        applied: () => {},
        missed: () => {
          throw new Error("nothing is missed here");
        },
        refused: () => {
          this.refusals += 1;
        },
      },
    );
    this.replica.ask(true, { clientId: "c", participant: ME });
    this.replica.snapshot({
      type: "snapshot",
      diagram_id: "d",
      revision: 0,
      policy: "later_wins",
      last_sequence: 0,
      diagram: diagramToJson(diagram),
    });
  }

  get shown(): Diagram {
    const { client } = this.replica;
    if (client === null) throw new Error("there is no diagram yet");
    return client.diagram;
  }

  get json() {
    return diagramToJson(this.shown);
  }

  /** What I sent becomes durable, until nothing of mine waits. */
  acknowledge(): void {
    for (const operation of this.sent.splice(0)) this.#commit(operation, ME, true);
    if (this.sent.length > 0) this.acknowledge();
  }

  /** Somebody else edits what is stored. */
  other(operation: Operation): void {
    this.#commit(operation, OTHER, false);
  }

  refuse(): void {
    this.sent.splice(0);
    const sequence = this.replica.client?.sequence ?? 0;
    this.replica.refused({
      type: "rejected",
      diagram_id: "d",
      sequence,
      code: "not_storable",
      message: "No.",
      at: "",
      retry: false,
    });
  }

  undoAll(): void {
    while (this.replica.undoStacks.canUndo) expect(this.replica.undo()).toBe(true);
  }

  redoAll(): void {
    while (this.replica.undoStacks.canRedo) expect(this.replica.redo()).toBe(true);
  }

  #commit(operation: Operation, author: Author, isMine: boolean): void {
    this.revision += 1;
    const change: CommittedChange = {
      revision: this.revision,
      operation: operationToJson(operation),
      author,
      timestamp: "2026-01-01T00:00:00Z",
      client_id: isMine ? "c" : null,
      sequence: isMine ? (this.replica.client?.sequence ?? 0) : null,
    };
    this.replica.updated([change]);
  }
}

function node(label: string, x = 0): Element {
  return { type: "process", position: { x, y: 0 }, data: { label } };
}

function start(): Diagram {
  const nodes = new Map([
    ["a", node("A")],
    ["b", node("B")],
    ["c", node("C")],
  ]);
  return newDiagram({ nodes, edges: new Map([["ab", { source: "a", target: "b" }]]) });
}

function set(path: string, value: number): [string, Write] {
  return [path, { type: "set", value }];
}

/** A step of a story, to be made into an operation on whatever there is then. */
interface Step {
  readonly kind: "create" | "delete" | "set" | "text" | "connect" | "parent";
  readonly pick: number;
  readonly value: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("create", "delete", "set", "text", "connect", "parent"),
  pick: fc.nat(1000),
  value: fc.nat(1000),
});

/** An operation of the step that is valid on `S`; `mark` makes ids and texts of this author its own. */
function operationOf(S: Diagram, { kind, pick, value }: Step, mark: string): Operation {
  const ids = [...S.nodes.keys()].sort();
  const id = ids[pick % Math.max(1, ids.length)];
  const second = ids[value % Math.max(1, ids.length)];
  const fresh = `${mark}${pick}-${S.nodes.size}-${S.edges.size}`;
  if (kind === "create") return S.nodes.has(fresh) ? NOTHING : createNode(fresh, node(mark, value));
  if (id === undefined || second === undefined) return NOTHING;
  const edges = [...S.edges.keys()].sort();
  switch (kind) {
    case "delete": {
      const edge = edges[value % Math.max(1, edges.length)];
      return pick % 2 === 0 && edge !== undefined
        ? deleteElements(S, [], [edge])
        : deleteElements(S, [id]);
    }
    case "set":
      return updateNode(id, new Map([set(value % 2 === 0 ? "/position" : "/style", value)]));
    case "text": {
      const label = labelOf(S, id);
      if (label === null) return NOTHING;
      const at = value % (codePointLength(label) + 1);
      const edit = [...(at > 0 ? [at] : []), mark.repeat(1 + (pick % 3))];
      return updateNode(id, { "/data/label": { type: "text", edit } });
    }
    case "connect":
      return S.edges.has(fresh) ? NOTHING : createEdge(fresh, { source: id, target: second });
    case "parent":
      return updateNode(id, { "/parentId": { type: "set", value: second } });
  }
}

function labelOf(S: Diagram, id: string): string | null {
  const data = S.nodes.get(id)?.data;
  const label =
    typeof data === "object" && data !== null && !Array.isArray(data) ? data.label : null;
  return typeof label === "string" ? label : null;
}

describe("alone", () => {
  test("undoing everything leads back, redoing everything forth again", () => {
    let steps = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fc.boolean(), fc.boolean()), { maxLength: 25 }),
        (story) => {
          const table = new Table(start());
          const before = table.json;
          for (const [each, joins, acknowledges] of story) {
            const operation = operationOf(table.shown, each, "m");
            if (isEmpty(operation)) continue;
            table.replica.edit(operation, joins ? "join" : "new");
            steps += 1;
            if (acknowledges) table.acknowledge();
          }
          const after = table.json;
          table.undoAll();
          expect(table.json).toEqual(before);
          table.redoAll();
          expect(table.json).toEqual(after);
          table.undoAll();
          expect(table.json).toEqual(before);
        },
      ),
      { numRuns: RUNS },
    );
    expect(steps).toBeGreaterThan(RUNS);
  });

  test("a new edit ends what could be redone", () => {
    const table = new Table(start());
    table.replica.edit(updateNode("a", new Map([set("/position", 1)])), "new");
    table.replica.undo();
    expect(table.replica.undoStacks.canRedo).toBe(true);
    table.replica.edit(updateNode("b", new Map([set("/position", 1)])), "new");
    expect(table.replica.undoStacks.canRedo).toBe(false);
  });

  test("what is typed in one go is one step", () => {
    const table = new Table(start());
    for (const [at, letter] of [..."xyz"].entries()) {
      const edit = [1 + at, letter];
      table.replica.edit(
        updateNode("a", { "/data/label": { type: "text", edit } }),
        at === 0 ? "new" : "join",
      );
    }
    expect(labelOf(table.shown, "a")).toBe("Axyz");
    table.replica.undo();
    expect(labelOf(table.shown, "a")).toBe("A");
    expect(table.replica.undoStacks.canUndo).toBe(false);
  });
});

/** What others wrote, told apart without transforming anything: the newest write by them stands. */
class Ledger {
  readonly written = new Map<string, Json>();
  readonly touched = new Set<string>();

  note(a: Operation): void {
    for (const [id, change] of a.nodes) {
      if (change.type !== "delete") this.touched.add(id);
      if (change.type === "delete") this.#forget(id);
      if (change.type !== "update") continue;
      for (const [path, write] of change.writes) {
        if (write.type === "set") this.written.set(`${id} ${path}`, write.value);
        else this.written.delete(`${id} ${path}`);
      }
    }
    for (const [id, change] of a.edges) if (change.type !== "delete") this.touched.add(id);
  }

  #forget(id: string): void {
    // With the node goes what was written to it, and that it was somebody's parent.
    for (const [key, value] of [...this.written]) {
      if (key.startsWith(`${id} `) || value === id) this.written.delete(key);
    }
    this.touched.delete(id);
  }
}

describe("with others", () => {
  test("undoing everything never fails, and leaves what others did", () => {
    let met = 0;
    const story = fc.array(fc.tuple(step, fc.constantFrom("me", "other")), { maxLength: 25 });
    fc.assert(
      fc.property(story, (steps) => {
        const table = new Table(start());
        const ledger = new Ledger();
        for (const [each, who] of steps) {
          const mark = who === "me" ? "m" : "o";
          const operation = operationOf(table.shown, each, mark);
          if (isEmpty(operation)) continue;
          if (who === "me") {
            table.replica.edit(operation, "new");
            table.acknowledge();
          } else {
            table.other(operation);
            ledger.note(operation);
          }
        }
        const before = textsOf(table.shown);
        table.undoAll();
        for (const [key, value] of ledger.written) {
          const [id = "", path = ""] = key.split(" ");
          const element = table.shown.nodes.get(id);
          // A node of theirs may be gone only where they, or an edit of mine before, deleted it.
          if (element === undefined) continue;
          met += 1;
          expect(element[path.slice(1)]).toEqual(value);
        }
        for (const [id, letters] of before) {
          const label = labelOf(table.shown, id);
          if (label !== null) expect(label.replaceAll(/[^o]/g, "")).toBe(letters);
        }
      }),
      { numRuns: RUNS },
    );
    expect(met).toBeGreaterThan(RUNS / 4);
  });

  function textsOf(S: Diagram): [string, string][] {
    return [...S.nodes.keys()].map((id) => [id, (labelOf(S, id) ?? "").replaceAll(/[^o]/g, "")]);
  }

  test("my words go and theirs stay, in one text", () => {
    const edit = fc.record({
      who: fc.constantFrom("m", "o"),
      at: fc.nat(20),
      length: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
        const table = new Table(start());
        for (const { who, at, length } of edits) {
          const label = labelOf(table.shown, "a") ?? "";
          const from = at % (label.length + 1);
          const parts = [...(from > 0 ? [from] : []), who.repeat(length)];
          const operation = updateNode("a", { "/data/label": { type: "text", edit: parts } });
          expect(applyText(label, parts).length).toBe(label.length + length);
          if (who === "m") table.replica.edit(operation, "new");
          else {
            table.acknowledge();
            table.other(operation);
          }
        }
        const theirs = (labelOf(table.shown, "a") ?? "").replaceAll("m", "");
        table.undoAll();
        expect(labelOf(table.shown, "a")).toBe(theirs);
      }),
      { numRuns: RUNS },
    );
  });

  test("undoing edits that were on their way leads to what others wrote meanwhile", () => {
    const write = fc.record({
      who: fc.constantFrom("me", "other", "acknowledge"),
      id: fc.constantFrom("a", "b"),
      path: fc.constantFrom("/position", "/style"),
      value: fc.nat(1_000),
      joins: fc.boolean(),
    });
    let hidden = 0;
    fc.assert(
      fc.property(fc.array(write, { maxLength: 25 }), (writes) => {
        const table = new Table(start());
        const expected = new Map([...table.shown.nodes].map(([id, node]) => [id, { ...node }]));
        for (const { who, id, path, value, joins } of writes) {
          const operation = updateNode(id, new Map([set(path, value)]));
          if (who === "acknowledge") table.acknowledge();
          else if (who === "me") table.replica.edit(operation, joins ? "join" : "new");
          else {
            if (!table.replica.isSaved) hidden += 1;
            table.other(operation);
            const node = expected.get(id);
            if (node !== undefined) node[path.slice(1)] = value;
          }
        }
        table.undoAll();
        expect(table.shown.nodes).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
    expect(hidden).toBeGreaterThan(RUNS / 4);
  });

  test("a text that I set anew and another typed into comes back with what was typed", () => {
    const table = new Table(start());
    const label: Write = { type: "set", value: "Mine" };
    table.replica.edit(updateNode("a", { "/data/label": label }), "new");
    table.other(updateNode("a", { "/data/label": { type: "text", edit: [1, " theirs"] } }));
    expect(labelOf(table.shown, "a")).toBe("Mine");
    table.undoAll();
    expect(labelOf(table.shown, "a")).toBe("A theirs");
  });

  test("what they typed into a text that I had set stays, and so does what I did to it before", () => {
    const table = new Table(start());
    const label = (write: Write) => updateNode("a", { "/data/label": write });
    table.replica.edit(label({ type: "text", edit: [1, "bc"] }), "new");
    table.replica.edit(label({ type: "set", value: "Mine" }), "new");
    table.acknowledge();
    table.other(label({ type: "text", edit: [4, " and theirs"] }));
    table.undoAll();
    expect(labelOf(table.shown, "a")).toBe("Mine and theirs");
  });

  test("what they wrote inside a value that I had set stays", () => {
    const table = new Table(start());
    const whole: Write = { type: "set", value: { label: "Mine" } };
    table.replica.edit(updateNode("a", { "/data": whole }), "new");
    table.acknowledge();
    table.other(updateNode("a", new Map([set("/data/weight", 7)])));
    table.undoAll();
    expect(table.shown.nodes.get("a")?.data).toEqual({ label: "Mine", weight: 7 });
  });

  test("what I created stays where others built on it, with all that needs", () => {
    const table = new Table(start());
    table.replica.edit(createNode("mine", node("Mine")), "new");
    table.replica.edit(createEdge("edge", { source: "mine", target: "a" }), "new");
    table.acknowledge();
    table.other({ ...NOTHING, edges: new Map([["edge", update("/label")]]) });
    table.undoAll();
    expect(table.shown.edges.get("edge")).toEqual({ source: "mine", target: "a", label: "theirs" });
    expect(table.shown.nodes.get("mine")).toEqual(node("Mine"));
  });

  test("what I deleted comes back without the edge whose end they deleted", () => {
    const table = new Table(start());
    table.replica.edit(deleteElements(table.shown, ["a"]), "new");
    table.acknowledge();
    table.other(deleteElements(table.shown, ["b"]));
    table.undoAll();
    expect([...table.shown.nodes.keys()].sort()).toEqual(["a", "c"]);
    expect(table.shown.edges.size).toBe(0);
  });

  function update(path: string): Change {
    return { type: "update", writes: new Map([[path, { type: "set", value: "theirs" }]]) };
  }
});

describe("refused", () => {
  test("an edit that was refused cannot be undone, and all the rest can", () => {
    let refused = 0;
    const story = fc.array(
      fc.tuple(step, fc.constantFrom("take", "refuse", "wait", "undo", "redo")),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(story, (steps) => {
        const table = new Table(start());
        const before = table.json;
        for (const [each, then] of steps) {
          const operation = operationOf(table.shown, each, "m");
          if (then === "undo") table.replica.undo();
          else if (then === "redo") table.replica.redo();
          else if (!isEmpty(operation)) table.replica.edit(operation, "new");
          if (then !== "refuse" && then !== "wait") table.acknowledge();
          if (then === "refuse" && table.sent.length > 0) {
            table.refuse();
            refused += 1;
          }
        }
        table.undoAll();
        expect(table.json).toEqual(before);
      }),
      { numRuns: RUNS },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
  });

  test("text taken back by a refusal does not come back by undo", () => {
    const table = new Table(start());
    table.replica.edit(
      updateNode("a", { "/data/label": { type: "text", edit: [{ d: 1 }] } }),
      "new",
    );
    table.refuse();
    expect(labelOf(table.shown, "a")).toBe("A");
    expect(table.replica.undoStacks.canUndo).toBe(false);
  });
});
