import type { BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, expect, test } from "vitest";
import { Agent } from "./stage/agent.ts";
import { PATIENCE_MS, type Person } from "./stage/person.ts";
import { overflow, portray } from "./stage/portrait.ts";
import { deliveries } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

const TABS = ["Agents", "Grants", "Sessions", "Audit", "Alerts"] as const;
const LOOKS: readonly [string, BrowserContextOptions][] = [
  ["desk-light", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true }],
];
/** What is promised: a revoked agent is gone within a second. */
const REVOKED_WITHIN_MS = 1_000;
/** As many calls that are refused as raise an alert. */
const REFUSALS = 20;

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

function button(person: Person, name: string | RegExp) {
  return person.page.getByRole("button", { name, exact: typeof name === "string" });
}

function tab(person: Person, name: string) {
  return person.page.getByRole("tab", { name: new RegExp(`^${name}`) });
}

function row(person: Person, ...texts: readonly (string | RegExp)[]) {
  const rows = person.page.getByRole("row");
  return texts.reduce((found, text) => found.filter({ hasText: text }), rows).first();
}

/** Asks for what is shown in the tab, and waits until it is there. */
async function shows(person: Person, name: string): Promise<void> {
  await tab(person, name).click();
  await person.page.locator(`section[aria-label="${name}"]`).waitFor();
  await person.page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
}

async function makesAgent(person: Person, name: string): Promise<string> {
  await button(person, "New agent").first().click();
  const dialog = person.page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await button(person, "Make the key").click();
  await dialog.getByText("shown this once").waitFor();
  const key = (await dialog.locator("pre").first().textContent()) ?? "";
  expect(await dialog.getByRole("tabpanel").textContent()).toContain(`Bearer ${key}`);
  await button(person, "I have the key").click();
  return key;
}

interface Closing {
  readonly code: number;
  readonly at: number;
}

/** A socket of the agent, and when and with which code it closes. */
async function agentSocket(key: string): Promise<{ closed: Promise<Closing> }> {
  const url = `${stage.server.baseUrl.replace("http", "ws")}/ws/diagrams`;
  // Node's own takes headers, which the types of browsers do not know.
  const options = { headers: { authorization: `Bearer ${key}` } };
  const socket: WebSocket = Reflect.construct(WebSocket, [url, options]);
  const closed = new Promise<Closing>((resolve) => {
    socket.addEventListener("close", ({ code }) => resolve({ code, at: performance.now() }));
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  return { closed };
}

async function statusWith(key: string): Promise<number> {
  const answer = await fetch(`${stage.server.baseUrl}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
  });
  await answer.body?.cancel();
  return answer.status;
}

test("a key made on the page lets an agent in, its limit holds it, and revoking it shuts it out within a second", async () => {
  const diagramId = await stage.newDiagram({ title: "Deliveries", content: deliveries() });
  const [ann, bob] = [await stage.person(), await stage.person()];
  await bob.open(diagramId);
  await ann.goTo("/");
  await ann.page.getByRole("link", { name: /^Admin/ }).click();
  const key = await makesAgent(ann, "painter");
  await row(ann, "painter", "never used").waitFor();

  const agent = await Agent.connect(stage.server.baseUrl, "painter", key);
  await agent.updateNode(diagramId, "pack", { label: "Painted" });
  await bob.reads("pack", "Painted");
  await ann.page.getByRole("img", { name: /^[1-9]\d* calls? in the last 24 hours/ }).waitFor();
  const { closed } = await agentSocket(key);
  await shows(ann, "Sessions");
  await row(ann, "painter", "WebSocket").waitFor();
  await shows(ann, "Audit");
  await row(ann, "painter", "update_node", "Deliveries", "done").waitFor();

  await shows(ann, "Agents");
  await button(ann, "More for painter").click();
  await button(ann, "Change…").click();
  await ann.page.getByRole("spinbutton", { name: "Operations a minute" }).fill("1");
  await button(ann, "Save").click();
  await row(ann, "painter", "1 / min").waitFor();
  const attempts = async () => {
    for (let i = 0; i < 3; i++) await agent.updateNode(diagramId, "pack", { label: `Again ${i}` });
  };
  await expect(attempts()).rejects.toThrow(/a minute/);
  await shows(ann, "Audit");
  await row(ann, "painter", "update_node", "rate_limited").waitFor();
  await button(ann, /^Details of update_node by painter/)
    .first()
    .click();
  await ann.page.getByText("agent:painter at").waitFor();

  await shows(ann, "Agents");
  await button(ann, "More for painter").click();
  await button(ann, "Revoke…").click();
  expect(await statusWith(key)).toBe(200);
  const revoking = performance.now();
  await button(ann, "Revoke").click();
  const { code, at } = await closed;
  expect(code).toBe(4401);
  expect(at - revoking).toBeLessThan(REVOKED_WITHIN_MS);
  expect(await statusWith(key)).toBe(401);
  await row(ann, "painter").waitFor({ state: "detached" });
  await ann.page.getByRole("checkbox", { name: "Show revoked" }).check();
  await row(ann, "painter", "revoked").waitFor();
  expect([...ann.complaints, ...bob.complaints]).toEqual([]);
  await agent.close();
});

async function fillsThePage(): Promise<void> {
  const diagramId = await stage.newDiagram({ title: "Orders in May", content: deliveries() });
  const reader = await stage.key("reader", ["read"]);
  const claude = await stage.agent("claude");
  await claude.updateNode(diagramId, "pack", { label: "Packed" });
  const careless = await Agent.connect(stage.server.baseUrl, "reader", reader);
  for (let i = 0; i < REFUSALS; i++) {
    await careless.updateNode(diagramId, "pack", { label: "Mine" }).catch(() => undefined);
  }
  await careless.close();
  const cookie = await stage.server.signIn();
  const path = `/api/admin/grants/${diagramId}/claude`;
  const answer = await fetch(`${stage.server.baseUrl}${path}`, {
    method: "PUT",
    headers: { cookie, "content-type": "application/json" },
    body: JSON.stringify({ permissions: ["read", "edit"] }),
  });
  expect(answer.status).toBe(200);
}

test("every tab looks right on a desk and a phone, in light and dark, and keeps nobody out", async () => {
  await fillsThePage();
  const found: string[] = [];
  for (const [look, options] of LOOKS) {
    const ann = await stage.person(options);
    await ann.goTo("/admin");
    await tab(ann, "Alerts \\(1\\)").waitFor({ timeout: PATIENCE_MS });
    for (const name of TABS) {
      await shows(ann, name);
      found.push(...(await portray(ann, `admin-${name.toLowerCase()}-${look}`)));
      expect(await overflow(ann), `${name} on ${look}`).toBe(0);
    }
    await button(ann, /^Acknowledge: Refused/).waitFor();
    expect(ann.complaints).toEqual([]);
    await stage.leaves(ann);
  }
  expect(found).toEqual([]);
});

test("by the keyboard alone an alert is acknowledged, and an agent made and given up", async () => {
  const ann = await stage.person();
  await ann.goTo("/admin");
  await ann.tabsTo(tab(ann, "Agents"));
  await ann.presses("End");
  await ann.tabsTo(button(ann, /^Acknowledge/));
  await ann.presses("Enter");
  await ann.page.getByRole("heading", { name: "All is quiet" }).waitFor();
  await ann.tabsTo(tab(ann, "Alerts"));
  await ann.presses("Home");
  await ann.tabsTo(button(ann, "New agent").first());
  await ann.presses("Enter");
  await ann.types("scribe");
  await ann.presses("Enter");
  await ann.page.getByText("shown this once").waitFor();
  await ann.presses("Escape");
  await row(ann, "scribe").waitFor();
  expect(ann.complaints).toEqual([]);
});
