import type { Diagram } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { keyCommand, mcpAddress, snippets } from "../../../src/app/agents.ts";
import { readPage } from "../../../src/app/api/diagrams.ts";
import { sessionFrom } from "../../../src/app/api/session.ts";
import { meaningOf } from "../../../src/app/editor/keys.ts";
import { lineNumbers } from "../../../src/app/editor/mermaid/MermaidText.tsx";
import { fold } from "../../../src/app/editor/notices/fold.ts";
import { present, sameSelection } from "../../../src/app/editor/selection.ts";
import { wouldLose } from "../../../src/app/editor/useLeaveWarning.ts";
import { fileName, localRow } from "../../../src/app/exporting.ts";
import { resolveTheme, themeFrom } from "../../../src/app/theme.ts";
import { nextIndex } from "../../../src/app/ui/Tabs.tsx";

const DIAGRAM: Diagram = {
  title: "Orders",
  description: null,
  kind: "flowchart",
  data: { viewport: { x: 0, y: 0, zoom: 1 } },
  nodes: new Map([
    ["child", { parentId: "group", position: { x: 1, y: 1 } }],
    ["group", { type: "group", position: { x: 0, y: 0 } }],
  ]),
  edges: new Map([["e", { source: "child", target: "group" }]]),
};

describe("exports", () => {
  test("a row that the import takes, parents first", () => {
    expect(localRow("d", DIAGRAM)).toEqual({
      id: "d",
      title: "Orders",
      description: null,
      format: "reactflow",
      kind: "flowchart",
      content: {
        nodes: [
          { id: "group", type: "group", position: { x: 0, y: 0 } },
          { id: "child", parentId: "group", position: { x: 1, y: 1 } },
        ],
        edges: [{ id: "e", source: "child", target: "group" }],
        viewport: { x: 0, y: 0, zoom: 1 },
      },
    });
  });

  test("a Mermaid text", () => {
    const text = { ...DIAGRAM, kind: "mermaid", data: { text: "flowchart TD" } };
    expect(localRow("d", text)).toMatchObject({ format: "mermaid", content: "flowchart TD" });
  });

  test("a circle of parents ends", () => {
    const nodes = new Map([
      ["a", { parentId: "b" }],
      ["b", { parentId: "a" }],
    ]);
    expect(localRow("d", { ...DIAGRAM, nodes }).content).toMatchObject({
      nodes: [{ id: "b" }, { id: "a" }],
    });
  });

  test("names of files", () => {
    expect(fileName("Order flow / v2", "json")).toBe("order-flow-v2.json");
    expect(fileName("../../etc", "json")).toBe("etc.json");
    expect(fileName("…", "json")).toBe("diagram.json");
    expect(fileName("Übersicht", "json")).toBe("übersicht.json");
    expect(fileName("Orders", "mermaid")).toBe("orders.mmd");
    expect(fileName("Orders", "png")).toBe("orders.png");
  });
});

describe("snippets for agents", () => {
  const server = { baseUrl: "http://127.0.0.1:8080", command: ".venv/bin/diagramai" };

  test("the key's command and the address", () => {
    expect(keyCommand(server)).toBe(".venv/bin/diagramai agents create my-agent");
    expect(mcpAddress(server)).toBe("http://127.0.0.1:8080/mcp");
  });

  test("every client, each file as valid JSON", () => {
    const all = snippets(server);
    expect(all.map(({ client }) => client)).toEqual([
      "Claude Code",
      "Cursor",
      "VS Code",
      "Claude Desktop",
    ]);
    expect(all[0]?.text).toBe(
      'claude mcp add --transport http diagramai http://127.0.0.1:8080/mcp --header "Authorization: Bearer KEY"',
    );
    for (const { text } of all.slice(1)) expect(() => JSON.parse(text)).not.toThrow();
  });

  test("with a key that was just made nothing is left to fill in", () => {
    for (const { text } of snippets(server, "dai_1_secret")) {
      expect(text).toContain("dai_1_secret");
      expect(text.replaceAll("DIAGRAMAI_KEY", "")).not.toContain("KEY");
    }
  });

  test("Claude Desktop needs a whole path", () => {
    const desktop = (command: string): string =>
      snippets({ ...server, command }).at(-1)?.text ?? "";
    expect(desktop(".venv/bin/diagramai")).toContain("/path/to/diagramai/.venv/bin/diagramai");
    expect(desktop("/opt/bin/diagramai")).toContain('"/opt/bin/diagramai"');
  });
});

describe("answers of the API", () => {
  const row = {
    id: "a",
    uuid: "b",
    title: "Orders",
    description: null,
    format: "mermaid",
    kind: "flowchart",
    nodeCount: 1,
    edgeCount: 0,
    updatedAt: "2026-05-12T10:00:00Z",
    createdByAgent: false,
    lastAgentEdit: null,
    agentEditCount: 0,
    agentAccessible: true,
    somethingNew: 1,
  };
  const pagination = { total: 1, limit: 24, offset: 0, page: 1, pages: 1 };

  test("a page of the list", () => {
    const page = readPage([row], pagination);
    expect(page).toMatchObject({ total: 1, page: 1, pages: 1 });
    expect(page.entries[0]).toMatchObject({ kind: "mermaid", openToAgents: true });
    expect(page.entries[0]?.updatedAt).toBe(Date.UTC(2026, 4, 12, 10));
  });

  test("what is no answer of ours is refused", () => {
    expect(() => readPage([{ ...row, updatedAt: "soon" }], pagination)).toThrow(/understood/u);
    expect(() => readPage([{ ...row, title: 3 }], pagination)).toThrow(/understood/u);
    expect(() => readPage({}, pagination)).toThrow(/understood/u);
    expect(() => sessionFrom({ participant: { kind: "god", id: "x", name: "x" } })).toThrow();
  });

  test("who is signed in", () => {
    const participant = { kind: "user", id: "local", name: "ada" };
    const data = { participant, baseUrl: "https://a.example", command: "d", version: "1" };
    expect(sessionFrom(data)).toEqual({
      participant,
      baseUrl: "https://a.example",
      command: "d",
      version: "1",
      isAdmin: false,
    });
    expect(sessionFrom({ ...data, isAdmin: true }).isAdmin).toBe(true);
  });
});

describe("small decisions", () => {
  test("keys of undo", () => {
    const key = (name: string, more = {}) =>
      meaningOf({
        key: name,
        ctrlKey: true,
        metaKey: false,
        shiftKey: false,
        altKey: false,
        ...more,
      });
    expect(key("z")).toBe("undo");
    expect(key("Z", { shiftKey: true })).toBe("redo");
    expect(key("y")).toBe("redo");
    expect(key("z", { ctrlKey: false })).toBeNull();
    expect(key("z", { ctrlKey: false, metaKey: true })).toBe("undo");
    expect(key("z", { altKey: true })).toBeNull();
  });

  test("notices fold beyond three", () => {
    expect(fold([1, 2, 3], false)).toEqual({ shown: [1, 2, 3], folded: 0 });
    expect(fold([1, 2, 3, 4, 5, 6, 7, 8], false)).toEqual({ shown: [6, 7, 8], folded: 5 });
    expect(fold([1, 2, 3, 4], true)).toEqual({ shown: [1, 2, 3, 4], folded: 0 });
  });

  test("closing warns only where something would be lost", () => {
    const view = { saving: true, unsentCount: 1, stored: false };
    expect(wouldLose(view)).toBe(true);
    expect(wouldLose({ ...view, stored: true })).toBe(false);
    expect(wouldLose({ ...view, saving: false, unsentCount: 0 })).toBe(false);
  });

  test("themes", () => {
    expect(themeFrom("dark")).toBe("dark");
    expect(themeFrom("purple")).toBe("system");
    expect(resolveTheme("system", true)).toBe("dark");
    expect(resolveTheme("light", true)).toBe("light");
  });

  test("arrows in tabs go round", () => {
    expect(nextIndex("ArrowRight", 2, 3)).toBe(0);
    expect(nextIndex("ArrowLeft", 0, 3)).toBe(2);
    expect(nextIndex("End", 0, 3)).toBe(2);
    expect(nextIndex("a", 0, 3)).toBe(-1);
  });

  test("lines of a text", () => {
    expect(lineNumbers("")).toBe("1");
    expect(lineNumbers("a\nb\n")).toBe("1\n2\n3");
  });

  test("a selection forgets what is gone, and stays itself where nothing is", () => {
    const all = { nodes: ["child", "group"], edges: ["e"] };
    expect(present(DIAGRAM, all)).toBe(all);
    expect(present(DIAGRAM, { nodes: ["child", "gone"], edges: ["x"] })).toEqual({
      nodes: ["child"],
      edges: [],
    });
    expect(sameSelection(all, { nodes: ["child", "group"], edges: [] })).toBe(false);
  });
});
