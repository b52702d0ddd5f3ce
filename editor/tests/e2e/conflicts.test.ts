import { afterAll, afterEach, expect, test } from "vitest";
import { waitUntil } from "../support/wait.ts";
import { centreOf, labelIn, PATIENCE_MS, type Person } from "./stage/person.ts";
import { deliveries, PACK, twoAlone } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

async function twoAt(diagramId: string): Promise<[Person, Person]> {
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  return [ann, bob];
}

async function revisionOf(person: Person): Promise<number> {
  return (await person.told()).revision;
}

test("a drag is seen while it goes on and is one edit at the drop; an agent's later move wins, is told, and mine can be restored", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  const agent = await stage.agent("mover");
  const base = await agent.read(diagramId);
  const before = await centreOf(bob.node("pack"));

  await ann.holds("pack", { x: 160, y: 40 });
  const hasFollowed = async () => (await centreOf(bob.node("pack"))).x > before.x + 100;
  await waitUntil("Bob sees the drag", hasFollowed, PATIENCE_MS);
  expect(await revisionOf(bob)).toBe(base);
  await ann.letsGo();
  await bob.sees("the drop", (view) => view.revision === base + 1);
  const dropped = (await ann.element("pack"))?.position;

  await agent.updateNode(diagramId, "pack", { position: { x: -200, y: 400 } }, base);
  const notice = ann.notice("mover");
  await notice.waitFor();
  expect(await notice.textContent()).toContain(PACK);
  await bob.sees("the agent's move", (view) => view.revision === base + 2);
  expect((await ann.element("pack"))?.position).toEqual({ x: -200, y: 400 });

  await notice.getByRole("button", { name: "Restore mine" }).click();
  await bob.sees("Ann's position again", (view) => view.revision === base + 3);
  expect((await bob.element("pack"))?.position).toEqual(dropped);
  await notice.waitFor({ state: "detached" });
  await stage.allAgree(diagramId);
});

test("an agent moves the node that I am dragging: the drag goes on, and where I drop it is where it is", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  const agent = await stage.agent("other-mover");
  const base = await agent.read(diagramId);
  await ann.holds("pack", { x: 120, y: 30 });
  await agent.updateNode(diagramId, "pack", { position: { x: -300, y: 0 } });
  await ann.sees("the agent's move", (view) => view.revision === base + 1);
  const held = await centreOf(ann.node("pack"));
  await ann.page.mouse.move(held.x + 30, held.y, { steps: 3 });
  await ann.letsGo();
  await bob.sees("the drop", (view) => view.revision === base + 2);
  const there = await centreOf(ann.node("pack"));
  expect(Math.abs(there.x - (held.x + 30))).toBeLessThan(12);
  await stage.allAgree(diagramId);
});

test("two people move one node at once: it ends where the later one put it, and only the other is told", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  ann.link.silence();
  await ann.drags("pack", { x: 150, y: 0 });
  const wanted = (await ann.element("pack"))?.position;
  await bob.drags("pack", { x: -150, y: 20 });
  await bob.isSaved();
  ann.link.restore();
  await bob.sees("the later move", (view) => view.revision === 2);
  await bob.notice(PACK).waitFor();
  await ann.isSaved();
  expect((await ann.element("pack"))?.position).toEqual(wanted);
  expect((await ann.view()).conflicts).toEqual([]);
  await stage.allAgree(diagramId);
});

test("a node is deleted while I edit its label: the editor closes, I am told by whom, and can have it back", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await twoAt(diagramId);
  await ann.editLabel("pack");
  await ann.moveCaret("end");
  ann.link.silence();
  await ann.types(" with care");
  await bob.selects("pack");
  await bob.presses("Delete");
  await bob.sees("the deletion", (view) => labelIn(view, "pack") === undefined);
  await bob.isSaved();
  ann.link.restore();

  await ann.node("pack").waitFor({ state: "detached" });
  const notice = ann.notice("deleted");
  await notice.waitFor();
  expect(await ann.edge("order-pack").count()).toBe(0);
  await notice.getByRole("button", { name: "Restore mine" }).click();
  const restored = `${PACK} with care`;
  await bob.sees("the node again", (view) => labelIn(view, "pack") === restored);
  await Promise.all([bob.reads("pack", restored), ann.reads("pack", restored)]);
  await bob.edge("order-pack").waitFor({ state: "attached" });
  await bob.edge("pack-deliver").waitFor({ state: "attached" });
  await stage.allAgree(diagramId);
});

test("an edge drawn to a node that is being deleted goes with it, and I am told", async () => {
  const diagramId = await stage.newDiagram({ content: twoAlone() });
  const [ann, bob] = await twoAt(diagramId);
  ann.link.silence();
  await ann.connects("order", "pack");
  await ann.page.locator(".react-flow__edge").first().waitFor({ state: "attached" });
  await bob.selects("pack");
  await bob.presses("Delete");
  await bob.isSaved();
  ann.link.restore();
  await ann.node("pack").waitFor({ state: "detached" });
  await ann.page.locator(".react-flow__edge").first().waitFor({ state: "detached" });
  await ann.notice("connection").waitFor();
  await stage.allAgree(diagramId);
});
