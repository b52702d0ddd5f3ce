/** The HTTP API, as far as tests need it to set a scene and to look at what is stored. */
import { type Diagram, type Element, type Json, newDiagram } from "@diagramai/client";

export interface Credentials {
  cookie?: string;
  key?: string;
}

/** One server and who is asking. */
export class Api {
  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;

  constructor(baseUrl: string, { cookie, key }: Credentials) {
    this.#baseUrl = baseUrl;
    this.#headers = {
      "Content-Type": "application/json",
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    };
  }

  /** `data` of the answer. Throws where it is not a success. */
  async call(method: string, path: string, body?: Json): Promise<Record<string, Json>> {
    const answer = await fetch(this.#baseUrl + path, {
      method,
      headers: this.#headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text).data;
  }

  /** Makes a diagram; `nodes` and `edges` as React Flow has them, with ids. Returns its two ids. */
  async create(
    title: string,
    nodes: Json[] = [],
    edges: Json[] = [],
    more: Record<string, Json> = {},
  ): Promise<{ id: string; uuid: string }> {
    const made = await this.call("POST", "/api/diagrams", {
      title,
      content: { nodes, edges },
      ...more,
    });
    return { id: String(made.id), uuid: String(made.uuid) };
  }

  /** The diagram as it is stored. */
  async read(id: string): Promise<{ diagram: Diagram; revision: number }> {
    const row = await this.call("GET", `/api/diagrams/${id}`);
    const { nodes, edges } = JSON.parse(JSON.stringify(row.content));
    const description = typeof row.description === "string" ? row.description : null;
    const diagram = newDiagram({
      title: String(row.title),
      kind: String(row.kind),
      description,
      nodes: byId(nodes),
      edges: byId(edges),
    });
    return { diagram, revision: Number(row.revision) };
  }

  async delete(id: string): Promise<void> {
    await this.call("DELETE", `/api/diagrams/${id}`);
  }
}

function byId(elements: Element[]): Map<string, Element> {
  return new Map(elements.map(({ id, ...element }) => [String(id), element]));
}
