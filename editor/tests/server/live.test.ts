/** Clients from Node against the real server. */
import {
  createEdge,
  createNode,
  deleteElements,
  diagramToJson,
  moveNodes,
  newId,
  textChange,
  updateNode,
} from "@diagramai/client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CALM, openWith } from "../support/link.ts";
import { Scene } from "../support/scene.ts";
import { waitUntil } from "../support/wait.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});
afterEach(() => scene.closeClients());
afterAll(() => scene.end());

const PACK = { type: "process", position: { x: 0, y: 0 }, data: { label: "Pack" } };
const SHIP = { type: "process", position: { x: 0, y: 100 }, data: { label: "Ship" } };

describe("two clients", () => {
  test("an edit of one is seen by the other, and stored", async () => {
    const { id } = await scene.api.create("Order flow");
    const [ada, ben] = [await scene.open(id), await scene.open(id)];
    ada.edit(createNode("pack", PACK));
    expect(ada.getSnapshot()).toMatchObject({ saving: true, unsentCount: 1, canUndo: true });
    await ada.whenSaved();
    expect(ada.getSnapshot()).toMatchObject({ saving: false, unsentCount: 0 });
    await waitUntil("ben sees it", () => ben.getSnapshot().diagram.nodes.has("pack"));
    const [told] = ben.getSnapshot().activity;
    expect(told).toMatchObject({ summary: "added “Pack”", mine: true, count: 1 });
    await scene.expectAllEqual(id, [ada, ben]);
  });

  test("a client connects over connections that have served HTTP", async () => {
    const { id } = await scene.api.create("Kept alive");
    const key = await scene.server.createAgentKey("kept");
    // Node opens a WebSocket over one that is idle.
    await Promise.all(Array.from({ length: 4 }, () => scene.api.read(id)));
    let refused = 0;
    const socket = openWith(new URL("/ws/diagrams", scene.server.baseUrl), {
      Authorization: `Bearer ${key}`,
    });
    const opened = new Promise<void>((resolve) => {
      socket.onopen = () => resolve();
      socket.onerror = () => {
        refused += 1;
        resolve();
      };
    });
    await opened;
    socket.close();
    expect(refused).toBe(0);
  });

  test("by either of its ids it is the same diagram", async () => {
    const { id, uuid } = await scene.api.create("Two names");
    const connection = scene.connect();
    const byUuid = await scene.ready(connection.open(uuid));
    expect(byUuid.id).toBe(id);
    expect(connection.open(id)).toBe(byUuid);
  });

  test("elements and maps keep their identity while they are unchanged", async () => {
    const { id } = await scene.api.create("Same");
    const ada = await scene.open(id);
    ada.edit(createNode("a", PACK));
    ada.edit(createNode("b", SHIP));
    ada.edit(createEdge("e", { source: "a", target: "b" }));
    const before = ada.getSnapshot();
    expect(ada.getSnapshot()).toBe(before);
    ada.edit(moveNodes(new Map([["a", { x: 5, y: 5 }]])));
    const after = ada.getSnapshot();
    expect(after.diagram.edges).toBe(before.diagram.edges);
    expect(after.diagram.nodes).not.toBe(before.diagram.nodes);
    expect(after.diagram.nodes.get("b")).toBe(before.diagram.nodes.get("b"));
    expect(before.diagram.nodes.get("a")).toEqual(PACK);
  });

  test("presence shows who is here and what they do, and who has left", async () => {
    const { id } = await scene.api.create("Presence");
    const [ada, ben] = [await scene.open(id), await scene.connect().open(id)];
    await scene.ready(ben);
    ada.showPresence({ cursor: { x: 1, y: 2 } });
    ada.showPresence({ cursor: { x: 3, y: 4 }, activity: "Looking" });
    const shown = () => ben.getSnapshot().peers[0]?.state;
    await waitUntil("the last one has come", () => shown()?.activity === "Looking");
    expect(shown()?.cursor).toEqual({ x: 3, y: 4 });
    // Who shows nothing is here all the same.
    await waitUntil("ben is seen", () => ada.getSnapshot().peers.length === 1);
    expect(ada.getSnapshot().peers[0]?.state).toEqual({});
    ada.close();
    await waitUntil("ada has left", () => ben.getSnapshot().peers.length === 0);
  });

  test("three who type into one label at once keep all their words", async () => {
    const { id } = await scene.api.create("Words", [{ id: "n", ...PACK }]);
    const live = [await scene.open(id), await scene.open(id), await scene.open(id)];
    const words = ["alpha ", "beta ", "gamma "];
    for (let letter = 0; letter < 6; letter++) {
      for (const [who, diagram] of live.entries()) {
        const before = labelOf(diagram, "n");
        const mark = (words[who] ?? "").slice(0, letter);
        const at = before.indexOf(mark) + mark.length;
        const typed = words[who]?.[letter] ?? "";
        const after = before.slice(0, at) + typed + before.slice(at);
        const edit = textChange(before, after, at + typed.length);
        diagram.edit(updateNode("n", { "/data/label": { type: "text", edit } }), { undo: "join" });
      }
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await scene.expectAllEqual(id, live);
    for (const word of words) expect(labelOf(live[0], "n")).toContain(word.trim());
    live[1]?.undo();
    await scene.expectAllEqual(id, live);
    expect(labelOf(live[0], "n")).not.toContain("beta");
    expect(labelOf(live[0], "n")).toContain("alpha");
    expect(labelOf(live[0], "n")).toContain("gamma");
  });

  function labelOf(
    diagram: { getSnapshot(): { diagram: ReturnType<typeof nothing> } } | undefined,
    id: string,
  ): string {
    const data = diagram?.getSnapshot().diagram.nodes.get(id)?.data;
    return typeof data === "object" && data !== null && "label" in data ? String(data.label) : "";
  }
  const nothing = () => scene.nothing;
});

describe("what cannot be", () => {
  test("an edit that the server refuses is taken back and told, and the rest goes on", async () => {
    const { id } = await scene.api.create("Refused");
    const ada = await scene.open(id);
    ada.edit(createNode("a", PACK));
    await ada.whenSaved();
    const before = diagramToJson(ada.getSnapshot().diagram);
    // Within every bound of the client, and more than the server lets a diagram hold.
    const filling = "x".repeat(400_000);
    for (let count = 0; count < 90 && ada.getSnapshot().problem === null; count++) {
      ada.edit(createNode(newId("big"), { data: { filling } }));
      await ada.whenSaved();
    }
    expect(ada.getSnapshot().problem?.code).toBe("diagram_too_large");
    const nodes = ada.getSnapshot().diagram.nodes.size;
    expect(nodes).toBeGreaterThan(10);
    expect((await scene.api.read(id)).diagram.nodes.size).toBe(nodes);
    ada.dismissProblem();
    ada.undo();
    ada.edit(moveNodes(new Map([["a", { x: 9, y: 9 }]])));
    await ada.whenSaved();
    expect(ada.getSnapshot().problem).toBeNull();
    while (ada.getSnapshot().canUndo && ada.getSnapshot().diagram.nodes.size > 1) ada.undo();
    await ada.whenSaved();
    expect(diagramToJson(ada.getSnapshot().diagram)).toEqual(before);
  });

  test("an edit over the size of a message is refused here, and the connection stays", async () => {
    const { id } = await scene.api.create("Large");
    const ada = await scene.open(id);
    const session = scene.connections.at(-1)?.sessionId;
    const element = { data: { parts: Array.from({ length: 11 }, () => "x".repeat(400_000)) } };
    expect(() => ada.edit(createNode("big", element))).toThrow("too much at once");
    expect(ada.getSnapshot().diagram.nodes.size).toBe(0);
    ada.edit(createNode("small", PACK));
    await ada.whenSaved();
    expect(scene.connections.at(-1)?.sessionId).toBe(session);
  });

  test("a key that may only read sees everything and changes nothing", async () => {
    const { id } = await scene.api.create("Look", [{ id: "a", ...PACK }]);
    const key = await scene.server.createAgentKey("reader", ["read"]);
    const reader = await scene.open(id, { key });
    await waitUntil("it is known", () => reader.getSnapshot().readOnly);
    expect(reader.getSnapshot().diagram.nodes.size).toBe(1);
    expect(() => reader.edit(createNode("b", SHIP))).toThrow("not change it");
    expect(() => reader.undo()).toThrow();
    expect(reader.getSnapshot().diagram.nodes.size).toBe(1);
  });

  test("a diagram that is not there, and one that is deleted", async () => {
    const connection = scene.connect();
    const missing = connection.open("no-such-diagram");
    await waitUntil("it is missed", () => missing.getSnapshot().status === "not_found");
    const { id } = await scene.api.create("Short life");
    const ada = await scene.ready(connection.open(id));
    await scene.api.delete(id);
    await waitUntil("it is deleted", () => ada.getSnapshot().status === "deleted");
    expect(ada.getSnapshot().readOnly).toBe(true);
    expect(() => ada.edit(createNode("a", PACK))).toThrow();
  });

  test("without a sign-in it says so, and stops trying", async () => {
    const connection = scene.connect({ credentials: { cookie: "diagramai_session=wrong" } });
    await waitUntil("it is signed out", () => connection.state === "signed_out");
    expect(connection.nextAttemptAt).toBeNull();
    connection.reconnectNow();
    expect(connection.state).toBe("reconnecting");
    await waitUntil("it is signed out again", () => connection.state === "signed_out");
  });

  test("messages about a diagram that was closed are harmless, and it can be opened again", async () => {
    const { id } = await scene.api.create("Again");
    const connection = scene.connect();
    const ben = await scene.open(id);
    for (let round = 0; round < 3; round++) {
      const ada = await scene.ready(connection.open(id));
      ada.edit(createNode(newId("n"), PACK));
      ben.edit(createNode(newId("n"), SHIP));
      ada.close();
      ben.edit(createNode(newId("n"), SHIP));
    }
    const ada = await scene.ready(connection.open(id));
    await waitUntil("all are there", () => ada.getSnapshot().diagram.nodes.size === 9);
    await scene.expectAllEqual(id, [ada, ben]);
  });
});

describe("conflicts", () => {
  test("who lost is told, and can have it back with its edges", async () => {
    const nodes = [
      { id: "a", ...PACK },
      { id: "b", ...SHIP },
    ];
    const { id } = await scene.api.create("Deleted", nodes, [
      { id: "e", source: "a", target: "b" },
    ]);
    const key = await scene.server.createAgentKey("deleter");
    const [ada, agent] = [await scene.open(id), await scene.open(id, { key })];
    scene.link(ada).down();
    await waitUntil("ada is away", () => scene.connection(ada).state !== "online");
    ada.edit(updateNode("a", { "/data/label": { type: "text", edit: [4, " very"] } }));
    ada.edit(updateNode("a", { "/data/label": { type: "text", edit: [9, " well"] } }));
    agent.edit(deleteElements(agent.getSnapshot().diagram, ["a"]));
    await agent.whenSaved();
    scene.link(ada).mend();
    await waitUntil("ada is told", () => ada.getSnapshot().conflicts.length > 0);
    expect(ada.getSnapshot().conflicts.length).toBe(1);
    expect(agent.getSnapshot().conflicts).toEqual([]);
    const [notice] = ada.getSnapshot().conflicts;
    expect(notice).toMatchObject({
      kind: "delete_while_editing",
      target: "node",
      targetId: "a",
      name: "Pack very well",
      canRestore: true,
    });
    expect(notice?.by.name).toBe("deleter");
    ada.restoreMine(notice?.id ?? -1);
    await scene.expectAllEqual(id, [ada, agent]);
    expect(agent.getSnapshot().diagram.nodes.get("a")).toMatchObject({
      data: { label: "Pack very well" },
    });
    expect(agent.getSnapshot().diagram.edges.has("e")).toBe(true);
    expect(ada.getSnapshot().conflicts).toEqual([]);
  });

  test("whoever is overridden by edits from before is told, once for each", async () => {
    const nodes = [
      { id: "a", ...PACK },
      { id: "b", ...SHIP },
    ];
    const { id } = await scene.api.create("Late", nodes);
    const key = await scene.server.createAgentKey("prompt");
    const [ada, agent] = [await scene.open(id), await scene.open(id, { key })];
    scene.link(ada).down();
    await waitUntil("ada is away", () => scene.connection(ada).state !== "online");
    ada.edit(moveNodes(new Map([["a", { x: 3, y: 3 }]])));
    ada.edit(moveNodes(new Map([["b", { x: 4, y: 4 }]])));
    agent.edit(moveNodes(new Map([["a", { x: 7, y: 7 }]])));
    agent.edit(moveNodes(new Map([["b", { x: 8, y: 8 }]])));
    await agent.whenSaved();
    scene.link(ada).mend();
    scene.connection(ada).reconnectNow();
    await waitUntil("the agent is told of both", () => agent.getSnapshot().conflicts.length === 2);
    await scene.expectAllEqual(id, [ada, agent]);
    expect(agent.getSnapshot().conflicts).toMatchObject([
      { targetId: "a", kept: { x: 3, y: 3 }, dropped: { x: 7, y: 7 } },
      { targetId: "b", kept: { x: 4, y: 4 }, dropped: { x: 8, y: 8 } },
    ]);
    expect(ada.getSnapshot().conflicts).toEqual([]);
    ada.edit(moveNodes(new Map([["a", { x: 5, y: 5 }]])));
    await scene.expectAllEqual(id, [ada, agent]);
    expect(agent.getSnapshot().conflicts.length).toBe(2);
  });

  test("two pages of one person: the one that lost is told", async () => {
    const { id } = await scene.api.create("Both mine", [{ id: "a", ...PACK }]);
    const [ada, ben] = [await scene.open(id), await scene.open(id)];
    // Late enough that ben's edit is on its way before he hears of ada's.
    scene.link(ben).weather = { ...CALM, delayMs: 300 };
    ada.edit(moveNodes(new Map([["a", { x: 3, y: 3 }]])));
    ben.edit(moveNodes(new Map([["a", { x: 7, y: 7 }]])));
    await waitUntil("ada is told", () => ada.getSnapshot().conflicts.length > 0);
    await ben.whenSaved();
    await scene.expectAllEqual(id, [ada, ben]);
    expect(ada.getSnapshot().conflicts).toMatchObject([
      { kind: "position_conflict", kept: { x: 7, y: 7 }, dropped: { x: 3, y: 3 } },
    ]);
    expect(ben.getSnapshot().conflicts).toEqual([]);
  });
});
