import { afterAll, afterEach, expect, test } from "vitest";
import { waitUntil } from "../support/wait.ts";
import { centreOf, labelIn, PATIENCE_MS, type Person } from "./stage/person.ts";
import { deliveries, PACK } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

async function openEditor(person: Person, diagramId: string, caret: "start" | "end") {
  await person.open(diagramId);
  await person.editLabel("pack");
  await person.moveCaret(caret);
}

async function editorReads(person: Person, text: string): Promise<void> {
  const value = () => person.labelEditor("pack").inputValue();
  await waitUntil(`an open label reads ${text}`, async () => (await value()) === text, PATIENCE_MS);
}

test("two people and an agent type in one label at once: every word stays, and each caret stays in its place", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob, agent] = await Promise.all([
    stage.person(),
    stage.person(),
    stage.agent("claude"),
  ]);
  await Promise.all([openEditor(ann, diagramId, "start"), openEditor(bob, diagramId, "end")]);
  const base = await agent.read(diagramId);

  await Promise.all([
    ann.types("Please "),
    bob.types(" before noon"),
    agent.updateNode(diagramId, "pack", { label: "Pack the heavy parcel" }, base),
  ]);

  const merged = "Please Pack the heavy parcel before noon";
  await Promise.all([editorReads(ann, merged), editorReads(bob, merged)]);
  expect(await ann.caret()).toBe("Please ".length);
  expect(await bob.caret()).toBe(merged.length);

  await Promise.all([ann.types("do "), bob.types("!")]);
  const longer = "Please do Pack the heavy parcel before noon!";
  await Promise.all([editorReads(ann, longer), editorReads(bob, longer)]);
  expect(await ann.caret()).toBe("Please do ".length);
  await Promise.all([ann.presses("Escape"), bob.presses("Escape")]);
  await Promise.all([ann.reads("pack", longer), bob.reads("pack", longer)]);
  await stage.allAgree(diagramId);
});

test("words typed on both sides of a stalled link are merged when it moves again, emoji included", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([openEditor(ann, diagramId, "start"), openEditor(bob, diagramId, "start")]);

  ann.link.silence();
  bob.link.silence();
  await ann.types("📦 ");
  await bob.presses("ControlOrMeta+End");
  await bob.types(" 🚚👍🏽");
  ann.link.restore();
  bob.link.restore();

  const merged = `📦 ${PACK} 🚚👍🏽`;
  await Promise.all([editorReads(ann, merged), editorReads(bob, merged)]);
  expect(await ann.caret()).toBe("📦 ".length);
  expect(await bob.caret()).toBe(merged.length);
  await stage.allAgree(diagramId);
});

test("undo takes back only what I did, also after others went on, and redo brings it again", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([openEditor(ann, diagramId, "start"), bob.open(diagramId)]);
  await ann.types("First ");
  await ann.presses("Escape");
  await bob.sees("Ann's word", (view) => labelIn(view, "pack") === `First ${PACK}`);
  await bob.editLabel("pack");
  await bob.moveCaret("end");
  await bob.types(" twice");
  await bob.presses("Escape");
  await bob.drags("order", { x: 150, y: 20 });
  await bob.isSaved();
  const moved = (await bob.element("order"))?.position;
  await ann.sees("Bob's word", (view) => labelIn(view, "pack") === `First ${PACK} twice`);
  await waitUntil("Ann sees Bob's move", async () => {
    return JSON.stringify((await ann.element("order"))?.position) === JSON.stringify(moved);
  });

  await ann.presses("ControlOrMeta+z");
  await bob.sees("the undo", (view) => labelIn(view, "pack") === `${PACK} twice`);
  expect((await ann.view()).canUndo).toBe(false);
  await ann.presses("ControlOrMeta+Shift+z");
  await bob.sees("the redo", (view) => labelIn(view, "pack") === `First ${PACK} twice`);
  await ann.isSaved();
  expect((await bob.element("order"))?.position).toEqual(moved);
  await stage.allAgree(diagramId);
});

type Fields = Record<string, unknown>;

function peersIn(view: Fields, kind: string): Fields[] {
  const peers = Array.isArray(view.peers) ? view.peers : [];
  return peers.filter((peer: { participant: Fields }) => peer.participant.kind === kind);
}

async function seesPeers(person: Person, kind: string, count: number): Promise<void> {
  await person.sees(`${count} of kind ${kind}`, (view) => peersIn(view, kind).length === count);
}

test("two people and an agent see each other: names, pointers, selections, what the agent does; and when they have left", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  const agent = await stage.agent("claude");
  await agent.call("add_node", {
    diagram_id: diagramId,
    node_data: { type: "note", label: "An agent was here", position: { x: 520, y: 180 } },
  });
  await Promise.all([seesPeers(ann, "user", 1), seesPeers(ann, "agent", 1)]);
  await Promise.all([seesPeers(bob, "user", 1), seesPeers(bob, "agent", 1)]);
  await ann.page.getByText("claude").first().waitFor();

  const place = await centreOf(ann.node("deliver"));
  await ann.page.mouse.move(place.x + 150, place.y + 30);
  const me = await ann.name();
  await bob.pointers(me).waitFor();
  await ann.selects("order");
  const selects = (peer: Fields) => JSON.stringify(peer.state).includes('"order"');
  await bob.sees("Ann's selection", (view) => peersIn(view, "user").some(selects));
  await bob.othersAt("order").waitFor();

  await stage.leaves(ann);
  await seesPeers(bob, "user", 0);
  await bob.pointers(me).waitFor({ state: "detached" });
  await stage.allAgree(diagramId);
});

test("somebody's pointer is where they point, whatever each of them looks at", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await Promise.all([
    stage.person(),
    stage.person({ viewport: { width: 900, height: 700 } }),
  ]);
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  const target = await centreOf(ann.node("pack"));
  await ann.page.mouse.move(target.x, target.y, { steps: 3 });
  await waitUntil(
    "Ann's pointer is over the same node at Bob's",
    async () => {
      const tip = await bob.pointerTip();
      const box = await bob.node("pack").boundingBox();
      if (tip === null || box === null) return false;
      const [dx, dy] = [tip.x - (box.x + box.width / 2), tip.y - (box.y + box.height / 2)];
      return Math.abs(dx) < 12 && Math.abs(dy) < 12;
    },
    PATIENCE_MS,
  );
  expect(ann.complaints).toEqual([]);
});

test("whoever may only look sees everything and can change nothing", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  ann.link.showKey(await stage.key("visitor", ["read"]));
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  await ann.shows(/read only/i);
  expect(await ann.shape("process").count()).toBe(0);
  await ann.drags("pack", { x: 120, y: 0 });
  await ann.node("pack").dblclick();
  await ann.presses("Delete");
  await bob.drags("order", { x: 100, y: 0 });
  await bob.isSaved();
  const told = await bob.told();
  await ann.sees("Bob's move", (view) => view.revision === told.revision);
  expect(await ann.labelEditor("pack").count()).toBe(0);
  expect(await ann.told()).toEqual(told);
  await stage.allHereAgree(diagramId, [bob]);
  expect(ann.complaints).toEqual([]);
});
