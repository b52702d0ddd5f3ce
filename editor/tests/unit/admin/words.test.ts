import { describe, expect, test } from "vitest";
import type { AdminAgent, AgentWish, Alert } from "../../../src/admin/api.ts";
import { idIn } from "../../../src/admin/DiagramFilter.tsx";
import { placeFrom, placePath, TABS } from "../../../src/admin/place.ts";
import { bars, chartWidth } from "../../../src/admin/sparkline.ts";
import { changedParts } from "../../../src/admin/wishes.ts";
import {
  activityWords,
  agentOf,
  changedBy,
  clock,
  dayField,
  durationWords,
  endOfDay,
  keyWords,
  sinceOf,
  switched,
  until,
} from "../../../src/admin/words.ts";

const NOW = Date.UTC(2026, 4, 12, 10, 0, 30);
const HOUR = 3_600_000;

describe("the address of the page", () => {
  test("comes back as it was", () => {
    for (const tab of TABS) {
      const place = { tab, agent: "a/b &c", diagram: "d?#" };
      const query = placePath(place).split("?")[1] ?? "";
      expect(placeFrom(`?${query}`)).toEqual(place);
    }
  });

  test("without a query it is the list of agents, and so is one that is none", () => {
    expect(placePath({ tab: "agents" })).toBe("/admin");
    expect(placeFrom("?tab=kings")).toEqual({ tab: "agents", agent: "", diagram: "" });
  });
});

describe("permissions", () => {
  test("everything has the others in it", () => {
    expect(switched(["read", "edit"], "full_access", true)).toEqual(["full_access"]);
    expect(switched(["read"], "edit", true)).toEqual(["read", "edit"]);
    expect(switched(["read", "edit"], "read", false)).toEqual(["edit"]);
    expect(switched(["full_access"], "full_access", false)).toEqual([]);
  });

  test("only what was changed is sent", () => {
    const before: AgentWish = {
      name: "a",
      permissions: ["read", "edit"],
      rateLimit: 100,
      allDiagrams: true,
      ownerId: "local",
      expiresAt: 5,
    };
    expect(changedParts(before, { ...before, permissions: ["edit", "read"] })).toEqual({});
    expect(changedParts(before, { ...before, rateLimit: 1, ownerId: null })).toEqual({
      rateLimit: 1,
      ownerId: null,
    });
    const all = { ...before, name: "b", allDiagrams: false, expiresAt: null };
    expect(changedParts(before, { ...all, permissions: ["read"] })).toEqual({
      name: "b",
      allDiagrams: false,
      expiresAt: null,
      permissions: ["read"],
    });
  });
});

describe("the bars of activity", () => {
  test("the busiest hour is the highest, a single call is still seen, nothing is not drawn", () => {
    const drawn = bars({ calls: [100, 0, 1, 50], failed: [50, 0, 1, 0] }, 20);
    expect(drawn).toEqual([
      { x: 0, y: 0, height: 20, failedHeight: 10 },
      { x: 8, y: 18, height: 2, failedHeight: 2 },
      { x: 12, y: 10, height: 10, failedHeight: 0 },
    ]);
    expect(chartWidth(4)).toBe(15);
    expect(bars({ calls: [], failed: [] }, 20)).toEqual([]);
  });

  test("are said in words", () => {
    expect(activityWords(null)).toBe("No calls in the last 24 hours");
    expect(activityWords({ calls: [1], failed: [0] })).toBe("1 call in the last 24 hours");
    expect(activityWords({ calls: [3, 2], failed: [1, 1] })).toBe(
      "5 calls in the last 24 hours, 2 failed",
    );
  });
});

describe("times", () => {
  test("a span begins at a whole minute, so that the question stays the same for a while", () => {
    expect(sinceOf("hour", NOW)).toBe("2026-05-12T09:00:00.000Z");
    expect(sinceOf("hour", NOW + 29_000)).toBe(sinceOf("hour", NOW));
    expect(sinceOf("all", NOW)).toBeNull();
  });

  test("how long something lasts", () => {
    expect(until(NOW + 60_000, NOW)).toBe("for 1 min");
    expect(until(NOW + 5 * HOUR, NOW)).toBe("for 5 h");
    expect(until(NOW + 80 * HOUR, NOW)).toMatch(/^until 15 May/u);
    expect(until(NOW, NOW)).toBe("no more");
    expect([durationWords(null), durationWords(999), durationWords(2_149)]).toEqual([
      "",
      "999 ms",
      "2.1 s",
    ]);
  });

  test("a day in a field ends with it, and comes back", () => {
    const end = endOfDay("2026-05-12");
    expect(dayField(end)).toBe("2026-05-12");
    expect(new Date(end ?? 0).getHours()).toBe(23);
    expect([endOfDay(""), endOfDay("no day"), dayField(null)]).toEqual([null, null, ""]);
  });

  test("another day is named before the time", () => {
    expect(clock(NOW, NOW)).toMatch(/^\d\d:\d\d:\d\d$/u);
    expect(clock(NOW - 48 * HOUR, NOW)).toMatch(/^10 May, \d\d:/u);
  });
});

test("a key that was replaced is told as long as it works", () => {
  const agent: AdminAgent = {
    id: "a",
    name: "a",
    keyPrefix: "dai_1",
    state: "active",
    permissions: ["read"],
    rateLimit: 1,
    allDiagrams: true,
    owner: null,
    createdAt: 0,
    lastUsed: null,
    expiresAt: null,
    oldKeyUntil: null,
    grants: 0,
    isConnected: false,
    activity: null,
  };
  expect(keyWords(agent, NOW)).toBe("dai_1");
  expect(keyWords({ ...agent, oldKeyUntil: NOW + HOUR }, NOW)).toBe(
    "dai_1 · the old key works for 1 h",
  );
  expect(keyWords({ ...agent, keyPrefix: null }, NOW)).toBe("connected by the address");
});

test("an alert about an agent leads to it", () => {
  const alert: Alert = {
    id: 1,
    rule: "refused",
    subject: "agent:a:b",
    message: "",
    details: {},
    raisedAt: 0,
    acknowledgedAt: null,
    acknowledgedBy: null,
  };
  expect(agentOf(alert)).toBe("a:b");
  expect(agentOf({ ...alert, subject: "address:127.0.0.1" })).toBeNull();
});

test("a diagram is named by its id or its address", () => {
  expect(idIn(" abc ")).toBe("abc");
  expect(idIn("https://a.example/d/a%2Fb?x#y")).toBe("a/b");
  expect(idIn("/d/%E0%A4%A")).toBe("%E0%A4%A");
});

test("a row of the audit says who changed the agent, and nothing where it acted itself", () => {
  const by = { id: "jwt:7", name: "Ada" };
  expect(changedBy({ operation: "access.revoked", data: { by } })).toBe("Ada");
  expect(changedBy({ operation: "access.revoked", data: { by: { ...by, name: null } } })).toBe(
    "jwt:7",
  );
  expect(changedBy({ operation: "access.revoked", data: null })).toBeNull();
  expect(changedBy({ operation: "add_node", data: { by } })).toBeNull();
});
