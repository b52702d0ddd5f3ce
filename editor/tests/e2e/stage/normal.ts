/** One normal form of a diagram, whoever tells it: equal diagrams are equal strings. */

type Fields = Record<string, unknown>;

/** What is compared: the revision beside the diagram's normal form. */
export interface Told {
  readonly revision: number;
  readonly diagram: string;
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is no object: ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}

/** From the answer of `GET /api/diagrams/ID`. */
export function toldByServer(answer: unknown): Told {
  const row = fieldsOf(fieldsOf(answer, "the answer").data, "the row");
  const { nodes, edges, ...data } = fieldsOf(row.content, "the content");
  const diagram = { ...row, data, nodes: byId(nodes), edges: byId(edges) };
  return { revision: Number(row.revision), diagram: normalForm(diagram) };
}

/** From a line of the journal's replay. */
export function toldByJournal(line: unknown): Told {
  const { revision, diagram } = fieldsOf(line, "the replay");
  const { nodes, edges, ...rest } = fieldsOf(diagram, "the diagram");
  const entries = { nodes: Object.entries(nodes ?? {}), edges: Object.entries(edges ?? {}) };
  return { revision: Number(revision), diagram: normalForm({ ...rest, ...entries }) };
}

/** From a page's view, its Maps written as lists of entries. */
export function toldByPage(view: Fields): Told {
  const diagram = fieldsOf(view.diagram, "the diagram shown");
  return { revision: Number(view.revision), diagram: normalForm(diagram) };
}

function byId(elements: unknown): [string, Fields][] {
  if (!Array.isArray(elements)) throw new Error("Nodes and edges are lists");
  return elements.map((element) => {
    const { id, ...rest } = fieldsOf(element, "an element");
    return [String(id), rest];
  });
}

function normalForm(diagram: Fields): string {
  const { title, description, kind, data } = diagram;
  const nodes = sorted(diagram.nodes);
  const edges = sorted(diagram.edges);
  return JSON.stringify({ title, description, kind, data, nodes, edges }, withSortedKeys, 1);
}

function sorted(entries: unknown): unknown[] {
  if (!Array.isArray(entries)) throw new Error("Elements are lists of entries");
  return entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
