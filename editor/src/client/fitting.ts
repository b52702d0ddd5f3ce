/** Putting an operation on a diagram for which it was not made: as much of it as still fits. */
import {
  applyInPlace,
  type Change,
  type Changes,
  compose,
  copyDiagram,
  type Diagram,
  isEmpty,
  NOTHING,
  type Operation,
  OperationError,
} from "../ot/index.ts";

export interface Fitted {
  /** What fits, valid on the diagram; empty where nothing does. */
  readonly fits: Operation;
  /** What does not; empty where everything fits. */
  readonly lost: Operation;
}

/** As much of `a` as is valid on `S`, which stays as it is. */
export function fitOne(S: Diagram, a: Operation): Fitted {
  const T = copyDiagram(S);
  if (tryApply(T, a)) return { fits: a, lost: NOTHING };
  let fits = NOTHING;
  let lost = NOTHING;
  for (const part of inOrder(a)) {
    if (tryApply(T, part)) fits = compose(fits, part);
    else lost = union(lost, part);
  }
  return { fits, lost };
}

/** As `fitOne`, of operations that follow each other. */
export function fitAll(S: Diagram, operations: readonly Operation[]): Fitted {
  const T = copyDiagram(S);
  let fits = NOTHING;
  let lost = NOTHING;
  for (const a of operations) {
    const fitted = fitOne(T, a);
    if (!isEmpty(fitted.fits)) applyInPlace(T, fitted.fits);
    fits = compose(fits, fitted.fits);
    lost = union(lost, fitted.lost);
  }
  return { fits, lost };
}

function tryApply(T: Diagram, a: Operation): boolean {
  try {
    applyInPlace(T, a);
    return true;
  } catch (error) {
    if (error instanceof OperationError) return false;
    throw error;
  }
}

/** One operation for each change, so that what is pointed at is there when it is pointed at. */
function* inOrder(a: Operation): Generator<Operation, void> {
  const nodes = [...a.nodes].map(([id, change]) => ({ of: change, part: nodePart(id, change) }));
  const edges = [...a.edges].map(([id, change]) => ({ of: change, part: edgePart(id, change) }));
  if (a.diagram !== null) yield { ...NOTHING, diagram: a.diagram };
  for (const { of, part } of edges) if (of.type === "delete") yield part;
  for (const { of, part } of nodes) if (of.type === "create" && isRoot(of)) yield part;
  for (const { of, part } of nodes) if (of.type === "create" && !isRoot(of)) yield part;
  for (const { of, part } of nodes) if (of.type !== "create" && of.type !== "delete") yield part;
  for (const { of, part } of edges) if (of.type !== "delete") yield part;
  for (const { of, part } of nodes) if (of.type === "delete") yield part;
}

function isRoot(change: Change): boolean {
  return change.type === "create" && typeof change.element.parentId !== "string";
}

function nodePart(id: string, change: Change): Operation {
  return { ...NOTHING, nodes: new Map([[id, change]]) };
}

function edgePart(id: string, change: Change): Operation {
  return { ...NOTHING, edges: new Map([[id, change]]) };
}

/** Both side by side, for showing; of one target the later change stays. */
function union(a: Operation, b: Operation): Operation {
  const both = (x: Changes, y: Changes) => new Map([...x, ...y]);
  return {
    diagram: b.diagram ?? a.diagram,
    nodes: both(a.nodes, b.nodes),
    edges: both(a.edges, b.edges),
  };
}
