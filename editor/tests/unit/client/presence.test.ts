import { describe, expect, test } from "vitest";
import { Peers } from "../../../src/client/presence.ts";

/** What is taken of a state that somebody's program sends. */
function taken(state: unknown) {
  const peers = new Peers();
  peers.shown({
    type: "presence",
    diagram_id: "d",
    session_id: "s",
    participant: { kind: "agent", id: "r", name: "Robo" },
    state: Object(state),
  });
  return peers.list.map((peer) => peer.state);
}

describe("what others show", () => {
  test("is taken only as far as it is well formed", () => {
    const caret = { target: "node", id: "a", path: "/data/label", from: 1, to: 2 };
    const [state] = taken({
      cursor: { x: 1, y: "2" },
      selection: { nodes: ["a", 5], edges: "none" },
      preview: { a: { x: 1, y: 2, width: -5, height: 3 } },
      caret,
      activity: "🤖".repeat(500),
    });
    expect(state).toEqual({
      selection: { nodes: ["a"], edges: [] },
      preview: { a: { x: 1, y: 2 } },
      caret,
      activity: "🤖".repeat(80),
    });
    expect(taken({ caret: { ...caret, from: "1" }, activity: "" })).toEqual([{}]);
    expect(taken({ preview: { a: { x: "1", y: 2 }, b: null, c: { x: Infinity, y: 0 } } })).toEqual([
      { preview: {} },
    ]);
    expect(taken({ preview: { a: { x: 1, y: 2, width: 3, height: 4 } } })).toEqual([
      { preview: { a: { x: 1, y: 2, width: 3, height: 4 } } },
    ]);
  });

  test("is bounded in number", () => {
    const ids = Array.from({ length: 501 }, (_, i) => `n${i}`);
    const preview = Object.fromEntries(ids.map((id) => [id, { x: 0, y: 0 }]));
    const [state] = taken({ selection: { nodes: ids, edges: ids }, preview });
    expect(state?.selection?.nodes.length).toBe(500);
    expect(state?.selection?.edges.length).toBe(500);
    expect(Object.keys(state?.preview ?? {}).length).toBe(500);
  });

  test("goes with its session", () => {
    expect(taken([])).toEqual([]);
    const peers = new Peers();
    const message = {
      type: "presence",
      diagram_id: "d",
      session_id: "s",
      participant: { kind: "user", id: "a", name: "Ada" },
    } as const;
    peers.shown({ ...message, state: {} });
    peers.shown({ ...message, session_id: "other", state: null });
    expect(peers.list.map((peer) => peer.sessionId)).toEqual(["s"]);
    peers.shown({ ...message, state: null });
    expect(peers.list).toEqual([]);
  });
});
