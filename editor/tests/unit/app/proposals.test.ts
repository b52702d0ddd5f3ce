import { moveNodes, NOTHING, operationToJson } from "@diagramai/client";
import { expect, test } from "vitest";
import { fits, isNothing, MAX_ATTEMPTS, makeProposed } from "../../../src/app/editor/proposals.ts";
import { Scripted } from "../../support/scripted.ts";

const PACK = { type: "process", position: { x: 0, y: 0 }, data: { label: "Pack" } };
const AWAY = moveNodes(new Map([["pack", { x: 400, y: 0 }]]));
const ASIDE = moveNodes(new Map([["pack", { x: 0, y: 40 }]]));

/** A diagram with one node at revision 3. */
function opened() {
  const scripted = new Scripted();
  const live = scripted.connection.open("d");
  scripted.line.welcome();
  scripted.line.snapshot("d", 3, { pack: PACK });
  return { live, line: scripted.line };
}

function placeOf(live: ReturnType<typeof opened>["live"]) {
  return live.getSnapshot().diagram.nodes.get("pack")?.position;
}

const LAYOUT = { label: "layout" } as const;

test("a proposal on what is shown becomes one edit that is undone at once", async () => {
  const { live } = opened();
  expect(fits(live, 3)).toBe(true);
  await makeProposed(live, async () => ({ revision: 3, operation: AWAY }), LAYOUT);
  expect(placeOf(live)).toEqual({ x: 400, y: 0 });
  expect(fits(live, 3)).toBe(false);
  live.undo();
  expect(placeOf(live)).toEqual({ x: 0, y: 0 });
});

test("its label goes with it, resent as well, and with no edit after it", async () => {
  const { live, line } = opened();
  await makeProposed(live, async () => ({ revision: 3, operation: AWAY }), LAYOUT);
  live.edit(ASIDE);
  expect(line.all("submit").map(({ label }) => label)).toEqual(["layout"]);
  line.commit("d", 4);
  expect(line.all("submit").map(({ label }) => label)).toEqual(["layout", undefined]);
});

test("it waits for what others did before, and is asked for anew where they did more since", async () => {
  const { live, line } = opened();
  const others = operationToJson(ASIDE);
  const asked: number[] = [];
  await makeProposed(
    live,
    async () => {
      asked.push(live.getSnapshot().revision);
      // The first answer is older than what comes in meanwhile; the second is ahead of the page.
      if (asked.length === 1) line.change("d", 4, others);
      else setTimeout(() => line.change("d", 5, others));
      return { revision: asked.length === 1 ? 3 : 5, operation: AWAY };
    },
    LAYOUT,
  );
  expect(asked).toEqual([3, 4]);
  expect(placeOf(live)).toEqual({ x: 400, y: 0 });
});

test("after some attempts it gives up with a sentence, and nothing is changed", async () => {
  const { live, line } = opened();
  let asked = 0;
  const ask = async () => {
    line.change("d", 4 + asked, operationToJson(ASIDE));
    asked += 1;
    return { revision: 3, operation: AWAY };
  };
  await expect(makeProposed(live, ask, LAYOUT)).rejects.toThrow("Others are editing just now");
  expect(asked).toBe(MAX_ATTEMPTS);
  expect(placeOf(live)).toEqual({ x: 0, y: 40 });
});

test("nothing is edited where nothing is proposed", async () => {
  const { live, line } = opened();
  const plan = await makeProposed(live, async () => ({ revision: 3, operation: NOTHING }), LAYOUT);
  expect(isNothing(plan)).toBe(true);
  expect(await makeProposed(live, async () => null, LAYOUT)).toBe(null);
  expect([live.getSnapshot().canUndo, line.all("submit")]).toEqual([false, []]);
});
