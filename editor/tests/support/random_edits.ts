/** Edits that follow from a seed: what a busy person or agent does to whatever diagram there is. */
import {
  codePointLength,
  createEdge,
  createNode,
  deleteElements,
  type LiveDiagram,
  moveNodes,
  type TextComponent,
  updateNode,
} from "@diagramai/client";

export class Busy {
  edits = 0;
  readonly #random: () => number;
  readonly #name: string;

  /** `name` makes the ids and words of this one its own. */
  constructor(name: string, random: () => number) {
    this.#name = name;
    this.#random = random;
  }

  /** One edit, or an undo, of the diagram as it is shown. */
  act(live: LiveDiagram): void {
    const { diagram } = live.getSnapshot();
    const nodes = [...diagram.nodes.keys()].sort();
    const edges = [...diagram.edges.keys()].sort();
    const [id, second] = [this.#pick(nodes), this.#pick(nodes)];
    const dice = this.#below(100);
    this.edits += 1;
    const fresh = `${this.#name}-${this.edits}`;
    if (id === undefined || second === undefined || dice < 20) {
      const position = { x: this.#below(500), y: this.#below(500) };
      live.edit(createNode(fresh, { type: "process", position, data: { label: this.#name } }));
    } else if (dice < 40) {
      live.edit(moveNodes(new Map([[id, { x: this.#below(500), y: this.#below(500) }]])));
    } else if (dice < 65) {
      live.edit(updateNode(id, { "/data/label": { type: "text", edit: this.#typing(live, id) } }));
    } else if (dice < 80) {
      live.edit(createEdge(fresh, { source: id, target: second }));
    } else if (dice < 86) {
      live.edit(deleteElements(diagram, [id]));
    } else if (dice < 92) {
      const edge = this.#pick(edges);
      if (edge !== undefined) live.edit(deleteElements(diagram, [], [edge]));
    } else if (dice < 96) {
      live.undo();
    } else {
      live.edit(updateNode(id, { "/parentId": { type: "set", value: second } }));
    }
  }

  #typing(live: LiveDiagram, id: string): TextComponent[] {
    const data = live.getSnapshot().diagram.nodes.get(id)?.data;
    const isLabelled = typeof data === "object" && data !== null && "label" in data;
    const length = isLabelled ? codePointLength(String(data.label)) : 0;
    const at = this.#below(length + 1);
    const deleted = Math.min(this.#below(3), length - at);
    const edit: TextComponent[] = at > 0 ? [at] : [];
    if (deleted > 0) edit.push({ d: deleted });
    return [...edit, `${this.#name}\u{1F600}`];
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #pick<T>(values: readonly T[]): T | undefined {
    return values[this.#below(values.length)];
  }
}
