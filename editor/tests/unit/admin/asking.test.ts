import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { adminQuery, readAgents, readAudit, readSessions } from "../../../src/admin/api.ts";
import { poll } from "../../../src/app/usePolled.ts";

const AT = "2026-05-12T10:00:00Z";
const AGENT = {
  id: "claude",
  name: "Claude",
  keyPrefix: null,
  state: "active",
  permissions: ["edit", "read", "fly"],
  rateLimit: 100,
  allDiagrams: false,
  ownerId: "jwt:1",
  ownerName: null,
  createdAt: AT,
  lastUsed: null,
  expiresAt: null,
  oldKeyUntil: null,
  grants: 2,
  isConnected: true,
  activity: { calls: [1, 2], failed: [0, 1] },
};

function answer(data: unknown, beside: Record<string, unknown> = {}) {
  return { data, envelope: { success: true, data, ...beside } };
}

describe("what the server tells", () => {
  test("an agent, with the permissions in their order and what is not known left out", () => {
    const { agents, more } = readAgents(answer([AGENT], { more: true }));
    expect(more).toBe(true);
    expect(agents[0]).toMatchObject({
      permissions: ["read", "edit"],
      owner: { id: "jwt:1", name: "jwt:1" },
      createdAt: Date.parse(AT),
      activity: { calls: [1, 2] },
    });
  });

  test("what cannot be understood is not shown as something else", () => {
    expect(() => readAgents(answer([{ ...AGENT, state: "asleep" }]))).toThrow(/understood/u);
    expect(() => readAgents(answer([{ ...AGENT, createdAt: "soon" }]))).toThrow(/understood/u);
    expect(() => readSessions(answer([{ id: "a", door: "window" }]))).toThrow(/understood/u);
    expect(() => readAudit(answer({}))).toThrow(/understood/u);
  });

  test("a question has in it what was said", () => {
    const query = { agent: "a b", diagram: "", since: null, open: false, before: 7 };
    expect(adminQuery("audit", query)).toBe("/api/admin/audit?agent=a+b&open=false&before=7");
    expect(adminQuery("sessions")).toBe("/api/admin/sessions");
  });
});

describe("asking again and again", () => {
  const page = new EventTarget();
  let visible = true;
  let asked: (string | null)[] = [];
  let heard: string[] = [];
  let reply: () => Response;
  const listener = {
    answered: () => heard.push("answered"),
    same: () => heard.push("same"),
    failed: () => heard.push("failed"),
  };

  beforeEach(() => {
    vi.useFakeTimers();
    [visible, asked, heard] = [true, [], []];
    reply = () => new Response('{"success":true,"data":1}', { headers: { ETag: '"1"' } });
    Object.defineProperty(page, "visibilityState", {
      configurable: true,
      get: () => (visible ? "visible" : "hidden"),
    });
    vi.stubGlobal("document", page);
    vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
      asked.push(new Headers(init.headers).get("If-None-Match"));
      return reply();
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test("the next question names the answer, and the same answer changes nothing", async () => {
    const stop = poll("/x", 2_000, listener);
    await vi.advanceTimersByTimeAsync(0);
    reply = () => new Response(null, { status: 304 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toEqual([null, '"1"']);
    expect(heard).toEqual(["answered", "same"]);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(2);
  });

  test("nothing is asked while nobody looks, and at once when somebody looks again", async () => {
    const stop = poll("/x", 2_000, listener);
    await vi.advanceTimersByTimeAsync(0);
    visible = false;
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    visible = true;
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
    stop();
  });

  test("a failure is told, and asked after", async () => {
    reply = () => new Response('{"success":false,"error":{"code":"forbidden"}}', { status: 403 });
    const stop = poll("/x", 2_000, listener);
    await vi.advanceTimersByTimeAsync(2_000);
    reply = () => new Response('{"success":true,"data":1}');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(heard).toEqual(["failed", "failed", "answered"]);
    stop();
  });
});
