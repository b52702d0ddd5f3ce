import {
  type ActivityEntry,
  type DiagramView,
  NOTHING,
  type Operation,
  type Peer,
} from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { GLOW_MS, MarksStore, NO_MARKS } from "../../../src/canvas/marks.ts";

const ROBO: Peer = {
  sessionId: "s1",
  participant: { kind: "agent", id: "robo", name: "Robo" },
  colour: "#00aa00",
  state: { selection: { nodes: ["a"], edges: ["e"] } },
};

function view(
  peers: Peer[],
  activity: ActivityEntry[] = [],
): Pick<DiagramView, "peers" | "activity"> {
  return { peers, activity };
}

function entry(id: number, kind: "agent" | "user", nodes: string[]): ActivityEntry {
  const author = { kind, id: kind === "agent" ? "robo" : "ada", name: kind };
  const touched = { nodes, edges: [] };
  return { id, author, mine: false, at: "", summary: "", touched, count: 1 };
}

function moving(...ids: string[]): Operation {
  return { ...NOTHING, nodes: new Map(ids.map((id) => [id, { type: "delete" }])) };
}

describe("marks at elements", () => {
  test("are who has them selected, nodes and edges", () => {
    const marks = new MarksStore();
    marks.update(view([ROBO]), 0, "grey");
    const robo = { key: "s1", name: "Robo", colour: "#00aa00", agent: true };
    expect(marks.of("node", "a").peers).toEqual([robo]);
    expect(marks.of("edge", "e").peers).toEqual([robo]);
    expect(marks.of("node", "e")).toBe(NO_MARKS);
  });

  test("are the same object, and nobody is told, while they do not change", () => {
    const marks = new MarksStore();
    let told = 0;
    marks.subscribe(() => {
      told += 1;
    });
    marks.update(view([ROBO]), 0, "grey");
    const before = marks.of("node", "a");
    marks.update(view([{ ...ROBO, state: { ...ROBO.state, cursor: { x: 1, y: 1 } } }]), 1, "grey");
    expect(marks.of("node", "a")).toBe(before);
    expect(told).toBe(1);
    marks.update(view([]), 2, "grey");
    expect(marks.of("node", "a")).toBe(NO_MARKS);
    expect(told).toBe(2);
  });
});

describe("the glow of an agent's edit", () => {
  test("is at what it touched just now, and ends", () => {
    const marks = new MarksStore();
    marks.applied(moving("b"));
    marks.update(
      view([ROBO], [entry(1, "agent", ["old", "b"]), entry(2, "user", ["c"])]),
      0,
      "grey",
    );
    expect(marks.of("node", "b").glow).toEqual({ colour: "#00aa00", turn: 1 });
    expect(marks.of("node", "old")).toBe(NO_MARKS);
    expect(marks.nextExpiry).toBe(GLOW_MS);
    marks.update(view([]), GLOW_MS, "grey");
    expect(marks.of("node", "b")).toBe(NO_MARKS);
  });

  test("is not for people, nor for what was done before", () => {
    const marks = new MarksStore();
    marks.update(view([ROBO], [entry(1, "agent", ["b"])]), 0, "grey");
    expect(marks.of("node", "b")).toBe(NO_MARKS);
    marks.applied(moving("b"));
    marks.update(view([ROBO], [entry(2, "user", ["b"])]), 1, "grey");
    expect(marks.of("node", "b")).toBe(NO_MARKS);
  });

  test("has the given colour where the agent is not here", () => {
    const marks = new MarksStore();
    marks.applied(moving("b"));
    marks.update(view([], [entry(1, "agent", ["b"])]), 0, "grey");
    expect(marks.of("node", "b").glow?.colour).toBe("grey");
  });
});
