import fc from "fast-check";
import { test } from "vitest";
import type { Pick } from "./textWorld.ts";

/** The same cases in each run: what is red stays red until it is mended. */
const SEED = 20_240;
const RUNS = 700;

/** Tries `check` `runs` times, each time with other chances; a case that throws is made small. */
export function tryOften(check: (pick: Pick) => void, runs = RUNS): void {
  const property = fc.property(fc.gen(), (draw) => {
    check((n) => draw(fc.nat, { max: n - 1 }));
  });
  fc.assert(property, { numRuns: runs, seed: SEED });
}

/** A test that `check` holds for any chances. */
export function law(name: string, check: (pick: Pick) => void, runs = RUNS): void {
  test(name, () => tryOften(check, runs), 60_000);
}
