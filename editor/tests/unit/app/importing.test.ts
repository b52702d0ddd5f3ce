import { expect, test } from "vitest";
import { MAX_IMPORT_BYTES, readImported } from "../../../src/app/api/engine.ts";
import { ApiError } from "../../../src/app/api/http.ts";
import {
  fateOfError,
  formatIn,
  formatOf,
  type Item,
  MAX_FILES,
  onlyDiagram,
  titleFrom,
  withFiles,
} from "../../../src/app/start/importing/files.ts";

function file(name: string, size = 1): File {
  return new File([new Uint8Array(size)], name);
}

function done(key: number, ...reports: string[][]): Item {
  const diagrams = reports.map((report, i) => ({ id: `d${i}`, title: "", kind: "blank", report }));
  return { key, file: file("a.json"), fate: { name: "done", diagrams } };
}

test("the ending tells what a file is", () => {
  const names = ["a.JSON", "b.mmd", "c.mermaid", "d.e.txt", "f.pdf", "json", "g.", ""];
  expect(names.map(formatOf)).toEqual([
    "json",
    "mermaid",
    "mermaid",
    "mermaid",
    undefined,
    "json",
    undefined,
    undefined,
  ]);
});

test("in a .txt the beginning tells what it holds", async () => {
  const held = (text: string, name: string) => formatIn(new File([text], name));
  expect(await held('\ufeff \n{"nodes": []}', "a.TXT")).toBe("json");
  expect(await held("[", "a.txt")).toBe("json");
  expect(await held("graph TD\n A[{}]", "a.txt")).toBe("mermaid");
  expect(await held("", "a.txt")).toBe("mermaid");
  expect(await held("{", "a.mmd")).toBe("mermaid");
  expect(await held("graph TD", "a.json")).toBe("json");
});

test("a title is the name without its ending, and not too long", () => {
  expect(["Order flow.v2.mmd", ".json", "plain"].map(titleFrom)).toEqual([
    "Order flow.v2",
    ".json",
    "plain",
  ]);
  expect([...titleFrom(`${"😀".repeat(2_000)}.mmd`)]).toHaveLength(1_000);
});

test("files that cannot be imported say so before anything is sent", () => {
  const items = withFiles(
    [],
    [file("a.mmd"), file("b.pdf"), file("c.json", MAX_IMPORT_BYTES + 1), file("d.json")],
  );
  expect(items.map(({ fate }) => fate.name)).toEqual(["waiting", "failed", "failed", "waiting"]);
  expect(items[2]?.fate).toMatchObject({ why: expect.stringContaining("at most 8 MB") });
});

test("files that are added later keep the others, each has a key of its own, and the list ends", () => {
  const first = withFiles([], [file("a.mmd"), file("b.mmd")]);
  const all = withFiles(
    first,
    Array.from({ length: MAX_FILES }, (_, i) => file(`${i}.mmd`)),
  );
  expect(all.slice(0, 2)).toEqual(first);
  expect(all).toHaveLength(MAX_FILES + 1);
  expect(new Set(all.map(({ key }) => key)).size).toBe(MAX_FILES + 1);
  expect(all.at(-1)?.file.name).toBe(`${MAX_FILES - 2}.mmd`);
  expect(all.at(-1)?.fate).toMatchObject({ why: expect.stringContaining("and 1 more were left") });
});

test("what was wrong is told with its place; only a taken id offers copies", () => {
  const wrong = new ApiError(
    "mermaid_syntax",
    "An arrow belongs here.",
    400,
    null,
    "line 2, column 5",
  );
  expect(fateOfError(wrong)).toEqual({
    name: "failed",
    why: "Line 2, column 5: An arrow belongs here.",
    taken: false,
  });
  const taken = new ApiError("already_exists", "The id is taken.", 409, null, "[2]");
  expect(fateOfError(taken)).toEqual({
    name: "failed",
    why: "The id is taken.",
    taken: true,
  });
});

test("only one diagram with nothing to tell is gone to", () => {
  expect(onlyDiagram([done(1, [])])).toBe("d0");
  expect(onlyDiagram([done(1, ["an edge without a source is gone"])])).toBe(null);
  expect(onlyDiagram([done(1, [], [])])).toBe(null);
  expect(onlyDiagram([done(1, []), done(2, [])])).toBe(null);
  expect(onlyDiagram([done(1)])).toBe(null);
  expect(onlyDiagram(withFiles([], [file("b.pdf")]))).toBe(null);
});

test("an answer that is no list of diagrams is refused", () => {
  const entry = { id: "d", title: "t", format: "mermaid", kind: "flowchart", report: ["x"] };
  expect(readImported([entry])).toEqual([{ id: "d", title: "t", kind: "mermaid", report: ["x"] }]);
  for (const wrong of [null, {}, [null], [{ ...entry, id: 1 }], [{ ...entry, report: "x" }]]) {
    expect(() => readImported(wrong)).toThrow(ApiError);
  }
});
