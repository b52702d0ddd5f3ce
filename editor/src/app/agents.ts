/** How each kind of agent is told of this server, ready to be copied. */

export interface Snippet {
  readonly client: string;
  /** Where it belongs: a file, or the terminal. */
  readonly where: string;
  readonly text: string;
}

export interface ServerFacts {
  readonly baseUrl: string;
  readonly command: string;
}

/** Stands in every snippet where the key belongs. */
export const KEY_PLACE = "KEY";

export function keyCommand({ command }: ServerFacts): string {
  return `${command} agents create my-agent`;
}

export function mcpAddress({ baseUrl }: ServerFacts): string {
  return `${baseUrl}/mcp`;
}

/** For programs that take an address and nothing else. */
export function openAddress({ baseUrl }: ServerFacts): string {
  return `${baseUrl}/oauth/mcp`;
}

/** What a person let in by that address, with the way to end it: a page without scripts. */
export const CONNECTIONS_PATH = "/oauth/connections";

/** `key` stands in them where it is known. */
export function snippets(server: ServerFacts, key = KEY_PLACE): readonly Snippet[] {
  return [
    claudeCode(server, key),
    cursor(server, key),
    vsCode(server, key),
    claudeDesktop(server, key),
  ];
}

function claudeCode(server: ServerFacts, key: string): Snippet {
  const text = `claude mcp add --transport http diagramai ${mcpAddress(server)} --header "Authorization: Bearer ${key}"`;
  return { client: "Claude Code", where: "In a terminal:", text };
}

function cursor(server: ServerFacts, key: string): Snippet {
  const entry = { url: mcpAddress(server), headers: headers(key) };
  return {
    client: "Cursor",
    where: "In .cursor/mcp.json:",
    text: json({ mcpServers: { diagramai: entry } }),
  };
}

function vsCode(server: ServerFacts, key: string): Snippet {
  const entry = { type: "http", url: mcpAddress(server), headers: headers(key) };
  return {
    client: "VS Code",
    where: "In .vscode/mcp.json:",
    text: json({ servers: { diagramai: entry } }),
  };
}

/** It starts programs only, and gives them no folder to start in: the command has to be a whole path. */
function claudeDesktop({ command, baseUrl }: ServerFacts, key: string): Snippet {
  const entry = {
    command: isWholePath(command) ? command : "/path/to/diagramai/.venv/bin/diagramai",
    args: ["mcp"],
    env: { DIAGRAMAI_URL: baseUrl, DIAGRAMAI_KEY: key },
  };
  return {
    client: "Claude Desktop",
    where: "In claude_desktop_config.json, with the whole path of diagramai:",
    text: json({ mcpServers: { diagramai: entry } }),
  };
}

function isWholePath(command: string): boolean {
  return command.startsWith("/") || /^[A-Za-z]:\\/.test(command);
}

function headers(key: string): { Authorization: string } {
  return { Authorization: `Bearer ${key}` };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
