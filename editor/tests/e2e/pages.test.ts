import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, expect, onTestFinished, test } from "vitest";
import { fieldsOf } from "./stage/normal.ts";
import { centreOf, type Person } from "./stage/person.ts";
import { portray } from "./stage/portrait.ts";
import { deliveries } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"] as const;

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

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
  const heading = ann.page.getByRole("heading", { name: "Your diagrams" });
  expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
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

/** Where the agent of the scene is answered, by its own program and on whatever port is free. */
const CALLBACK = "http://127.0.0.1/callback";

/** An agent's program makes itself known, and names the address that it sends people to. */
async function questionOf(name: string, callback: string): Promise<string> {
  const described = {
    client_name: name,
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: "none",
  };
  const answer = await fetch(`${stage.server.baseUrl}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(described),
  });
  const { client_id: clientId } = fieldsOf(await answer.json(), "the client");
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: String(clientId),
    redirect_uri: callback,
    code_challenge: "x".repeat(43),
    state: "its state",
  });
  return `/oauth/authorize?${asked}`;
}

test("a person lets an agent in by the address, without a mouse", async () => {
  await stage.newDiagram({ title: "Checkout" });
  const program = createServer((_, answer) => answer.end("Thank you"));
  await once(program.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void program.close());
  const { port } = program.address() as AddressInfo;
  const callback = `http://127.0.0.1:${port}/callback`;
  const question = await questionOf("An agent", callback);
  const found: string[] = [];
  for (const [name, options] of looks().filter(([look]) => /desk-light|phone-dark/.test(look))) {
    const person = await stage.person(options);
    await person.goTo(question);
    found.push(...(await portray(person, `consent-${name}`)));
    const width = await person.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(options.viewport?.width);
    await stage.leaves(person);
  }
  expect(found).toEqual([]);

  const person = await stage.person();
  const { page } = person;
  await person.goTo(question);
  const list = page.getByRole("checkbox", { name: "Checkout" });
  expect(await list.isVisible()).toBe(false);
  await page.getByRole("radio", { name: /Only those/ }).focus();
  await person.presses("Space");
  await person.tabsTo(page.getByRole("searchbox"));
  await person.types("check");
  await person.presses("Enter");
  await page.waitForURL(/look=1/);
  expect(page.url()).not.toMatch(/approve/);
  await person.tabsTo(list);
  await person.presses("Space");
  const { origin } = new URL(page.url());
  await person.tabsTo(page.getByRole("button", { name: "Approve" }));
  await person.presses("Enter");
  await page.waitForURL((url) => url.href.startsWith(callback));
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    code: expect.stringMatching(/^[\w-]{43}$/),
    state: "its state",
    iss: `${origin}/oauth`,
  });
});
