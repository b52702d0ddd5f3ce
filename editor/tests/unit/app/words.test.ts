import { describe, expect, test } from "vitest";
import type { Entry } from "../../../src/app/api/diagrams.ts";
import { agentWords, changedByAgent, contentWords, titleOf } from "../../../src/app/start/words.ts";
import { count, initials, shorten } from "../../../src/app/words/count.ts";
import { hereSentence } from "../../../src/app/words/people.ts";
import { adviceFor } from "../../../src/app/words/problem.ts";
import { ago, secondsUntil } from "../../../src/app/words/time.ts";

const NOW = new Date(2026, 4, 12, 12, 0, 0).getTime();
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("times", () => {
  test.each([
    [0, "just now"],
    [44 * SECOND, "just now"],
    [45 * SECOND, "1 min ago"],
    [59 * MINUTE, "59 min ago"],
    [HOUR, "1 h ago"],
    [23 * HOUR, "23 h ago"],
    [DAY, "yesterday"],
    [3 * DAY, "3 days ago"],
    [8 * DAY, "on 4 May"],
    [400 * DAY, "on 7 Apr 2025"],
    [-5 * SECOND, "just now"],
  ])("%i ms back", (passed, words) => {
    expect(ago(NOW - passed, NOW)).toBe(words);
  });

  test("seconds are counted up to the full one", () => {
    expect(secondsUntil(NOW + 1, NOW)).toBe(1);
    expect(secondsUntil(NOW - 1, NOW)).toBe(0);
  });
});

describe("numbers and names", () => {
  test("one and many", () => {
    expect(count(1, "node")).toBe("1 node");
    expect(count(0, "node")).toBe("0 nodes");
  });

  test("cut by characters, not by UTF-16 units", () => {
    expect(shorten("abcdef", 4)).toBe("abc…");
    expect(shorten("😀😀😀😀", 4)).toBe("😀😀😀😀");
    expect(shorten("😀😀😀😀😀", 4)).toBe("😀😀😀…");
  });

  test("initials", () => {
    expect(initials("Ada Lovelace")).toBe("AL");
    expect(initials("my-agent")).toBe("MA");
    expect(initials("root")).toBe("RO");
    expect(initials("  ")).toBe("?");
  });

  test("who is here", () => {
    expect(hereSentence([])).toBe("Only you are here");
    expect(hereSentence(["Ada"])).toBe("You and Ada are here");
    expect(hereSentence(["Ada", "Robo", "Bo"])).toBe("You, Ada and 2 more are here");
  });

  test("advice for every code", () => {
    expect(adviceFor("forbidden")).not.toMatch(/^ask/i);
    expect(adviceFor("overloaded")).toBe("Try it again in a moment.");
    expect(adviceFor("never_heard_of")).toContain("taken back");
  });
});

describe("a diagram in the list", () => {
  const entry: Entry = {
    id: "a",
    uuid: "b",
    title: "Orders",
    description: null,
    kind: "flowchart",
    nodeCount: 5,
    edgeCount: 1,
    updatedAt: NOW,
    createdByAgent: false,
    lastAgentEdit: null,
    agentEditCount: 0,
    openToAgents: true,
    role: "owner",
    deletedAt: null,
    deletedBy: "",
  };

  test("its content", () => {
    expect(contentWords(entry)).toBe("Flowchart · 5 nodes · 1 edge");
    expect(contentWords({ ...entry, kind: "mermaid" })).toBe("Mermaid text");
    expect(contentWords({ ...entry, kind: "orgchart" })).toContain("orgchart");
  });

  test("what agents did", () => {
    expect(agentWords(entry)).toBe("");
    const busy = { ...entry, createdByAgent: true, agentEditCount: 2, openToAgents: false };
    expect(agentWords(busy)).toBe("made by an agent, 2 edits by agents, closed to agents");
    expect(changedByAgent(entry)).toBe(false);
    expect(changedByAgent({ ...entry, lastAgentEdit: NOW })).toBe(true);
    expect(changedByAgent({ ...entry, lastAgentEdit: NOW - 1 })).toBe(false);
  });

  test("a title of blanks", () => {
    expect(titleOf({ ...entry, title: "  " })).toBe("Untitled");
  });
});
