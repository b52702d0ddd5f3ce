/** A person at a page, and an agent that uses every tool on the same diagram meanwhile. */
import { afterAll, afterEach, expect, test } from "vitest";
import type { Agent } from "./stage/agent.ts";
import { labelIn, nodeIdsIn, type Person } from "./stage/person.ts";
import { deliveries, PACK } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

type Fields = Record<string, unknown>;

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Seconds that an agent waits for a person. */
const WAIT_SECONDS = 50;

function note(id: string, label: string): Fields {
  return { id, type: "note", label, position: { x: 620, y: 80 } };
}

/** Every tool once, in an order that makes sense; returns what it called. It goes on once `seen`. */
async function callsEverything(
  agent: Agent,
  diagramId: string,
  seen: () => Promise<void>,
): Promise<Set<string>> {
  const called = new Set<string>();
  const call = async (tool: string, fields: Fields = {}) => {
    called.add(tool);
    return await agent.call(tool, { diagram_id: diagramId, ...fields });
  };
  called.add("create_diagram").add("list_diagrams");
  await agent.call("create_diagram", { title: "Beside it" });
  await agent.call("list_diagrams", {});
  await call("get_diagram_info");
  await call("add_node", { node_data: note("hint", "A hint") });
  await seen();
  await call("update_node", { node_id: "hint", updates: { label: "A better hint" } });
  const ends = { source_node_id: "order", target_node_id: "hint" };
  await call("add_edge", { ...ends, edge_data: { id: "order-hint" } });
  await call("update_edge", { edge_id: "order-hint", updates: { label: "see" } });
  await call("apply_changes", {
    changes: [
      { action: "add_node", name: "more", node_data: note("more", "More to know") },
      { action: "add_edge", source_node_id: "hint", target_node_id: "more" },
    ],
  });
  await call("layout_diagram", { node_ids: ["hint", "more"] });
  await call("undo_changes");
  const read = await call("read_diagram", { format: "mermaid" });
  await call("write_mermaid", {
    mermaid_syntax: `${read.mermaid_syntax}\n  more --> last["The last hint"]\n`,
    base_revision: read.revision,
  });
  await call("render_diagram");
  await call("check_diagram");
  await call("delete_edge", { edge_id: "order-hint" });
  await call("delete_node", { node_id: "hint" });
  await expect(call("delete_diagram", { confirm: false })).rejects.toThrow(/confirmation_required/);
  return called;
}

/** The agent as the page shows it: its name, what it says that it does, and where. */
function agentIn(view: Fields, name: string): Fields | undefined {
  const peers = Array.isArray(view.peers) ? view.peers : [];
  return peers.find((peer: { participant: Fields }) => peer.participant.name === name);
}

async function seesAtWork(person: Person, name: string, nodeId: string): Promise<void> {
  await person.sees(`what ${name} does, and where`, (view) => {
    const state = JSON.stringify(agentIn(view, name)?.state ?? {});
    return /"activity":"Adding/.test(state) && state.includes('"cursor"');
  });
  await person.othersAt(nodeId).filter({ hasText: name }).waitFor();
}

test("a person types and drags while an agent uses every tool on the same diagram: nothing is lost, the page shows the agent, and the person's edits wake it", async () => {
  const diagramId = await stage.newDiagram({ content: deliveries() });
  const [ann, agent] = await Promise.all([stage.person(), stage.agent("helper")]);
  await ann.open(diagramId);
  const since = await agent.read(diagramId);
  const woken = agent.call("get_changes", {
    diagram_id: diagramId,
    since_revision: since,
    wait_seconds: WAIT_SECONDS,
  });
  await ann.editLabel("pack");
  await ann.moveCaret("end");

  const worked = callsEverything(agent, diagramId, () => seesAtWork(ann, "helper", "hint"));
  await ann.types(" with care, and weigh it before it goes");
  await ann.presses("Escape");
  await ann.drags("deliver", { x: 150, y: 60 });
  await ann.isSaved();
  const dropped = (await ann.element("deliver"))?.position;

  const { changes } = await woken;
  expect(JSON.stringify(changes)).toMatch(/"by":"[^"]+ \(user\)"/);
  const called = await worked;
  expect(called.add("get_changes").size).toBe(18);

  const label = `${PACK} with care, and weigh it before it goes`;
  await ann.reads("pack", label);
  await ann.sees("the agent's last edit", (view) => !nodeIdsIn(view).includes("hint"));
  const view = await ann.view();
  expect(labelIn(view, "pack")).toBe(label);
  expect(nodeIdsIn(view).sort()).toEqual(["deliver", "last", "more", "order", "pack"]);
  expect((await ann.element("deliver"))?.position).toEqual(dropped);
  await stage.allAgree(diagramId);
});
