import { describe, expect, test } from "vitest";
import { readEntry } from "../../../src/app/api/diagrams.ts";
import { isLinkGuest } from "../../../src/app/api/session.ts";
import type { ShareLink } from "../../../src/app/api/sharing.ts";
import { choosePerson, linkWords, ownRoleSentence } from "../../../src/app/words/sharing.ts";

const NOW = Date.UTC(2026, 4, 12, 10);
const ED = { id: "jwt:1", name: "Ed" };
const EDWARD = { id: "jwt:2", name: "Edward" };
const OTHER_ED = { id: "jwt:3", name: "ed" };

describe("whom one means", () => {
  test("an id goes before a name, a whole name before a part of one", () => {
    expect(choosePerson([EDWARD, ED, OTHER_ED], "jwt:2")).toBe(EDWARD);
    expect(choosePerson([EDWARD, ED], "ED")).toBe(ED);
    expect(choosePerson([EDWARD], "edw")).toBe(EDWARD);
  });

  test("where it is not clear, nobody is added", () => {
    expect(choosePerson([ED, OTHER_ED], "ed")).toMatch(/choose one by its id/u);
    expect(choosePerson([EDWARD, OTHER_ED], "e")).toMatch(/choose one by its id/u);
    expect(choosePerson([], "Zoë")).toMatch(/Nobody called “Zoë”/u);
  });
});

describe("what is said", () => {
  const link: ShareLink = { id: "l", role: "viewer", expiresAt: NOW + 86_400_000, members: 0 };

  test("of a link", () => {
    expect(linkWords(link, NOW)).toBe("Can view · until 13 May");
    expect(linkWords({ ...link, role: "editor", members: 2 }, NOW)).toBe(
      "Can edit · until 13 May · 2 people came",
    );
  });

  test("to those who do not own it", () => {
    expect(ownRoleSentence("viewer", ED)).toMatch(/look at.*belongs to Ed/u);
    expect(ownRoleSentence("editor", null)).toMatch(/edit.*those who run this server/u);
  });
});

test("a diagram in the trash says who put it there, by name where it is known", () => {
  const row = {
    id: "a",
    uuid: "b",
    title: "t",
    description: null,
    format: "reactflow",
    kind: "flowchart",
    nodeCount: 0,
    edgeCount: 0,
    updatedAt: "2026-05-12T10:00:00Z",
    createdByAgent: false,
    lastAgentEdit: null,
    agentEditCount: 0,
    agentAccessible: true,
    role: "owner",
    deletedAt: "2026-05-12T10:00:00Z",
    deletedBy: "jwt:1",
    deletedByName: "Ed",
  };
  expect(readEntry(row)).toMatchObject({ role: "owner", deletedAt: NOW, deletedBy: "Ed" });
  expect(readEntry({ ...row, deletedByName: null })).toMatchObject({ deletedBy: "jwt:1" });
  expect(readEntry({ ...row, deletedAt: undefined, role: 1 })).toMatchObject({
    role: null,
    deletedAt: null,
  });
});

test("guests of a link are told apart by their id", () => {
  const session = { baseUrl: "", command: "", version: "", isAdmin: false };
  const guest = { kind: "user", id: "guest:1", name: "Gus" } as const;
  expect(isLinkGuest({ ...session, participant: guest })).toBe(true);
  expect(isLinkGuest({ ...session, participant: { ...guest, id: "jwt:guest:1" } })).toBe(false);
});
