import { describe, expect, test } from "vitest";
import { type Case, casesOf, files } from "./cases.ts";
import { PROOFS } from "./proof.ts";

describe("every case with its answer", () => {
  test.each(files())(
    "$cases of $name",
    ({ name, cases }) => {
      const prove = PROOFS[name];
      if (prove === undefined) throw new Error(`Nothing proves ${name}.`);
      let proved = 0;
      for (const line of casesOf(name)) {
        within(line, name, prove);
        proved += 1;
      }
      expect(proved).toBe(cases);
    },
    60_000,
  );

  test("no file is left out", () => {
    const listed = files();
    expect(listed.map((file) => file.name).sort()).toEqual(Object.keys(PROOFS).sort());
    expect(listed.reduce((sum, file) => sum + file.cases, 0)).toBe(26_458);
  });
});

function within(line: Case, name: string, prove: (line: Case) => void): void {
  try {
    prove(line);
  } catch (cause) {
    throw new Error(`${name} ${line.number("case")}: ${String(cause)}`, { cause });
  }
}
