/**
 * Draws diagrams and operations from a small world, so that two of them often meet.
 *
 * What an operation makes of a diagram is worked out beside it, by changing a copy in the plainest
 * way, without the operation type. All chance comes from a `Pick`, so the same generators serve
 * `ot-fuzzer` and fast-check.
 */
import {
  type Change,
  copyDiagram,
  type Diagram,
  type Element,
  isObject,
  type Json,
  newDiagram,
  type Operation,
  type PropertiesChange,
  propertiesOf,
  type Write,
} from "../../../src/ot/index.ts";
import { drawEdit, drawText, type Pick, pickOf } from "./textWorld.ts";

const NODE_IDS = ["n1", "n2", "n3", "10", "__proto__", "a/b"];
const EDGE_IDS = ["e1", "e2", "constructor", "n1"];

type Kind = "any" | "text" | "text or null" | "object" | "node" | "position" | "number";

interface Place {
  readonly path: string;
  readonly keys: readonly string[];
  readonly kind: Kind;
  /** Whether it may be missing. */
  readonly optional: boolean;
}

const place = (path: string, keys: string[], kind: Kind, optional: boolean): Place => {
  return { path, keys, kind, optional };
};
const DATA_PLACES = [
  place("/data/label", ["data", "label"], "any", true),
  place("/data/style/fill", ["data", "style", "fill"], "any", true),
  place("/data/style", ["data", "style"], "any", true),
  place("/data/a~1b~0", ["data", "a/b~"], "any", true),
  place("/data/__proto__", ["data", "__proto__"], "any", true),
  place("/data/constructor", ["data", "constructor"], "any", true),
];
const NODE_PLACES = [
  ...DATA_PLACES,
  place("/data", ["data"], "any", true),
  place("/position", ["position"], "position", false),
  place("/position/x", ["position", "x"], "number", false),
  place("/parentId", ["parentId"], "node", true),
];
const EDGE_PLACES = [
  ...DATA_PLACES,
  place("/source", ["source"], "node", false),
  place("/target", ["target"], "node", false),
];
const PROPERTY_PLACES = [
  ...DATA_PLACES,
  place("/title", ["title"], "text", false),
  place("/description", ["description"], "text or null", false),
  place("/kind", ["kind"], "text", false),
  place("/data", ["data"], "object", false),
];

/** An operation under way, and the diagram that it makes so far. */
class Draft {
  readonly pick: Pick;
  readonly after: Diagram;
  readonly nodes = new Map<string, Change>();
  readonly edges = new Map<string, Change>();
  diagram: PropertiesChange | null = null;

  constructor(pick: Pick, S: Diagram) {
    this.pick = pick;
    this.after = copyDiagram(S);
  }

  /** An id that is there (or free) and not changed yet. */
  freshId(family: "nodes" | "edges", there: boolean): string | undefined {
    const ids = (family === "nodes" ? NODE_IDS : EDGE_IDS).filter(
      (id) => this.after[family].has(id) === there && !this[family].has(id),
    );
    return ids.length === 0 ? undefined : pickOf(this.pick, ids);
  }

  anyNode(): string | undefined {
    const ids = [...this.after.nodes.keys()];
    return ids.length === 0 ? undefined : pickOf(this.pick, ids);
  }
}

type Step = (draft: Draft) => void;
const STEPS: readonly Step[] = [
  (draft) => drawCreate(draft, "nodes"),
  (draft) => drawCreate(draft, "edges"),
  (draft) => drawCreate(draft, "edges"),
  drawDeleteNode,
  drawDeleteEdge,
  (draft) => drawReplace(draft, "nodes"),
  (draft) => drawReplace(draft, "edges"),
  (draft) => drawUpdate(draft, "nodes"),
  (draft) => drawUpdate(draft, "nodes"),
  (draft) => drawUpdate(draft, "nodes"),
  (draft) => drawUpdate(draft, "edges"),
  (draft) => drawUpdate(draft, "edges"),
  drawProperties,
];

/** An operation that is valid on `S` (at times an empty one), and what it makes of it. */
export function drawOperation(pick: Pick, S: Diagram): { a: Operation; after: Diagram } {
  const draft = new Draft(pick, S);
  for (let left = 1 + pick(4); left > 0; left -= 1) pickOf(pick, STEPS)(draft);
  const a = { diagram: draft.diagram, nodes: draft.nodes, edges: draft.edges };
  return { a, after: draft.after };
}

/** A diagram with a few elements. */
export function drawDiagram(pick: Pick): Diagram {
  const draft = new Draft(pick, newDiagram({ title: drawText(pick, 3) }));
  for (let left = pick(5); left > 0; left -= 1) drawCreate(draft, "nodes");
  for (let left = pick(4); left > 0; left -= 1) drawCreate(draft, "edges");
  return draft.after;
}

function drawCreate(draft: Draft, family: "nodes" | "edges"): void {
  const id = draft.freshId(family, false);
  const element = drawElement(draft, family);
  if (id === undefined || element === null) return;
  draft[family].set(id, { type: "create", element });
  draft.after[family].set(id, element);
}

function drawReplace(draft: Draft, family: "nodes" | "edges"): void {
  const id = draft.freshId(family, true);
  const element = drawElement(draft, family);
  if (id === undefined || element === null) return;
  draft[family].set(id, { type: "replace", element });
  draft.after[family].set(id, element);
}

function drawElement(draft: Draft, family: "nodes" | "edges"): Element | null {
  const { pick } = draft;
  const data: Element = { label: drawText(pick, 3), style: { fill: drawAny(pick) } };
  const [first, second] = [draft.anyNode(), draft.anyNode()];
  if (family === "edges") {
    return first === undefined || second === undefined
      ? null
      : { source: first, target: second, data };
  }
  const parent = first === undefined || pick(2) === 0 ? {} : { parentId: first };
  return { position: { x: pick(3), y: pick(3) }, data, ...parent };
}

/** Deletes a node with its edges and makes roots of its children. */
function drawDeleteNode(draft: Draft): void {
  const id = draft.freshId("nodes", true);
  if (id === undefined) return;
  const edges = idsWhere(draft.after.edges, (e) => e.source === id || e.target === id);
  const children = idsWhere(draft.after.nodes, (n) => n.parentId === id).filter((n) => n !== id);
  const changed = (ids: string[], changes: ReadonlyMap<string, Change>) =>
    ids.some((other) => changes.has(other));
  if (changed(edges, draft.edges) || changed(children, draft.nodes)) return;
  for (const edge of edges) removeElement(draft, "edges", edge);
  for (const child of children) {
    draft.nodes.set(child, { type: "update", writes: new Map([["/parentId", { type: "unset" }]]) });
    const { parentId: _, ...rest } = draft.after.nodes.get(child) ?? {};
    draft.after.nodes.set(child, rest);
  }
  removeElement(draft, "nodes", id);
}

function idsWhere(elements: Map<string, Element>, is: (element: Element) => boolean): string[] {
  return [...elements].filter(([, element]) => is(element)).map(([id]) => id);
}

function drawDeleteEdge(draft: Draft): void {
  const id = draft.freshId("edges", true);
  if (id !== undefined) removeElement(draft, "edges", id);
}

function removeElement(draft: Draft, family: "nodes" | "edges", id: string): void {
  draft[family].set(id, { type: "delete" });
  draft.after[family].delete(id);
}

function drawUpdate(draft: Draft, family: "nodes" | "edges"): void {
  const id = draft.freshId(family, true);
  const old = id === undefined ? undefined : draft.after[family].get(id);
  if (id === undefined || old === undefined) return;
  const element = structuredClone(old);
  const writes = drawWrites(draft, element, family === "nodes" ? NODE_PLACES : EDGE_PLACES);
  if (writes.size === 0) return;
  draft[family].set(id, { type: "update", writes });
  draft.after[family].set(id, element);
}

function drawProperties(draft: Draft): void {
  if (draft.diagram !== null) return;
  const { pick } = draft;
  const element = structuredClone(propertiesOf(draft.after));
  if (pick(4) === 0) {
    const data = { label: drawText(pick, 3) };
    const whole = { title: drawText(pick, 2), description: null, kind: "k", data };
    draft.diagram = { type: "replace", element: whole };
    Object.assign(draft.after, whole);
    return;
  }
  const writes = drawWrites(draft, element, PROPERTY_PLACES);
  if (writes.size > 0) draft.diagram = { type: "update", writes };
  Object.assign(draft.after, element);
}

/** Up to three writes, none inside another; `element` is changed as they say. */
function drawWrites(draft: Draft, element: Element, places: readonly Place[]): Map<string, Write> {
  const writes = new Map<string, Write>();
  for (let left = 1 + draft.pick(3); left > 0; left -= 1) {
    const { path, keys, kind, optional } = pickOf(draft.pick, places);
    const inside = insideOf(element, keys);
    if (inside === null || [...writes.keys()].some((other) => overlap(other, path))) continue;
    const key = keys.at(-1) ?? "";
    const old = Object.hasOwn(inside, key) ? inside[key] : undefined;
    const drawn = drawWrite(draft, old, kind, optional);
    if (drawn === null) continue;
    writes.set(path, drawn.write);
    delete inside[key];
    if (drawn.value !== undefined) define(inside, key, drawn.value);
  }
  return writes;
}

function insideOf(element: Element, keys: readonly string[]): Element | null {
  let inside = element;
  for (const key of keys.slice(0, -1)) {
    const deeper = Object.hasOwn(inside, key) ? inside[key] : undefined;
    if (!isObject(deeper)) return null;
    inside = deeper;
  }
  return inside;
}

function overlap(x: string, y: string): boolean {
  return x === y || x.startsWith(`${y}/`) || y.startsWith(`${x}/`);
}

function define(object: Element, key: string, value: Json): void {
  Object.defineProperty(object, key, {
    value: structuredClone(value),
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function drawWrite(
  draft: Draft,
  old: Json | undefined,
  kind: Kind,
  optional: boolean,
): { write: Write; value: Json | undefined } | null {
  const { pick } = draft;
  if (typeof old === "string" && kind !== "node" && pick(4) !== 0) {
    const { edit, after } = drawEdit(pick, old);
    return { write: { type: "text", edit }, value: after };
  }
  if (optional && pick(3) === 0) return { write: { type: "unset" }, value: undefined };
  const value = drawValue(draft, kind);
  return value === undefined ? null : { write: { type: "set", value }, value };
}

function drawValue(draft: Draft, kind: Kind): Json | undefined {
  const { pick } = draft;
  switch (kind) {
    case "any":
      return drawAny(pick);
    case "text":
      return drawText(pick, 3);
    case "text or null":
      return pick(2) === 0 ? null : drawText(pick, 3);
    case "object":
      return { label: drawText(pick, 2), style: {} };
    case "node":
      return draft.anyNode();
    case "position":
      return { x: pick(3), y: pick(3) };
    case "number":
      return pick(3);
  }
}

function drawAny(pick: Pick): Json {
  const values: Json[] = [0, true, null, [1, [2]], {}, { fill: "red", deep: { er: 1 } }];
  const drawn = pick(values.length + 4);
  return values[drawn] ?? drawText(pick, 4);
}
