/** Makes the immutable view: Maps are copied only when what is in them has changed. */
import { type Client, type Diagram, newDiagram, type Operation } from "../ot/index.ts";
import type { Standing } from "./standing.ts";
import type { Surroundings } from "./surroundings.ts";
import type { DiagramView } from "./types.ts";
import type { UndoStacks } from "./undo.ts";

const NOTHING_YET = newDiagram();

/** What a view is made of. */
export interface Parts {
  readonly client: Client | null;
  readonly stacks: UndoStacks | undefined;
  readonly standing: Standing;
  readonly around: Surroundings;
  readonly picture: Picture;
  readonly isStored: boolean;
}

export function viewOf({
  client,
  stacks,
  standing,
  around,
  picture,
  isStored,
}: Parts): DiagramView {
  const readOnly = standing.isReadOnly(client);
  const sent = client?.sent ?? null;
  return {
    status: standing.status,
    diagram: client === null ? NOTHING_YET : picture.of(client.diagram),
    revision: client?.revision ?? 0,
    saving: sent !== null,
    recovering: standing.recovering > 0,
    recovered: standing.recovered,
    stored: isStored,
    unsentCount: countTargets([sent, client?.buffer ?? null]),
    readOnly,
    canUndo: !readOnly && (stacks?.canUndo ?? false),
    canRedo: !readOnly && (stacks?.canRedo ?? false),
    peers: around.peers.list,
    conflicts: around.conflictsOn(client?.diagram ?? NOTHING_YET),
    activity: around.activity,
    problem: standing.problem,
  };
}

/** A picture of a diagram that is changed in place. */
export class Picture {
  #shown: Diagram = newDiagram();
  #isStale = { properties: true, nodes: true, edges: true };

  /** The diagram was changed by `a`. */
  touch(a: Operation): void {
    if (a.diagram !== null) this.#isStale.properties = true;
    if (a.nodes.size > 0) this.#isStale.nodes = true;
    if (a.edges.size > 0) this.#isStale.edges = true;
  }

  /** Another diagram is to be shown. */
  forget(): void {
    this.#isStale = { properties: true, nodes: true, edges: true };
  }

  /** The same object as long as nothing was touched. */
  of(S: Diagram): Diagram {
    const { properties, nodes, edges } = this.#isStale;
    if (!properties && !nodes && !edges) return this.#shown;
    this.#isStale = { properties: false, nodes: false, edges: false };
    this.#shown = {
      ...(properties ? S : this.#shown),
      nodes: nodes ? new Map(S.nodes) : this.#shown.nodes,
      edges: edges ? new Map(S.edges) : this.#shown.edges,
    };
    return this.#shown;
  }
}

/** Elements, and the diagram itself, that the operations touch. */
export function countTargets(operations: readonly (Operation | null)[]): number {
  const nodes = new Set<string>();
  const edges = new Set<string>();
  let properties = 0;
  for (const a of operations) {
    if (a === null) continue;
    if (a.diagram !== null) properties = 1;
    for (const id of a.nodes.keys()) nodes.add(id);
    for (const id of a.edges.keys()) edges.add(id);
  }
  return nodes.size + edges.size + properties;
}
