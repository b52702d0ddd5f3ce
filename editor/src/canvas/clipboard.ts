/** Copying and pasting: elements as React Flow's JSON, `{nodes: [...], edges: [...]}`. */
import {
  type Change,
  codePointLength,
  type Diagram,
  type Element,
  isObject,
  type Json,
  type JsonObject,
  NOTHING,
  newId,
  type Operation,
  RESERVED_ELEMENT_KEYS,
  valueAt,
} from "@diagramai/client";
import { positionOf, stringAt } from "./fields.ts";
import type { Rect } from "./floating.ts";
import { absolutePosition, paintOrder } from "./order.ts";
import type { Point } from "./shapes.ts";
import { nodeSize } from "./sizes.ts";

/** Nodes and edges of one clipboard: as many as a diagram holds. */
export const MAX_PASTED = 20_000;
/** Characters of a clipboard that are looked at. */
export const MAX_CLIPBOARD_CHARS = 16_000_000;
/** Characters of a pasted text that becomes a label. */
export const MAX_PASTED_LABEL = 2_000;

/** Elements by their old ids. */
export interface Clip {
  readonly nodes: ReadonlyMap<string, Element>;
  readonly edges: ReadonlyMap<string, Element>;
}

/** A clip from elsewhere. */
export interface ReadClip extends Clip {
  /** Entries that are no elements, and edges of which a node is missing. */
  readonly leftOut: number;
}

/** What is in a clipboard for the canvas; `nothing` says why, in a sentence. */
export type Paste =
  | { readonly what: "elements"; readonly clip: ReadClip }
  | { readonly what: "label"; readonly label: string }
  | { readonly what: "nothing"; readonly why: string };

/**
 * The selected nodes with all edges between them. A node whose parent is not among them becomes a
 * root where it stands on the plane.
 */
export function clipOf(diagram: Diagram, nodeIds: ReadonlySet<string>): Clip {
  const nodes = new Map<string, Element>();
  for (const id of nodeIds) {
    const element = diagram.nodes.get(id);
    if (element === undefined) continue;
    const parent = stringAt(element, "parentId");
    const keeps = parent === undefined || nodeIds.has(parent);
    nodes.set(id, keeps ? element : rootAt(element, absolutePosition(diagram.nodes, id)));
  }
  const edges = [...diagram.edges].filter(([, edge]) => joins(edge, nodes));
  return { nodes, edges: new Map(edges) };
}

function rootAt(element: Element, { x, y }: Point): Element {
  const { parentId: _parent, extent: _extent, ...rest } = element;
  return { ...rest, position: { x, y } };
}

function joins(edge: Element, nodes: ReadonlyMap<string, Element>): boolean {
  return nodes.has(stringAt(edge, "source") ?? "") && nodes.has(stringAt(edge, "target") ?? "");
}

/** The clip as text for the system's clipboard. */
export function writeClip(clip: Clip): string {
  const list = (elements: ReadonlyMap<string, Element>) =>
    [...elements].map(([id, element]) => ({ ...element, id }));
  return JSON.stringify({ nodes: list(clip.nodes), edges: list(clip.edges) });
}

/** Elements as such, any other text as the label of a new node. Nothing is cut: too much is refused. */
export function readPaste(text: string): Paste {
  if (text.length > MAX_CLIPBOARD_CHARS) return nothing("What you copied is too large.");
  const clip = readClip(text);
  if (clip === null) return readLabel(text.trim());
  const count = clip.nodes.size + clip.edges.size;
  if (count <= MAX_PASTED) return { what: "elements", clip };
  return nothing(
    `You copied ${spelled(count)} nodes and edges; a diagram holds ${spelled(MAX_PASTED)}.`,
  );
}

function readLabel(text: string): Paste {
  const length = codePointLength(text);
  if (length <= MAX_PASTED_LABEL) return { what: "label", label: text };
  return nothing(
    `You copied ${spelled(length)} characters; a pasted label takes ${spelled(MAX_PASTED_LABEL)}.`,
  );
}

function nothing(why: string): Paste {
  return { what: "nothing", why: `${why} Nothing was pasted.` };
}

function spelled(count: number): string {
  return count.toLocaleString("en");
}

/** The clip in a text; `null` where it holds none. Edges without their two nodes are left out. */
export function readClip(text: string): ReadClip | null {
  if (text.length > MAX_CLIPBOARD_CHARS || !/^\s*\{/.test(text)) return null;
  const parsed = parse(text);
  if (parsed === null) return null;
  const content = valueAt(parsed, "content");
  const holder = isObject(content) ? content : parsed;
  const [nodeList, edgeList] = [listAt(holder, "nodes"), listAt(holder, "edges")];
  const nodes = elementsIn(nodeList, "node");
  if (nodes.size === 0) return null;
  const edges = [...elementsIn(edgeList, "edge")].filter(([, e]) => joins(e, nodes));
  const leftOut = nodeList.length + edgeList.length - nodes.size - edges.length;
  return { nodes, edges: new Map(edges), leftOut };
}

function parse(text: string): JsonObject | null {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function listAt(holder: JsonObject, key: string): readonly Json[] {
  const list = valueAt(holder, key);
  return Array.isArray(list) ? list : [];
}

function elementsIn(list: readonly Json[], name: string): Map<string, Element> {
  const elements = new Map<string, Element>();
  for (const item of list) {
    if (!isObject(item)) continue;
    const id = valueAt(item, "id");
    const known = typeof id === "string" || typeof id === "number" ? String(id) : "";
    // Repeated or missing ids: the element is taken, only nothing can refer to it.
    const key = known === "" || elements.has(known) ? `${name} ${elements.size}` : known;
    elements.set(key, withoutReserved(item));
  }
  return elements;
}

/** The element without what one browser happens to be doing, and without its id; it names others by texts. */
function withoutReserved(item: JsonObject): Element {
  const entries = Object.entries(item).filter(([key]) => !RESERVED_ELEMENT_KEYS.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, REFERENCES.has(key) ? asId(value) : value]),
  );
}

const REFERENCES: ReadonlySet<string> = new Set(["parentId", "source", "target"]);

function asId(value: Json): Json {
  return typeof value === "number" ? String(value) : value;
}

/** The box around the clip's roots, in flow units. */
export function extentOf(clip: Clip): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const element of clip.nodes.values()) {
    if (clip.nodes.has(stringAt(element, "parentId") ?? "")) continue;
    const { x, y } = positionOf(element);
    const { width, height } = nodeSize(element);
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  }
  return left === Infinity
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: left, y: top, width: right - left, height: bottom - top };
}

/** What was pasted: one operation, and the new ids. */
export interface Pasted {
  readonly operation: Operation;
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

/** Creates the clip's elements under new ids, its roots moved by `shift` flow units. */
export function pasteOperation(clip: Clip, shift: Point): Pasted {
  // In the order of painting, so that what lay on top does so again.
  const ids = new Map(paintOrder(clip.nodes).ids.map((id) => [id, newId("node")]));
  const nodes = new Map<string, Change>();
  for (const [id, fresh] of ids) {
    const element = clip.nodes.get(id);
    if (element !== undefined) {
      nodes.set(fresh, { type: "create", element: renewedNode(element, ids, shift) });
    }
  }
  const edges = new Map<string, Change>();
  for (const edge of clip.edges.values()) {
    edges.set(newId("edge"), { type: "create", element: renewedEdge(edge, ids) });
  }
  const operation = { ...NOTHING, nodes, edges };
  return { operation, nodes: [...nodes.keys()], edges: [...edges.keys()] };
}

function renewedNode(element: Element, ids: ReadonlyMap<string, string>, shift: Point): Element {
  const { x, y } = positionOf(element);
  const { parentId, ...rest } = element;
  const parent = typeof parentId === "string" ? ids.get(parentId) : undefined;
  if (parent !== undefined) return { ...rest, parentId: parent, position: { x, y } };
  return { ...rest, position: { x: Math.round(x + shift.x), y: Math.round(y + shift.y) } };
}

function renewedEdge(edge: Element, ids: ReadonlyMap<string, string>): Element {
  const end = (key: string) => ids.get(stringAt(edge, key) ?? "") ?? "";
  return { ...edge, source: end("source"), target: end("target") };
}
