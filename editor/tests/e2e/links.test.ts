import { afterAll, afterEach, expect, test } from "vitest";
import { waitUntil } from "../support/wait.ts";
import type { Agent } from "./stage/agent.ts";
import { fieldsOf } from "./stage/normal.ts";
import { labelIn, nodeIdsIn, PATIENCE_MS, type Person } from "./stage/person.ts";
import { randomFrom } from "./stage/random.ts";
import { deliveries, PACK } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

/** How long the network is away in the scene about that. */
const AWAY_MS = 20_000;
const WORDS = ["soon", "again", "and", "again", "quickly", "please"];
/** How long everybody goes on, and how many nodes people let stand at most. */
const FOR_MS = 6_000;
const MAX_NODES = 10;
const TEXTS = ["ab ", "👍🏽", "xyz", "q\u0301 "];
/** Printed with a failure; another one is another play. */
const SEED = Number(process.env.SEED ?? 20_261_124);

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

async function twoAt(diagramId: string): Promise<[Person, Person]> {
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  return [ann, bob];
}

/** Types words at the end of the label, one after another, until told to stop; returns them. */
async function typeOn(person: Person, nodeId: string, isOver: () => boolean): Promise<string[]> {
  await person.editLabel(nodeId);
  await person.moveCaret("end");
  const typed: string[] = [];
  for (let i = 0; !isOver(); i++) {
    const word = `${WORDS[i % WORDS.length]}${i}`;
    await person.types(` ${word}`);
    typed.push(word);
  }
  await person.presses("Escape");
  return typed;
}

test("the network is away for 20 seconds while both sides edit: it is said, and afterwards all is there", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  const back = Date.now() + AWAY_MS;
  ann.link.cut();
  await ann.shows(/^reconnecting/i);
  await ann.context.setOffline(true);
  await ann.shows(/^offline/i);
  expect(ann.link.socketCount).toBe(0);

  await ann.drags("order", { x: 120, y: 10 });
  await bob.drags("deliver", { x: -120, y: 10 });
  const isBack = () => Date.now() >= back;
  const [mine, theirs] = await Promise.all([
    typeOn(ann, "pack", isBack),
    typeOn(bob, "pack", isBack),
  ]);
  expect((await ann.view()).saving).toBe(true);
  await ann.shows(/^offline.*changes wait/i);
  ann.link.restore();
  await ann.context.setOffline(false);

  const hasAll = (text: string) => [...mine, ...theirs].every((word) => text.includes(word));
  for (const person of [ann, bob]) {
    await person.sees("everybody's words", (view) => hasAll(String(labelIn(view, "pack"))));
  }
  await ann.showsSaved();
  await stage.allAgree(diagramId);
});

test("the server is killed while both type and comes back: whatever anybody saw is still there", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  let isOver = false;
  const typing = Promise.all([
    typeOn(ann, "pack", () => isOver),
    typeOn(bob, "deliver", () => isOver),
  ]);
  const isLong = (view: Record<string, unknown>) => String(labelIn(view, "deliver")).length > 60;
  await ann.sees("some of what Bob types", isLong);
  await stage.server.kill();
  const seen = String(labelIn(await ann.view(), "deliver"));
  await ann.shows(/^reconnecting/i);
  await stage.server.restart();
  isOver = true;
  const [mine, theirs] = await typing;
  await Promise.all([ann.isSaved(), bob.isSaved()]);
  await ann.sees("all of Bob's words", (view) =>
    theirs.every((word) => String(labelIn(view, "deliver")).includes(word)),
  );
  await bob.sees("all of Ann's words", (view) =>
    mine.every((word) => String(labelIn(view, "pack")).includes(word)),
  );
  expect(String(labelIn(await ann.view(), "deliver")).startsWith(seen)).toBe(true);
  await stage.allAgree(diagramId);
});

test("a page reloaded with unsent edits still has them and sends them once it can", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  ann.link.blockSockets();
  await ann.editLabel("pack");
  await ann.moveCaret("end");
  await ann.types(" offline");
  await ann.presses("Escape");
  await ann.drags("order", { x: 90, y: 0 });
  const moved = (await ann.element("order"))?.position;
  await ann.isStored();
  await bob.editLabel("pack");
  await bob.moveCaret("start");
  await bob.types("Meanwhile ");
  await bob.presses("Escape");
  await bob.isSaved();

  ann.page.on("dialog", (dialog) => dialog.accept());
  await ann.page.reload();
  expect(ann.link.socketCount).toBe(0);
  ann.link.restore();
  const both = `Meanwhile ${PACK} offline`;
  await ann.sees("both edits", (view) => labelIn(view, "pack") === both);
  await bob.sees("both edits", (view) => labelIn(view, "pack") === both);
  expect((await ann.element("order"))?.position).toEqual(moved);
  await stage.allAgree(diagramId);
});

test("a tab closed in the middle of an edit loses nothing: a new one sends it", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  ann.link.silence();
  await ann.editLabel("pack");
  await ann.moveCaret("end");
  await ann.types(" unfinished");
  await ann.isStored();
  await ann.changeTab();
  ann.link.restore();
  await ann.open(diagramId);
  const text = `${PACK} unfinished`;
  await ann.sees("the edit", (view) => labelIn(view, "pack") === text);
  await bob.sees("the edit", (view) => labelIn(view, "pack") === text);
  await waitUntil("it is saved", async () => (await ann.view()).saving === false, PATIENCE_MS);
  await stage.allAgree(diagramId);
});

type Choose = (below: number) => number;

async function seenNode(person: Person, choose: Choose): Promise<string | undefined> {
  const ids = nodeIdsIn(await person.view());
  const id = ids[choose(Math.max(1, ids.length))];
  return id !== undefined && (await person.node(id).isVisible()) ? id : undefined;
}

async function editsSomething(person: Person, id: string, choose: Choose): Promise<void> {
  switch (choose(6)) {
    case 0:
    case 1:
      return await person.drags(id, { x: choose(200) - 100, y: choose(160) - 80 });
    case 2:
    case 3:
      await person.node(id).dblclick();
      await person.moveCaret(choose(2) === 0 ? "start" : "end");
      await person.types(TEXTS[choose(TEXTS.length)] ?? "");
      return await person.presses("Escape");
    case 4:
      await person.node(id).click();
      return await person.presses(choose(2) === 0 ? "Delete" : "ControlOrMeta+d");
    default:
      return await person.presses(choose(3) === 0 ? "ControlOrMeta+Shift+z" : "ControlOrMeta+z");
  }
}

function changesLink(person: Person, choose: Choose): void {
  const change = choose(8);
  if (change === 0) person.link.cut();
  else if (change === 1) person.link.silence();
  else if (change < 5) person.link.restore();
}

/** A node may go under somebody's hands: then they do something else. */
async function plays(person: Person, choose: Choose, until: number): Promise<void> {
  person.context.setDefaultTimeout(500);
  while (Date.now() < until) {
    changesLink(person, choose);
    const id = await seenNode(person, choose);
    const isFew = nodeIdsIn(await person.view()).length < MAX_NODES;
    if (id === undefined && isFew)
      await person
        .shape("process")
        .click()
        .catch(() => undefined);
    else if (id !== undefined) await editsSomething(person, id, choose).catch(() => undefined);
    await person.letsGo();
  }
}

/** Durable edits of the page's own person, as its activity counts them. */
function editsOf(view: Record<string, unknown>): number {
  const entries: unknown[] = Array.isArray(view.activity) ? view.activity : [];
  return entries
    .map((entry) => fieldsOf(entry, "an entry"))
    .filter(({ mine }) => mine === true)
    .reduce((sum, { count }) => sum + Number(count), 0);
}

/** Reads, thinks, and writes on what it has read. */
async function agentPlays(agent: Agent, id: string, choose: Choose, until: number): Promise<void> {
  while (Date.now() < until) {
    const read = await agent.call("read_diagram", { diagram_id: id, format: "reactflow" });
    const nodes = Array.isArray(read.nodes) ? read.nodes : [];
    const node = nodes[choose(Math.max(1, nodes.length))];
    const updates =
      choose(2) === 0
        ? { position: { x: choose(400), y: choose(400) } }
        : { label: `${node?.data.label} agent` };
    const isThere = node !== undefined;
    if (isThere) await agent.updateNode(id, node.id, updates, Number(read.revision));
  }
}

test("two people and an agent do as they please over failing links, and in the end all agree", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  const agent = await stage.agent("claude");
  const until = Date.now() + FOR_MS;
  await Promise.all([
    plays(ann, randomFrom(SEED), until),
    plays(bob, randomFrom(SEED + 1), until),
    agentPlays(agent, diagramId, randomFrom(SEED + 2), until),
  ]);
  for (const person of [ann, bob]) await person.isOnlineAgain();
  const { revision } = await stage.allAgree(diagramId);
  expect(revision, `seed ${SEED}`).toBeGreaterThan(5);
  // An agent alone would prove nothing.
  for (const person of [ann, bob]) {
    expect(editsOf(await person.view()), `edits, seed ${SEED}`).toBeGreaterThan(2);
  }
  for (const person of [ann, bob]) expect((await person.view()).problem).toBeNull();
});
