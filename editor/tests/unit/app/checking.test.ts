import { moveNodes, operationToJson } from "@diagramai/client";
import { expect, test } from "vitest";
import { checkedFrom } from "../../../src/app/api/engine.ts";
import { ApiError } from "../../../src/app/api/http.ts";
import {
  keyOf,
  mendOf,
  nextMend,
  worstFirst,
} from "../../../src/app/editor/panel/check/findings.ts";

const MEND = operationToJson(moveNodes(new Map([["a", { x: 400, y: 0 }]])));
const OVERLAP = {
  code: "overlap",
  severity: "error",
  message: "“A” and “B” overlap, so that one hides the other.",
  nodes: ["a", "b"],
  edges: [],
  count: 2,
  mend: MEND,
};
const LONELY = { ...OVERLAP, code: "lonely_node", severity: "warning", nodes: ["a"] };

test("a finding and its mend are read, whether or not there is one", () => {
  const { mend: _mend, ...bare } = LONELY;
  const { revision, findings } = checkedFrom({ revision: 4, findings: [OVERLAP, bare] });
  expect(revision).toBe(4);
  expect(findings[0]).toMatchObject({ severity: "error", nodes: ["a", "b"], edges: [] });
  expect(findings.map(({ mend }) => mend === null)).toEqual([false, true]);
  expect(findings[0]?.mend?.nodes.get("a")).toMatchObject({ type: "update" });
});

test("the worst is shown first, whatever is mended first", () => {
  const hint = { ...LONELY, severity: "hint", nodes: ["c"] };
  const { findings } = checkedFrom({ revision: 4, findings: [hint, LONELY, OVERLAP] });
  expect(worstFirst(findings).map(({ severity }) => severity)).toEqual([
    "error",
    "warning",
    "hint",
  ]);
});

test("what is no answer to a check is refused", () => {
  const finding = (more: object) => ({ revision: 4, findings: [{ ...OVERLAP, ...more }] });
  const wrong = [
    null,
    { revision: 4 },
    { revision: "4", findings: [] },
    finding({ severity: "fatal" }),
    finding({ message: 7 }),
    finding({ nodes: "a" }),
    finding({ mend: { nodes: 1 } }),
  ];
  for (const answer of wrong) expect(() => checkedFrom(answer)).toThrow(ApiError);
});

test("a finding is known again by what it is about, and mended on what was checked last", () => {
  const before = checkedFrom({ revision: 4, findings: [OVERLAP, LONELY] });
  const after = checkedFrom({ revision: 5, findings: [{ ...LONELY, message: "Other words." }] });
  const keys = before.findings.map(keyOf);
  expect(new Set(keys).size).toBe(2);
  expect(mendOf(after, keys[1] ?? "")?.revision).toBe(5);
  expect(mendOf(after, keys[0] ?? "")).toBe(null);
});

test("mending all of them ends, though one does not go away", () => {
  const checked = checkedFrom({ revision: 4, findings: [OVERLAP, LONELY] });
  const tried = new Set<string>();
  for (const finding of checked.findings) {
    const mend = nextMend(checked, tried);
    expect(mend?.key).toBe(keyOf(finding));
    tried.add(mend?.key ?? "");
  }
  expect(nextMend(checked, tried)).toBe(null);
});
