import {
  applyInPlace,
  copyDiagram,
  type Element,
  invert,
  newDiagram,
  type Operation,
  OperationError,
  type OperationListener,
} from "@diagramai/client";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type MovePosition,
  TextBinding,
  type TextSource,
  TYPING_RUN_MS,
} from "../../../src/text/binding.ts";
import type { FieldKind } from "../../../src/text/fieldForm.ts";
import { type TextPlace, textAt } from "../../../src/text/place.ts";

const LABEL: TextPlace = { target: "node", id: "a", path: "/data/label" };

/** A document in memory that tells its changes in the order in which the client does. */
class Document implements TextSource {
  diagram = newDiagram({ nodes: new Map([["a", { data: { label: "" } }]]) });
  undone: string[] = [];
  log: Operation[] = [];
  refuses = false;
  private shown = copyDiagram(this.diagram);
  private readonly heard = new Set<OperationListener>();
  private readonly told = new Set<() => void>();

  getSnapshot() {
    return { diagram: this.shown };
  }

  edit(operation: Operation, options: { undo?: string } = {}): void {
    if (this.refuses) throw new OperationError("read_only", "Only to be read.");
    this.apply([operation], "local");
    this.undone.push(options.undo ?? "new");
  }

  /** Several operations, of which the view tells once. */
  apply(operations: readonly Operation[], origin: "local" | "remote"): void {
    for (const operation of operations) {
      this.log.push(applyInPlace(this.diagram, operation));
      for (const listener of this.heard) listener(operation, origin);
    }
    this.shown = copyDiagram(this.diagram);
    for (const listener of this.told) listener();
  }

  on(_event: "operation", listener: OperationListener): () => void {
    this.heard.add(listener);
    return () => this.heard.delete(listener);
  }

  subscribe(listener: () => void): () => void {
    this.told.add(listener);
    return () => this.told.delete(listener);
  }
}

/** A field as the browser has it: a text and a caret. */
class Field {
  text: string;
  caret = 0;
  refusal = "";
  now = 0;
  readonly binding: TextBinding;

  constructor(document: Document, kind: FieldKind = "lines") {
    this.binding = new TextBinding(document, LABEL, kind, {
      show: (text, move) => this.show(text, move),
      refused: (message) => {
        this.refusal = message;
      },
      now: () => this.now,
    });
    this.text = this.binding.text;
    this.caret = this.text.length;
  }

  private show(text: string, move: MovePosition): void {
    this.caret = move(this.caret);
    this.text = text;
  }

  /** As `input` events come: the field has changed already. */
  type(inserted: string): void {
    this.text = this.text.slice(0, this.caret) + inserted + this.text.slice(this.caret);
    this.caret += inserted.length;
    this.binding.input(this.text, this.caret);
  }
}

let document: Document;

function start(label: unknown, kind: FieldKind = "lines"): Field {
  const element: Element = { data: { label: Object(label).valueOf() }, kept: true };
  document.apply(
    [{ diagram: null, nodes: new Map([["a", { type: "replace", element }]]), edges: new Map() }],
    "remote",
  );
  return new Field(document, kind);
}

function remotely(...edits: (string | number | { d: number })[][]): void {
  document.apply(
    edits.map((edit) => ({
      diagram: null,
      nodes: new Map([
        ["a", { type: "update", writes: new Map([["/data/label", { type: "text", edit }]]) }],
      ]),
      edges: new Map(),
    })),
    "remote",
  );
}

function stored(): string {
  return textAt(document.diagram, LABEL);
}

beforeEach(() => {
  document = new Document();
});

describe("typing", () => {
  test("sends each input as an edit of the text, and leaves the caret alone", () => {
    const field = start("Pack");
    field.type(" i");
    field.type("t");
    expect([field.text, field.caret, stored()]).toEqual(["Pack it", 7, "Pack it"]);
    const change = document.log.at(-1)?.nodes.get("a");
    expect(change?.type === "update" && change.writes.get("/data/label")).toEqual({
      type: "text",
      edit: [6, "t"],
    });
  });

  test("in a run is one step of undo; a pause or a moved caret begins another", () => {
    const field = start("");
    field.type("a");
    field.now += TYPING_RUN_MS - 1;
    field.type("b");
    field.now += TYPING_RUN_MS;
    field.type("c");
    field.binding.endRun();
    field.type("d");
    expect(document.undone).toEqual(["new", "join", "new", "new"]);
  });

  test("sets a label that is missing, then edits it", () => {
    const field = start(null);
    field.type("a");
    field.type("b");
    expect(stored()).toBe("ab");
    expect(document.diagram.nodes.get("a")).toEqual({ data: { label: "ab" }, kept: true });
  });

  test("goes on where the edit does not fit: the field shows what is there", () => {
    const field = start("Pack");
    document.refuses = true;
    field.type("x");
    expect([field.text, field.caret, field.refusal]).toEqual(["Pack", 4, "Only to be read."]);
  });
});

describe("what others type", () => {
  test("moves the caret with the words it stands at", () => {
    const field = start("Pack");
    remotely(["Then "], [9, " it"]);
    expect([field.text, field.caret]).toEqual(["Then Pack it", 9]);
    remotely([{ d: 7 }]);
    expect([field.text, field.caret]).toEqual(["ck it", 2]);
  });

  test("counts code points where the field counts units", () => {
    const field = start("😀😀");
    remotely([1, "ab"]);
    expect([field.text, field.caret]).toEqual(["😀ab😀", 6]);
    field.type("!");
    expect(stored()).toBe("😀ab😀!");
  });

  test("is followed when the whole label is set, and when it goes", () => {
    const field = start("Pack the box");
    field.caret = 8;
    const set = { type: "set", value: "Pack and ship the box" } as const;
    const writes = new Map([["/data/label", set]]);
    const nodes = new Map([["a", { type: "update", writes } as const]]);
    document.apply([{ diagram: null, nodes, edges: new Map() }], "remote");
    expect([field.text, field.caret]).toEqual(["Pack and ship the box", 17]);
    const gone = new Map([["a", { type: "delete" } as const]]);
    document.apply([{ diagram: null, nodes: gone, edges: new Map() }], "remote");
    expect([field.text, field.caret]).toEqual(["", 0]);
  });

  test("and my own undo come in the same way", () => {
    const field = start("Pack");
    field.type(" it");
    const logged = document.log.at(-1);
    if (logged === undefined) throw new Error("nothing was edited");
    document.apply([invert(logged)], "local");
    expect([field.text, field.caret]).toEqual(["Pack", 4]);
  });

  test("is no longer heard after closing", () => {
    const field = start("Pack");
    field.binding.close();
    remotely(["x"]);
    expect(field.text).toBe("Pack");
  });
});

describe("an input method", () => {
  test("is left alone while it composes, and sent when it ends", () => {
    const field = start("Pack ");
    field.binding.startComposition();
    field.type("に");
    field.type("ほ");
    expect(stored()).toBe("Pack ");
    field.binding.endComposition("Pack 日本", 7);
    expect(stored()).toBe("Pack 日本");
    expect(document.undone).toEqual(["new"]);
  });

  test("merges with what others typed meanwhile, and the caret stays", () => {
    const field = start("Pack box");
    field.caret = 5;
    field.binding.startComposition();
    remotely(["Then "], [13, " now"]);
    expect(field.text).toBe("Pack box");
    [field.text, field.caret] = ["Pack 日本box", 7];
    field.binding.endComposition(field.text, field.caret);
    expect([field.text, field.caret]).toEqual(["Then Pack 日本box now", 12]);
    expect(stored()).toBe("Then Pack 日本box now");
  });

  test("that was given up lets the others' words in", () => {
    const field = start("Pack");
    field.binding.startComposition();
    remotely([4, " it"]);
    field.binding.endComposition("Pack", 4);
    expect([field.text, stored(), document.undone.length]).toEqual(["Pack it", "Pack it", 0]);
  });
});

describe("a text with line ends that the field does not keep", () => {
  test("is edited only where it was typed in, by two at once", () => {
    const field = start("one\r\ntwo\r\nthree");
    expect(field.text).toBe("one\ntwo\nthree");
    field.caret = 0;
    field.type("1");
    remotely([15, "3"]);
    expect(stored()).toBe("1one\r\ntwo\r\nthre3e");
    expect([field.text, field.caret]).toEqual(["1one\ntwo\nthre3e", 1]);
  });

  test("keeps its lines where the field has one line only", () => {
    const field = start("one\ntwo", "line");
    expect(field.text).toBe("onetwo");
    field.type("!");
    expect(stored()).toBe("one\ntwo!");
    remotely([{ d: 1 }]);
    expect([field.text, field.caret]).toEqual(["netwo!", 6]);
  });
});
