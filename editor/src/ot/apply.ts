/** Applying an operation: all of it at once, or nothing and an error that says why. */
import { copyDiagram, type Diagram, type Element, type Json, propertiesOf } from "./diagram.ts";
import { changeElement, writeElement } from "./elements.ts";
import { OperationError } from "./errors.ts";
import type { Change, Changes, Operation, PropertiesChange } from "./operation.ts";
import { type Properties, toProperties } from "./properties.ts";
import {
  addReferences,
  edgeReferences,
  hasReferenceCounts,
  nodeReferences,
  type ReferenceCounts,
  type References,
  referenceCounts,
} from "./references.ts";

/** What elements become, by id; `null` where they go. */
type Staged = ReadonlyMap<string, Element | null>;

/**
 * The diagram after `a`, and the log form of `a`. `S` stays as it is.
 *
 * Throws OperationError where `a` is not valid on `S`.
 */
export function apply(S: Diagram, a: Operation): { diagram: Diagram; logged: Operation } {
  const diagram = copyDiagram(S);
  return { diagram, logged: applyInPlace(diagram, a) };
}

/**
 * Changes `S` by `a` and returns the log form; on OperationError `S` is unchanged. The Maps of `S`
 * are changed, elements are replaced.
 *
 * Costs time by the size of `a`, not of `S`.
 */
export function applyInPlace(S: Diagram, a: Operation): Operation {
  const nodes = stage(S.nodes, a.nodes, "nodes");
  const edges = stage(S.edges, a.edges, "edges");
  const properties = a.diagram === null ? null : stageProperties(S, a.diagram);
  checkReferences(S, nodes.staged, edges.staged);
  trackReferences(S, nodes.staged, edges.staged);
  store(S.nodes, nodes.staged);
  store(S.edges, edges.staged);
  if (properties !== null) Object.assign(S, properties.staged);
  return { diagram: properties?.logged ?? null, nodes: nodes.logged, edges: edges.logged };
}

function store(elements: Map<string, Element>, staged: Staged): void {
  for (const [id, element] of staged) {
    if (element === null) elements.delete(id);
    else elements.set(id, element);
  }
}

function stage(
  elements: ReadonlyMap<string, Element>,
  changes: Changes,
  family: "nodes" | "edges",
): { staged: Staged; logged: Changes } {
  const staged = new Map<string, Element | null>();
  const logged = new Map<string, Change>();
  for (const [id, change] of changes) {
    try {
      const changed = changeElement(elements.get(id), change);
      staged.set(id, changed.element);
      logged.set(id, changed.logged);
    } catch (error) {
      throw error instanceof OperationError ? error.within(`${family}/${id}`) : error;
    }
  }
  return { staged, logged };
}

function stageProperties(
  S: Diagram,
  change: PropertiesChange,
): { staged: Properties; logged: PropertiesChange } {
  try {
    const { element, logged } = changeProperties(propertiesOf(S), change);
    return { staged: toProperties(element), logged };
  } catch (error) {
    throw error instanceof OperationError ? error.within("diagram") : error;
  }
}

function changeProperties(
  old: Element,
  change: PropertiesChange,
): { element: Element; logged: PropertiesChange } {
  if (change.type === "update") return writeElement(old, change.writes);
  const { element } = change;
  return { element, logged: { type: "replace", element, was: old } };
}

/** The result must have no edge without its ends and no node without its parent. */
function checkReferences(S: Diagram, nodes: Staged, edges: Staged): void {
  const exists = (node: Json | undefined): boolean => {
    if (typeof node !== "string") return false;
    const staged = nodes.get(node);
    return staged === undefined ? S.nodes.has(node) : staged !== null;
  };
  for (const [id, edge] of edges) {
    if (edgeReferences(edge).every(exists)) continue;
    const message = "The edge's source and target must be ids of nodes of this diagram.";
    throw new OperationError("missing_endpoint", message, `edges/${id}`);
  }
  for (const [id, node] of nodes) {
    if (nodeReferences(node).every(exists)) continue;
    const message = "The node's parentId must be the id of a node of this diagram.";
    throw new OperationError("missing_parent", message, `nodes/${id}/parentId`);
  }
}

/** Refuses to delete a node that is still pointed at; keeps the counts up to date. */
function trackReferences(S: Diagram, nodes: Staged, edges: Staged): void {
  const deleted: string[] = [];
  for (const [id, node] of nodes) if (node === null) deleted.push(id);
  if (deleted.length === 0 && !hasReferenceCounts(S)) return;
  const counts = referenceCounts(S);
  const delta: ReferenceCounts = new Map();
  countChanges(delta, S.edges, edges, edgeReferences);
  countChanges(delta, S.nodes, nodes, nodeReferences);
  for (const id of deleted) refuseIfReferenced(id, (counts.get(id) ?? 0) + (delta.get(id) ?? 0));
  for (const [id, change] of delta) {
    if (change !== 0) counts.set(id, (counts.get(id) ?? 0) + change);
  }
  for (const id of deleted) counts.delete(id);
}

function refuseIfReferenced(id: string, count: number): void {
  if (count <= 0) return;
  const message =
    "Edges or child nodes still point at this node: delete its edges and unparent or delete its " +
    "children in the same operation.";
  throw new OperationError("still_referenced", message, `nodes/${id}`);
}

function countChanges(
  delta: ReferenceCounts,
  elements: ReadonlyMap<string, Element>,
  staged: Staged,
  references: (element: Element | null | undefined) => References,
): void {
  for (const [id, element] of staged) {
    const before = references(elements.get(id));
    const after = references(element);
    if (before.length === after.length && before.every((node, i) => node === after[i])) continue;
    addReferences(delta, before, -1);
    addReferences(delta, after, 1);
  }
}
