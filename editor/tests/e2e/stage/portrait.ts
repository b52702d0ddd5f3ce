/** How a page looks, and what axe says of it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fieldsOf } from "./normal.ts";
import type { Person } from "./person.ts";
import { OUTPUT } from "./stage.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What axe calls a violation that keeps people out, or makes their way longer. */
const GRAVE = ["moderate", "serious", "critical"];

/** Keeps a picture of the page and returns its grave violations, one line each. */
export async function portray(person: Person, name: string): Promise<string[]> {
  await person.page.screenshot({ path: join(OUTPUT, `${name}.png`) });
  return (await violations(person)).map((violation) => `${name}: ${violation}`);
}

async function violations(person: Person): Promise<string[]> {
  await person.page.evaluate(AXE);
  const found: unknown = await person.page.evaluate("axe.run({ resultTypes: ['violations'] })");
  const all = fieldsOf(found, "axe's answer").violations;
  if (!Array.isArray(all)) throw new Error("axe found no answer");
  return all
    .filter((violation) => GRAVE.includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((n: { html: string }) => n.html)}`);
}

/** How far the page is wider than its window, in px. */
export async function overflow(person: Person): Promise<number> {
  return await person.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
