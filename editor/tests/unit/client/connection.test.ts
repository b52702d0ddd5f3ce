import {
  createNode,
  deleteElements,
  MemoryStore,
  type PendingRecord,
  updateNode,
} from "@diagramai/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BOB, Scripted } from "../../support/scripted.ts";

const PACK = { type: "process", position: { x: 0, y: 0 }, data: { label: "Pack" } };

let scripted: Scripted;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await scripted.connection.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function start(options: ConstructorParameters<typeof Scripted>[0] = {}) {
  scripted = new Scripted(options);
  scripted.line.welcome();
  return scripted;
}

/** A diagram that is there, with the node `a`. */
function startWith(id: string, revision = 5) {
  const { connection, line } = start();
  const live = connection.open(id);
  line.snapshot(id, revision, { a: PACK });
  return { connection, line, live };
}

const label = (text: string) => updateNode("a", { "/data/label": { type: "set", value: text } });

/** The socket breaks, and the next one is welcomed. */
async function comeBack() {
  scripted.line.cut();
  await vi.advanceTimersByTimeAsync(500);
  scripted.line.welcome();
  return scripted.line;
}

describe("a snapshot while edits of mine are pending", () => {
  test("what it lacks is put on it under the next number, what it has is not", async () => {
    const { live } = startWith("d");
    live.edit(label("sent"));
    live.edit(createNode("b", PACK));
    const line = await comeBack();
    expect(line.last("subscribe")).toMatchObject({ revision: 5, pending: true });
    line.snapshot("d", 900, { a: { ...PACK, data: { label: "sent" } }, c: PACK }, 1);
    expect(line.all("submit")).toMatchObject([
      { base_revision: 900, sequence: 2, operation: { nodes: { b: { type: "create" } } } },
    ]);
    expect(line.last("submit").operation).not.toHaveProperty(["nodes", "a"]);
    expect([...live.getSnapshot().diagram.nodes.keys()].sort()).toEqual(["a", "b", "c"]);
    line.commit("d", 901);
    expect(live.getSnapshot()).toMatchObject({ revision: 901, saving: false, problem: null });
  });

  test("what no longer fits is told, the rest is sent", async () => {
    const { live } = startWith("d");
    live.edit(label("for a node that is gone"));
    live.edit(createNode("b", PACK));
    const line = await comeBack();
    line.snapshot("d", 900, {});
    expect(live.getSnapshot().problem?.code).toBe("lost_edits");
    expect(line.last("submit")).toMatchObject({
      sequence: 2,
      operation: { nodes: { b: { type: "create" } } },
    });
    expect([...live.getSnapshot().diagram.nodes.keys()]).toEqual(["b"]);
  });

  test("undo leads back to what the snapshot has", async () => {
    const { live } = startWith("d");
    live.edit(createNode("b", PACK));
    const line = await comeBack();
    line.snapshot("d", 900, { a: PACK, c: PACK });
    line.commit("d", 901);
    live.undo();
    expect([...live.getSnapshot().diagram.nodes.keys()].sort()).toEqual(["a", "c"]);
    expect(line.last("submit").operation).toMatchObject({ nodes: { b: { type: "delete" } } });
  });
});

describe("what the server says to a submission", () => {
  test("refused for now, it is sent again under its number, with growing pauses", () => {
    const { line, live } = startWith("d");
    live.edit(label("x"));
    const refuse = () => line.say({ ...REFUSAL, sequence: 1, retry: true });
    refuse();
    vi.advanceTimersByTime(99);
    expect(line.all("submit")).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(line.all("submit")).toHaveLength(2);
    refuse();
    vi.advanceTimersByTime(199);
    expect(line.all("submit")).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(line.all("submit").map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
    expect(live.getSnapshot()).toMatchObject({ saving: true, problem: null });
    line.commit("d", 6);
    expect(live.getSnapshot().saving).toBe(false);
  });

  const REFUSAL = {
    type: "rejected",
    diagram_id: "d",
    code: "overloaded",
    message: "Later.",
    at: "",
  };

  test("refused because the diagram is gone, the edit is kept, not taken back", () => {
    const { line, live } = startWith("d");
    live.edit(label("mine"));
    line.say({ ...REFUSAL, code: "not_found", at: "diagram_id", sequence: 1, retry: false });
    expect(live.getSnapshot()).toMatchObject({
      status: "deleted",
      problem: { code: "lost_edits" },
    });
    expect(live.getSnapshot()).toMatchObject({ saving: true, unsentCount: 1 });
  });

  test("what others did meanwhile is in what is sent again", () => {
    const { line, live } = startWith("d");
    live.edit(label("x"));
    line.say({ ...REFUSAL, sequence: 1, retry: true });
    line.change("d", 6, { nodes: { b: { type: "create", element: PACK } } });
    vi.advanceTimersByTime(100);
    expect(line.last("submit")).toMatchObject({ base_revision: 6, sequence: 1 });
  });

  test("no answer for 10 s makes it ask, however much is edited meanwhile", () => {
    const { line, live } = startWith("d");
    for (let second = 0; second < 10; second++) {
      expect(line.all("subscribe")).toHaveLength(1);
      live.edit(label(`${second}`));
      line.change("d", 6 + second, {
        nodes: { [`n${second}`]: { type: "create", element: PACK } },
      });
      vi.advanceTimersByTime(1_000);
    }
    expect(line.last("subscribe")).toMatchObject({ revision: 15, pending: true });
  });
});

describe("subscribed, unasked", () => {
  test("what became durable is taken in, what did not is sent again", () => {
    const { line, live } = startWith("d");
    live.edit(label("x"));
    line.subscribed("d", 6, 0);
    expect(line.all("submit")).toHaveLength(1);
    line.change("d", 6, { nodes: { b: { type: "create", element: PACK } } });
    expect(line.all("submit")).toHaveLength(2);
    expect(line.last("submit")).toMatchObject({ base_revision: 6, sequence: 1 });
    line.commit("d", 7);
    expect(live.getSnapshot()).toMatchObject({ revision: 7, saving: false });
  });

  test("where nothing was missed it is sent again at once", () => {
    const { line, live } = startWith("d");
    live.edit(label("x"));
    line.subscribed("d", 5, 0);
    expect(line.all("submit").map(({ sequence }) => sequence)).toEqual([1, 1]);
  });
});

describe("a diagram that cannot be served just now", () => {
  test.each(["unavailable", "shutdown", "something new"])(
    "(%s) is asked for again, whatever is edited meanwhile",
    (reason) => {
      const { line, live } = startWith("d");
      line.say({ type: "diagram_closed", diagram_id: "d", reason });
      expect(live.getSnapshot().status).toBe("unavailable");
      live.edit(label("x"));
      vi.advanceTimersByTime(1_000);
      expect(line.last("subscribe")).toMatchObject({ revision: 5, pending: true });
      line.subscribed("d", 5);
      expect(line.last("submit")).toMatchObject({ sequence: 1 });
      expect(live.getSnapshot().status).toBe("ready");
    },
  );
});

describe("names of diagrams", () => {
  test("the answer for one that was closed is not taken for the next one's", () => {
    const { connection, line } = start();
    connection.open("A").close();
    const b = connection.open("B");
    line.snapshot("A", 1, { inA: PACK });
    expect(b.id).toBe("B");
    expect(b.getSnapshot().status).toBe("loading");
    expect(line.last("unsubscribe")).toMatchObject({ diagram_id: "A" });
    return vi.waitFor(() => {
      expect(line.last("subscribe")).toMatchObject({ diagram_id: "B" });
      line.snapshot("B", 1, { inB: PACK });
      expect([...b.getSnapshot().diagram.nodes.keys()]).toEqual(["inB"]);
    });
  });

  test("opened, closed and opened again before the answer, it is asked for once", () => {
    const { connection, line } = start();
    connection.open("A").close();
    const again = connection.open("A");
    line.snapshot("A", 1, { a: PACK });
    expect(again.getSnapshot().status).toBe("ready");
    expect(line.all("subscribe")).toHaveLength(1);
    expect(line.all("unsubscribe")).toHaveLength(0);
  });

  test.each([
    ["id", "uuid"],
    ["uuid", "id"],
  ])("opened by %s and by %s it is one diagram with one count of submissions", async (x, y) => {
    const { connection, line } = start();
    const [first, second] = [connection.open(x), connection.open(y)];
    const heard: number[] = [];
    second.on("operation", (a) => heard.push(a.nodes.size));
    line.snapshot("id", 5, { a: PACK });
    await vi.waitFor(() => expect(line.all("subscribe")).toHaveLength(2));
    first.edit(label("by the first"));
    line.snapshot("id", 5, { a: PACK });
    expect(second.id).toBe("id");
    expect(second.getSnapshot()).toBe(first.getSnapshot());
    heard.length = 0;
    first.edit(createNode("b", PACK));
    line.commit("id", 6);
    line.commit("id", 7);
    expect(line.all("submit").map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(first.getSnapshot()).toMatchObject({ revision: 7, saving: false });
    expect(heard).toEqual([1]);
    expect(connection.open(y)).toBe(second);
    first.close();
    second.close();
    expect(line.all("unsubscribe")).toHaveLength(0);
    second.close();
    expect(line.all("unsubscribe")).toHaveLength(1);
  });

  test("a diagram asked for after one that is open by its other name is there too", async () => {
    const { connection, line } = startWith("id");
    connection.open("uuid");
    const third = connection.open("third");
    line.snapshot("id", 5, { a: PACK });
    await vi.waitFor(() => expect(line.last("subscribe")).toMatchObject({ diagram_id: "third" }));
    line.snapshot("third", 1);
    expect(third.getSnapshot().status).toBe("ready");
  });

  test("a name that is none is told, and does not hold up the next one", async () => {
    const { connection, line } = start();
    const [bad, good] = [connection.open("x".repeat(200)), connection.open("good")];
    const error = {
      type: "error",
      code: "invalid_message",
      message: "Too long.",
      diagram_id: null,
    };
    line.say({ ...error, at: "diagram_id" });
    expect(bad.getSnapshot().status).not.toBe("loading");
    await vi.waitFor(() => expect(line.last("subscribe")).toMatchObject({ diagram_id: "good" }));
    line.snapshot("good", 1);
    expect(good.getSnapshot().status).toBe("ready");
  });
});

describe("the end", () => {
  test("what was closed is not edited any more", async () => {
    const { connection, live } = startWith("d");
    live.close();
    expect(() => live.edit(label("x"))).toThrowError("closed");
    const other = connection.open("e");
    scripted.line.snapshot("e", 1, { a: PACK });
    await connection.close();
    expect(() => other.edit(label("x"))).toThrowError("closed");
  });

  test("nobody waits for what can no longer be saved", async () => {
    const { line, live } = startWith("d");
    live.edit(label("x"));
    const early = live.whenSaved();
    line.say({ type: "diagram_closed", diagram_id: "d", reason: "deleted" });
    await expect(early).rejects.toThrow("gone");
    await expect(live.whenSaved()).rejects.toThrow("gone");
  });
});

test("an undo too large for one message is told, and stays to be made", () => {
  const { connection, line } = start();
  scripted.lines.length = 0;
  line.cut();
  vi.advanceTimersByTime(500);
  scripted.line.welcome(undefined, 20_000);
  const live = connection.open("d");
  const big = { ...PACK, data: { label: "x".repeat(30_000) } };
  scripted.line.snapshot("d", 1, { a: big });
  live.edit(deleteElements(live.getSnapshot().diagram, ["a"]));
  scripted.line.commit("d", 2);
  live.undo();
  expect(live.getSnapshot()).toMatchObject({ canUndo: true, saving: false });
  expect(live.getSnapshot().problem?.code).toBe("too_large");
  expect(scripted.line.all("submit")).toHaveLength(1);
});

test("what has grown too large for one message while away is refused here, not sent for ever", async () => {
  const { connection, line } = start();
  scripted.lines.length = 0;
  line.cut();
  vi.advanceTimersByTime(500);
  scripted.line.welcome(undefined, 20_000);
  const live = connection.open("d");
  scripted.line.snapshot("d", 1, { a: PACK });
  live.edit(createNode("b", { ...PACK, data: { label: "x".repeat(15_000) } }));
  live.edit(createNode("c", { ...PACK, data: { label: "y".repeat(15_000) } }));
  scripted.line.cut();
  vi.advanceTimersByTime(500);
  scripted.line.welcome(undefined, 20_000);
  scripted.line.snapshot("d", 900, { a: PACK });
  await vi.advanceTimersByTimeAsync(1);
  expect(scripted.line.all("submit")).toHaveLength(0);
  expect(live.getSnapshot()).toMatchObject({ saving: false, problem: { code: "too_large" } });
  expect([...live.getSnapshot().diagram.nodes.keys()]).toEqual(["a"]);
});

test("nothing is sent in the name of somebody who signs in later", async () => {
  const store = new MemoryStore();
  const { connection, line } = start({ store });
  const live = connection.open("d");
  line.snapshot("d", 5, { a: PACK });
  live.edit(label("Ann's"));
  line.cut();
  await vi.advanceTimersByTimeAsync(500);
  scripted.line.welcome(BOB);
  await vi.advanceTimersByTimeAsync(500);
  scripted.line.welcome(BOB);
  expect(connection.participant).toEqual(BOB);
  const { client_id } = scripted.line.last("hello");
  expect(client_id).not.toBe(line.last("hello").client_id);
  expect(scripted.line.last("subscribe")).not.toHaveProperty("revision");
  scripted.line.snapshot("d", 5, { a: PACK });
  expect(live.getSnapshot()).toMatchObject({ saving: false });
  expect(live.getSnapshot().problem?.code).toBe("signed_in_as_other");
  expect(live.getSnapshot().diagram.nodes.get("a")).toEqual(PACK);
  expect(scripted.lines.slice(1).flatMap((each) => each.all("submit"))).toEqual([]);
  const left: PendingRecord[] = [];
  await store.takeOrphans(
    () => true,
    async (records) => {
      left.push(...records);
    },
  );
  expect(left).toMatchObject([{ diagramId: "d", participant: { id: "local:Ann" } }]);
});

describe("what a browser tells", () => {
  const page = { window: new EventTarget(), document: new EventTarget() };

  function startIn(url: string, onLine = true) {
    vi.stubGlobal("window", page.window);
    vi.stubGlobal("document", Object.assign(page.document, { visibilityState: "visible" }));
    vi.stubGlobal("navigator", { onLine });
    scripted = new Scripted({ url });
    return scripted.connection;
  }

  function goOffline() {
    vi.stubGlobal("navigator", { onLine: false });
    page.window.dispatchEvent(new Event("offline"));
  }

  function goOnline() {
    vi.stubGlobal("navigator", { onLine: true });
    page.window.dispatchEvent(new Event("online"));
  }

  test("without a network nothing is tried until there is one", () => {
    const connection = startIn("http://diagrams.test/", false);
    expect(connection.state).toBe("offline");
    vi.advanceTimersByTime(60_000);
    expect(scripted.lines).toHaveLength(0);
    goOnline();
    scripted.line.welcome();
    expect(connection.state).toBe("online");
    const { line } = scripted;
    goOffline();
    expect(line.isClosed).toBe(true);
    expect([connection.state, connection.nextAttemptAt]).toEqual(["offline", null]);
    vi.advanceTimersByTime(60_000);
    expect(scripted.lines).toHaveLength(1);
    goOnline();
    expect(scripted.lines).toHaveLength(2);
  });

  test("edits made without a network are sent once there is one", () => {
    const connection = startIn("http://diagrams.test/");
    scripted.line.welcome();
    const live = connection.open("d");
    scripted.line.snapshot("d", 5, { a: PACK });
    goOffline();
    live.edit(label("x"));
    goOnline();
    scripted.line.welcome();
    expect(scripted.line.last("subscribe")).toMatchObject({ revision: 5, pending: true });
    scripted.line.subscribed("d", 5);
    expect(scripted.line.last("submit")).toMatchObject({ sequence: 1 });
  });

  test("a server on this machine needs no network", () => {
    const connection = startIn("http://127.0.0.1:8080/", false);
    scripted.line.welcome();
    expect(connection.state).toBe("online");
    const { line } = scripted;
    goOffline();
    expect(line.isClosed).toBe(false);
    expect(line.all("ping")).toHaveLength(1);
    line.cut();
    expect(connection.state).toBe("offline");
    vi.advanceTimersByTime(500);
    expect(scripted.lines).toHaveLength(2);
    expect(connection.state).toBe("offline");
    scripted.line.welcome();
    expect(connection.state).toBe("online");
  });

  test("looked at again, it asks whether the connection has outlived the sleep", () => {
    const connection = startIn("http://diagrams.test/");
    scripted.line.welcome();
    const { line } = scripted;
    const lookAt = () => page.document.dispatchEvent(new Event("visibilitychange"));
    vi.stubGlobal("document", Object.assign(page.document, { visibilityState: "hidden" }));
    vi.advanceTimersByTime(1_000);
    lookAt();
    expect(line.all("ping")).toHaveLength(0);
    vi.stubGlobal("document", Object.assign(page.document, { visibilityState: "visible" }));
    lookAt();
    expect(line.all("ping")).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(connection.state).toBe("reconnecting");
  });

  test("signed out it tries again once looked at: one may have signed in elsewhere", async () => {
    const connection = startIn("http://diagrams.test/");
    scripted.sessionStatus = 401;
    scripted.line.cut();
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.state).toBe("signed_out");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(scripted.lines).toHaveLength(1);
    page.document.dispatchEvent(new Event("visibilitychange"));
    scripted.line.welcome();
    expect(connection.state).toBe("online");
  });

  test("looked at again, a pause ends at once", () => {
    const connection = startIn("http://diagrams.test/");
    for (let attempt = 0; attempt < 5; attempt++) {
      scripted.line.cut();
      if (attempt < 4) vi.advanceTimersToNextTimer();
    }
    expect(connection.nextAttemptAt).not.toBeNull();
    const before = scripted.lines.length;
    page.document.dispatchEvent(new Event("visibilitychange"));
    expect(scripted.lines).toHaveLength(before + 1);
  });
});

describe("what is taken away", () => {
  test("a session that has ended is told, and not tried again by itself", async () => {
    const { connection, line, live } = startWith("d");
    line.cut(4401);
    expect(connection.state).toBe("signed_out");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(scripted.lines).toHaveLength(1);
    live.edit(label("kept"));
    connection.reconnectNow();
    scripted.line.welcome();
    expect(connection.state).toBe("online");
    scripted.line.subscribed("d", 5);
    expect(scripted.line.last("submit")).toMatchObject({ sequence: 1 });
  });

  test("a diagram that is closed to me says so, and stays closed", async () => {
    const { line, live } = startWith("d");
    line.say({ type: "diagram_closed", diagram_id: "d", reason: "forbidden" });
    expect(live.getSnapshot()).toMatchObject({ status: "forbidden", readOnly: true });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(line.all("subscribe")).toHaveLength(1);
  });

  test("the right to edit goes and comes while I look on", () => {
    const { line, live } = startWith("d");
    line.say({ type: "permission_changed", diagram_id: "d", may_edit: false });
    expect(live.getSnapshot()).toMatchObject({ status: "ready", readOnly: true });
    expect(() => live.edit(label("no"))).toThrow("look at this diagram");
    line.say({ type: "permission_changed", diagram_id: "d", may_edit: true });
    live.edit(label("yes"));
    expect(line.all("submit")).toHaveLength(1);
  });
});

describe("a token of the host application", () => {
  test("is said first, and another one once its time is over", async () => {
    let number = 0;
    scripted = new Scripted({ token: async () => `token ${++number}` });
    scripted.line.onopen?.({});
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.line.last("hello")).toMatchObject({ token: "token 1" });
    scripted.line.welcome();
    scripted.line.cut(4401);
    expect(scripted.connection.state).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(2_000);
    scripted.line.onopen?.({});
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.line.last("hello").token).toMatch(/^token [2-9]/);
  });

  test("that the server does not take signs out; one that cannot be had is asked for again", async () => {
    let isThere = false;
    scripted = new Scripted({
      token: () => {
        if (!isThere) throw new Error("The host application is away.");
        return "token";
      },
    });
    scripted.line.onopen?.({});
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.connection.state).toBe("reconnecting");
    isThere = true;
    await vi.advanceTimersByTimeAsync(5_000);
    scripted.line.onopen?.({});
    await vi.advanceTimersByTimeAsync(0);
    expect(scripted.line.last("hello")).toMatchObject({ token: "token" });
    scripted.line.cut(4401);
    expect(scripted.connection.state).toBe("signed_out");
  });
});
