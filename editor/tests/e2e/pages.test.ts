import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, expect, test } from "vitest";
import { fieldsOf } from "./stage/normal.ts";
import { centreOf, type Person } from "./stage/person.ts";
import { deliveries } from "./stage/samples.ts";
import { OUTPUT, Stage } from "./stage/stage.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"] as const;
/** What axe calls a violation that keeps people out. */
const GRAVE = ["serious", "critical"];

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Grave violations of the page as it stands, one line each. */
async function violations(person: Person): Promise<string[]> {
  await person.page.evaluate(AXE);
  const found: unknown = await person.page.evaluate("axe.run({ resultTypes: ['violations'] })");
  const all = fieldsOf(found, "axe's answer").violations;
  if (!Array.isArray(all)) throw new Error("axe found no answer");
  return all
    .filter((violation) => GRAVE.includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((n: { html: string }) => n.html)}`);
}

async function portray(person: Person, name: string): Promise<string[]> {
  await person.page.screenshot({ path: join(OUTPUT, `${name}.png`) });
  return (await violations(person)).map((violation) => `${name}: ${violation}`);
}

function looks(): [string, BrowserContextOptions][] {
  return Object.entries(SIZES).flatMap(([size, viewport]) =>
    SCHEMES.map((colorScheme): [string, BrowserContextOptions] => [
      `${size}-${colorScheme}`,
      { viewport, colorScheme, hasTouch: size === "phone" },
    ]),
  );
}

test("list and editor look right on a desk and a phone, in light and dark, and keep nobody out", async () => {
  const diagramId = await stage.newDiagram({
    title: "How a parcel gets to the door",
    content: deliveries(),
  });
  await stage.newDiagram({ title: "Onboarding", template: "flowchart" });
  await stage.newDiagram({ title: "Ideas for spring", template: "mindmap" });
  const agent = await stage.agent("claude");
  const { node_id } = await agent.call("add_node", {
    diagram_id: diagramId,
    node_data: { type: "note", label: "Weigh it first", position: { x: 520, y: 180 } },
  });
  const note = String(node_id);
  const bob = await stage.person();
  await bob.open(diagramId);
  await bob.selects("pack");
  const place = await centreOf(bob.node("deliver"));
  await bob.page.mouse.move(place.x + 140, place.y - 60);
  const me = await bob.name();
  const found: string[] = [];
  for (const [name, options] of looks()) {
    const ann = await stage.person(options);
    await ann.goTo("/");
    await ann.page.getByText("Ideas for spring").waitFor();
    found.push(...(await portray(ann, `list-${name}`)));
    await ann.open(diagramId);
    const label = `Weigh it first (${name})`;
    await agent.updateNode(diagramId, note, { label });
    await ann.reads(note, label);
    await Promise.all([ann.othersAt(note).waitFor(), ann.pointers(me).waitFor()]);
    found.push(...(await portray(ann, `editor-${name}`)));
    await stage.leaves(ann);
  }
  expect(found).toEqual([]);
});

function button(person: Person, name: string | RegExp) {
  return person.page.getByRole("button", { name, exact: typeof name === "string" });
}

function card(person: Person, title: string) {
  return person.page.getByRole("listitem").filter({ hasText: title }).first();
}

async function makes(person: Person, title: string): Promise<string> {
  await button(person, "New diagram").first().click();
  await person.page.getByRole("dialog").getByRole("textbox", { name: "Title" }).fill(title);
  await button(person, "Create").click();
  await person.sees("the new diagram", (view) => view.status === "ready");
  return new URL(person.page.url()).pathname.replace("/d/", "");
}

test("a diagram is made from the list, renamed, found again and moved to the trash, and closes for whoever had it open", async () => {
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await ann.goTo("/");
  const diagramId = await makes(ann, "Parcels");
  await stage.allHereAgree(diagramId, [ann]);
  await bob.open(diagramId);

  await ann.page.goBack();
  await button(ann, "More for Parcels").click();
  await button(ann, "Rename").click();
  await ann.page.getByRole("textbox", { name: "Title" }).fill("Parcels and letters");
  await button(ann, "Rename").click();
  await card(ann, "Parcels and letters").waitFor();
  await bob.sees("the new title", (view) => JSON.stringify(view).includes("Parcels and letters"));
  await stage.allHereAgree(diagramId, [bob]);

  await ann.page.getByRole("searchbox", { name: "Filter by title" }).fill("and letters");
  await card(ann, "Parcels and letters").waitFor();
  await button(ann, "More for Parcels and letters").click();
  await button(ann, "Delete").click();
  await button(ann, "Move to trash").click();
  await card(ann, "Parcels and letters").waitFor({ state: "detached" });
  await bob.sees("that it is gone", (view) => view.status === "deleted");
  expect([...ann.complaints, ...bob.complaints]).toEqual([]);
});

test("an address that names no diagram says so and leads back to the list", async () => {
  const ann = await stage.person();
  await ann.goTo("/d/there-is-none-of-this-id");
  await ann.page
    .getByText(/no such diagram|not found|there is no diagram/i)
    .first()
    .waitFor();
  await ann.page
    .getByRole("link", { name: /diagrams/i })
    .first()
    .click();
  await ann.page.getByRole("heading", { name: "Your diagrams" }).waitFor();
});
