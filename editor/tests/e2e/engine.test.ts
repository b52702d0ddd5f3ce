import { readFile } from "node:fs/promises";
import { afterAll, afterEach, expect, test } from "vitest";
import { waitUntil } from "../support/wait.ts";
import { elementIn, nodeIdsIn, PATIENCE_MS, type Person } from "./stage/person.ts";
import { deliveries } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

const CHART =
  "flowchart TD\n  order[Order comes in] --> pack[Pack the parcel] --> door([Deliver])\n";
const PNG_START = "\u0089PNG\r\n";

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

function button(person: Person, name: string | RegExp) {
  return person.page.getByRole("button", { name, exact: typeof name === "string" });
}

function textFile(name: string, text: string) {
  return { name, mimeType: "text/plain", buffer: Buffer.from(text) };
}

/** Chooses the files in the import's dialog and starts it. */
async function imports(person: Person, ...files: ReturnType<typeof textFile>[]): Promise<void> {
  await button(person, "Import").click();
  const dialog = person.page.getByRole("dialog", { name: "Import diagrams" });
  await dialog.locator("input[type=file]").setInputFiles(files);
  await dialog.getByRole("button", { name: /^Import( \d+ files)?$/ }).click();
}

/** Waits until the picture in the card of this title is drawn. */
async function seesThumbnail(person: Person, title: string): Promise<void> {
  const picture = person.page.getByRole("img", { name: `${title}, drawn small` });
  const isDrawn = async () =>
    await picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0);
  await waitUntil(`a picture of ${title}`, isDrawn, PATIENCE_MS);
}

test("a Mermaid text is imported as shapes, and the list has a picture of it", async () => {
  const ann = await stage.person();
  await ann.goTo("/");
  await imports(ann, textFile("Parcels.mmd", CHART));
  await ann.sees("the diagram", (view) => view.status === "ready");
  expect(nodeIdsIn(await ann.view()).sort()).toEqual(["door", "order", "pack"]);
  await ann.reads("pack", "Pack the parcel");
  await ann.page.goBack();
  await seesThumbnail(ann, "Parcels");
  expect(ann.complaints).toEqual([]);
});

test("of several files the good ones are imported, and the others say where they are wrong", async () => {
  const ann = await stage.person();
  await ann.goTo("/");
  const wrong = textFile("wrong.mmd", "flowchart TD\n  a --> b\n  a[Not closed\n");
  const mended = { title: "Mended", content: { nodes: [], edges: [{ id: "e" }] } };
  const files = [textFile("good.mmd", CHART), wrong, textFile("m.json", JSON.stringify(mended))];
  await imports(ann, ...files);
  const item = (name: string) => ann.page.getByRole("listitem").filter({ hasText: name }).first();
  await item("wrong.mmd")
    .getByText(/Line \d+, column \d+: /)
    .waitFor();
  await item("m.json").getByRole("list", { name: "What was mended" }).waitFor();
  await item("good.mmd").getByRole("link", { name: "good" }).click();
  await ann.sees("the diagram", (view) => view.status === "ready");
  expect(ann.complaints).toEqual([]);
});

test("a diagram is exported in each format as it is shown", async () => {
  const diagramId = await stage.newDiagram({ title: "Parcels", content: deliveries() });
  const ann = await stage.person();
  await ann.open(diagramId);
  await ann.editLabel("pack");
  await ann.presses("ControlOrMeta+A");
  await ann.types("Wrap it");
  await ann.presses("Enter");
  const files = new Map<string, string>();
  for (const format of ["PNG", "SVG", "Mermaid", "JSON"]) {
    await button(ann, "Export").click();
    const download = ann.page.waitForEvent("download");
    await button(ann, new RegExp(`^${format}`)).click();
    const file = await download;
    files.set(file.suggestedFilename(), await readFile(await file.path(), "latin1"));
  }
  expect([...files.keys()]).toEqual(["parcels.png", "parcels.svg", "parcels.mmd", "parcels.json"]);
  expect(files.get("parcels.png")).toMatch(new RegExp(`^${PNG_START}`));
  for (const name of ["parcels.svg", "parcels.mmd", "parcels.json"]) {
    expect(files.get(name)).toContain("Wrap it");
  }
  expect(ann.complaints).toEqual([]);
});

type Fields = Record<string, unknown>;

/** The deliveries with each node so far to the right of, and below, the one before. */
function steps(right: number, down: number): Fields {
  const { nodes, edges } = deliveries();
  if (!Array.isArray(nodes)) throw new Error("There are no nodes");
  const place = (i: number) => ({ x: 240 + i * right, y: i * down });
  return { nodes: nodes.map((node, i) => ({ ...node, position: place(i) })), edges };
}

/** Where the node stands, in the page's own state. */
function placeIn(view: Fields, nodeId: string): { x: number; y: number } {
  const { x, y } = Object(elementIn(view, nodeId)?.position);
  return { x: Number(x), y: Number(y) };
}

async function tidies(person: Person, what: string | RegExp, direction: string): Promise<void> {
  await button(person, "Tidy up").click();
  const choice = person.page.getByRole("region", { name: what });
  await choice.getByRole("button", { name: direction }).click();
}

test("tidying up is one edit of mine: everybody sees it, and one undo takes it back", async () => {
  const diagramId = await stage.newDiagram({ content: steps(0, 0) });
  const [ann, bob] = await Promise.all([stage.person(), stage.person()]);
  await Promise.all([ann.open(diagramId), bob.open(diagramId)]);
  const before = (await stage.toldByServer(diagramId)).diagram;

  await tidies(ann, "Tidy up everything", "To the right");
  const inRow = (view: Fields) => {
    const places = ["order", "pack", "deliver"].map((id) => placeIn(view, id).x);
    return places.every((x, i) => i === 0 || x > Number(places[i - 1]));
  };
  for (const person of [ann, bob]) await person.sees("a row", inRow);
  await stage.allAgree(diagramId);

  await button(ann, "Undo").click();
  const isPiled = (view: Fields) => placeIn(view, "deliver").x === 240;
  for (const person of [ann, bob]) await person.sees("the pile again", isPiled);
  expect((await stage.allAgree(diagramId)).diagram).toBe(before);
});

test("only what is selected is tidied up, where that is chosen", async () => {
  const diagramId = await stage.newDiagram({ content: steps(300, 40) });
  const ann = await stage.person();
  await ann.open(diagramId);
  await ann.selects("order");
  await ann.node("pack").click({ modifiers: ["Shift"] });
  await tidies(ann, "Tidy up 2 nodes", "Downwards");
  const isBelow = (view: Fields) => placeIn(view, "pack").y >= placeIn(view, "order").y + 60;
  await ann.sees("one below the other", isBelow);
  expect(placeIn(await ann.view(), "deliver")).toEqual({ x: 840, y: 80 });
  await stage.allAgree(diagramId);
});

test("beside a Mermaid text stands its picture, or where the text is wrong", async () => {
  const content = "flowchart TD\n  a[Order] --> b[Pack]\n";
  const diagramId = await stage.newDiagram({ format: "mermaid", content });
  const ann = await stage.person();
  await ann.open(diagramId);
  const part = ann.page.getByRole("region", { name: "Picture", exact: true });
  const shows = async (words: string) =>
    decodeURIComponent((await part.getByRole("img").getAttribute("src")) ?? "").includes(words);
  await waitUntil("the first picture", () => shows("Pack"), PATIENCE_MS);

  await ann.page.getByRole("textbox", { name: "Mermaid text" }).focus();
  await ann.moveCaret("end");
  await ann.types("  b --> c[Deliver");
  await part.getByText(/^Line 3, column \d+: /).waitFor();
  expect(await shows("Pack")).toBe(true);
  await ann.types("]");
  await waitUntil("the new picture", () => shows("Deliver"), PATIENCE_MS);
  await part.getByRole("status").getByText(/./).waitFor({ state: "detached" });
  const { complete, naturalWidth } = await part.getByRole("img").evaluate((img) => {
    if (!(img instanceof HTMLImageElement)) throw new Error("This is no image");
    return { complete: img.complete, naturalWidth: img.naturalWidth };
  });
  expect([complete, naturalWidth > 0]).toEqual([true, true]);

  await ann.presses("ControlOrMeta+A");
  await ann.types("sequenceDiagram");
  await part.getByText("A sequence diagram is not drawn").waitFor();
  expect(ann.complaints).toEqual([]);
});

test("a check tells what is wrong, shows it and mends it, one or all, and one undo takes that back", async () => {
  const diagramId = await stage.newDiagram({ content: steps(10, 10) });
  const ann = await stage.person();
  await ann.open(diagramId);
  await ann.page.getByRole("tab", { name: "Check" }).click();
  const panel = ann.page.getByRole("tabpanel");
  await panel.getByRole("heading", { name: /^\d+ things? to mend/ }).waitFor();
  await panel.getByRole("button", { name: /^“Order comes in”.* overlap/ }).click();
  await ann.page.locator('.react-flow__node.selected[data-id="order"]').waitFor();

  const before = (await stage.toldByServer(diagramId)).diagram;
  await panel.getByRole("button", { name: /^Mend: .* overlap/ }).click();
  await panel.getByRole("button", { name: /^Mend: .* overlap/ }).waitFor({ state: "detached" });
  await stage.allAgree(diagramId);
  await button(ann, "Undo").click();
  // Once the undo has come to rest the check runs by itself.
  await panel.getByRole("button", { name: /^Mend: .* overlap/ }).waitFor();

  // Somebody else makes more to mend meanwhile.
  const agent = await stage.agent("claude");
  const alone = { type: "process", label: "Alone", position: { x: 245, y: 5 } };
  await agent.call("add_node", { diagram_id: diagramId, node_data: alone });
  await ann.sees("the new node", (view) => nodeIdsIn(view).length === 4);
  const crowded = (await stage.toldByServer(diagramId)).diagram;
  expect(crowded).not.toBe(before);
  await button(ann, "Mend all").click();
  await panel.getByRole("heading", { name: "Nothing to mend" }).waitFor();
  await stage.allAgree(diagramId);
  await button(ann, "Undo").click();
  const isAsBefore = async () => (await stage.toldByServer(diagramId)).diagram === crowded;
  await waitUntil("one undo took it all back", isAsBefore, PATIENCE_MS);
  await stage.allAgree(diagramId);
});
