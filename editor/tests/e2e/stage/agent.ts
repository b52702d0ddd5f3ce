/** A real agent: the official MCP client, over HTTP. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

type Fields = Record<string, unknown>;

export class Agent {
  readonly name: string;
  readonly #client: Client;

  private constructor(name: string, client: Client) {
    this.name = name;
    this.#client = client;
  }

  static async connect(baseUrl: string, name: string, key: string): Promise<Agent> {
    const client = new Client({ name, version: "1.0.0" });
    const requestInit = { headers: { Authorization: `Bearer ${key}` } };
    await client.connect(
      new StreamableHTTPClientTransport(new URL("/mcp", baseUrl), { requestInit }),
    );
    return new Agent(name, client);
  }

  /** The structured answer of a tool call that succeeds. */
  async call(tool: string, fields: Fields): Promise<Fields> {
    const result = await this.#client.callTool({ name: tool, arguments: fields });
    if (result.isError) throw new Error(`${tool}: ${JSON.stringify(result.content)}`);
    const answer = result.structuredContent;
    if (typeof answer !== "object" || answer === null) throw new Error(`${tool} answered nothing`);
    return { ...answer };
  }

  /** The revision the agent sees now, to base later edits on. */
  async read(diagramId: string): Promise<number> {
    const answer = await this.call("read_diagram", { diagram_id: diagramId, format: "reactflow" });
    return Number(answer.revision);
  }

  async updateNode(
    diagramId: string,
    nodeId: string,
    updates: Fields,
    base?: number,
  ): Promise<Fields> {
    return await this.call("update_node", {
      diagram_id: diagramId,
      node_id: nodeId,
      updates,
      ...(base === undefined ? {} : { base_revision: base }),
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
