/** One person at one browser: what they do with mouse and keys, and what they see. */
import type { BrowserContext, Locator, Page } from "playwright-core";
import { waitUntil } from "../../support/wait.ts";
import type { Wire } from "../../support/wire.ts";
import { fieldsOf, type Told, toldByPage } from "./normal.ts";

/** A page and an edit need far less; the machine may be busy. */
export const PATIENCE_MS = 20_000;
/** Between two key strokes: a quick typist. */
const KEY_DELAY_MS = 15;
const DRAG_STEPS = 12;
/** Characters of a page's state that a failure shows. */
const MAX_STATE_LENGTH = 4_000;
/** More than there are things to reach on a page. */
const MAX_TABS = 150;
/** What Chromium says of a broken link is no defect of the page. */
const ABOUT_THE_LINK = /WebSocket connection to|Failed to load resource|net::ERR_/;

export interface Point {
  readonly x: number;
  readonly y: number;
}
type Fields = Record<string, unknown>;

export class Person {
  readonly context: BrowserContext;
  /** The link of this browser to the server; absent where it is never cut. */
  readonly wire: Wire | undefined;
  readonly #baseUrl: string;
  #page: Page;
  /** Errors of the pages, and what they wrote to the console as errors. */
  readonly complaints: string[] = [];

  private constructor(
    context: BrowserContext,
    page: Page,
    baseUrl: string,
    wire: Wire | undefined,
  ) {
    this.context = context;
    this.wire = wire;
    this.#baseUrl = baseUrl;
    this.#page = page;
  }

  static async sitDown(context: BrowserContext, baseUrl: string, wire?: Wire): Promise<Person> {
    context.setDefaultTimeout(PATIENCE_MS);
    const person = new Person(context, await context.newPage(), baseUrl, wire);
    person.#listen();
    return person;
  }

  get page(): Page {
    return this.#page;
  }

  /** The link; for scenes in which it is cut. */
  get link(): Wire {
    if (this.wire === undefined) throw new Error("This person's link cannot be cut");
    return this.wire;
  }

  /** The link is whole, and the browser is told that there is a network: it need not wait. */
  async isOnlineAgain(): Promise<void> {
    this.link.restore();
    await this.context.setOffline(true);
    await this.context.setOffline(false);
  }

  /** Closes the tab as it is, and opens an empty one in the same browser. */
  async changeTab(): Promise<void> {
    await this.#page.close({ runBeforeUnload: false });
    this.#page = await this.context.newPage();
    this.#listen();
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.#baseUrl}${path}`);
  }

  /** Opens the diagram by its link, and waits until it is there. */
  async open(diagramId: string): Promise<void> {
    await this.goTo(`/d/${diagramId}`);
    await this.sees("the diagram", (view) => view.status === "ready");
  }

  /** The page's own state of the diagram; Maps are lists of entries. Empty while there is none. */
  async view(): Promise<Fields> {
    const text = await this.page.evaluate(() =>
      JSON.stringify(globalThis.diagramai?.live?.getSnapshot() ?? {}, (_key, value: unknown) =>
        value instanceof Map ? [...value] : value,
      ),
    );
    return fieldsOf(JSON.parse(text), "the view");
  }

  /** Waits until the page's state is so. */
  async sees(what: string, condition: (view: Fields) => boolean): Promise<void> {
    try {
      await waitUntil(what, async () => condition(await this.view()), PATIENCE_MS);
    } catch (error) {
      const { activity: _activity, ...view } = await this.view();
      const state = JSON.stringify({ url: this.page.url(), complaints: this.complaints, view });
      throw new Error(`${error} ${state.slice(0, MAX_STATE_LENGTH)}`);
    }
  }

  /** Waits until all edits of this page are durable. */
  async isSaved(): Promise<void> {
    const isSaved = (view: Fields) => view.saving === false && view.recovering === false;
    await this.sees("all edits are saved", isSaved);
  }

  async told(): Promise<Told> {
    return toldByPage(await this.view());
  }

  /** A node of the diagram as this page knows it, not as it is drawn. */
  async element(nodeId: string): Promise<Fields | undefined> {
    return elementIn(await this.view(), nodeId);
  }

  /** The node as it is drawn. */
  node(nodeId: string): Locator {
    return this.page.locator(`.react-flow__node[data-id="${nodeId}"]`);
  }

  edge(edgeId: string): Locator {
    return this.page.locator(`.react-flow__edge[data-id="${edgeId}"]`);
  }

  async selects(nodeId: string): Promise<void> {
    await this.node(nodeId).click();
    await this.page.locator(`.react-flow__node.selected[data-id="${nodeId}"]`).waitFor();
  }

  /** Opens a node's label for typing. The caret is placed by `moveCaret`. */
  async editLabel(nodeId: string): Promise<void> {
    await this.node(nodeId).dblclick();
    await this.labelEditor(nodeId).waitFor();
  }

  labelEditor(nodeId: string): Locator {
    return this.node(nodeId).getByRole("textbox");
  }

  async moveCaret(to: "start" | "end"): Promise<void> {
    await this.page.keyboard.press(to === "start" ? "ControlOrMeta+Home" : "ControlOrMeta+End");
  }

  async types(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: KEY_DELAY_MS });
  }

  async presses(keys: string): Promise<void> {
    await this.page.keyboard.press(keys);
  }

  /** UTF-16 units before the caret in the focused text; undefined where none has the focus. */
  async caret(): Promise<number | undefined> {
    return await this.page.evaluate(() => {
      const focused = document.activeElement;
      const isText = focused instanceof HTMLTextAreaElement || focused instanceof HTMLInputElement;
      return isText ? (focused.selectionEnd ?? undefined) : undefined;
    });
  }

  /** Takes a node and moves it by so many pixels of the screen, without letting go. */
  async holds(nodeId: string, by: Point): Promise<void> {
    const from = await centreOf(this.node(nodeId));
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(from.x + by.x, from.y + by.y, { steps: DRAG_STEPS });
  }

  async letsGo(): Promise<void> {
    await this.page.mouse.up();
  }

  async drags(nodeId: string, by: Point): Promise<void> {
    await this.holds(nodeId, by);
    await this.letsGo();
  }

  /** Draws an edge with the mouse, from the lower port of one node to the middle of another. */
  async connects(sourceId: string, targetId: string): Promise<void> {
    await this.node(sourceId).hover();
    const from = await centreOf(this.node(sourceId).locator('.cv-port[data-handleid="bottom"]'));
    const to = await centreOf(this.node(targetId));
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(to.x, to.y, { steps: DRAG_STEPS });
    await this.page.mouse.up();
  }

  /** A shape of the palette: `process`, `decision`. */
  shape(name: string): Locator {
    return this.page.getByRole("button", { name: `Add ${name}`, exact: true });
  }

  /** Drags a shape from the palette to that place of the screen. */
  async dropsShape(name: string, at: Point): Promise<void> {
    const pane = this.page.locator(".react-flow__pane");
    const box = await pane.boundingBox();
    if (box === null) throw new Error("There is no canvas");
    const targetPosition = { x: at.x - box.x, y: at.y - box.y };
    await this.shape(name).dragTo(pane, { targetPosition });
  }

  /** Presses Tab until that has the focus. */
  async tabsTo(goal: Locator): Promise<void> {
    await goal.waitFor();
    for (let i = 0; i < MAX_TABS; i++) {
      if (await goal.evaluate((element) => element === document.activeElement)) return;
      await this.presses("Tab");
    }
    throw new Error(`${goal} is not reached by ${MAX_TABS} presses of Tab`);
  }

  /** What others see me called. */
  async name(): Promise<string> {
    return await this.page.evaluate(() => globalThis.diagramai.connection?.participant?.name ?? "");
  }

  /** The names beside the pointers of others. */
  pointers(name: string): Locator {
    return this.page.locator(".cv-cursor-name").filter({ hasText: name });
  }

  /** Where on the screen somebody else's only pointer points; null while there is none. */
  async pointerTip(): Promise<Point | null> {
    return await this.page.locator(".cv-cursor").boundingBox();
  }

  /** The names of others at a node that they have selected. */
  othersAt(nodeId: string): Locator {
    return this.node(nodeId).locator(".cv-tag");
  }

  /** Waits until the node's drawn text is so, wherever its lines are broken. */
  async reads(nodeId: string, text: string): Promise<void> {
    const wanted = withoutSpaces(text);
    const drawn = async () => withoutSpaces((await this.node(nodeId).textContent()) ?? "");
    const isDrawn = async () => (await drawn()).includes(wanted);
    await waitUntil(`the label of ${nodeId} reads ${text}`, isDrawn, PATIENCE_MS);
  }

  /** The notice, among those shown, that contains the text. */
  notice(text: string | RegExp): Locator {
    return this.page.getByLabel("Notices").locator(".app-notice").filter({ hasText: text });
  }

  /** Waits until the canvas draws every node where and as the page's state has it, and every edge. */
  async drawsAll(): Promise<void> {
    const isDrawn = async () => {
      const [known, drawn] = [knownIn(await this.view()), await this.#drawn()];
      return known.length === drawn.length && known.every((each, i) => each === drawn[i]);
    };
    await waitUntil("the canvas draws what the page knows", isDrawn, PATIENCE_MS);
  }

  /** What is drawn, a line for each element: of nodes id, place and text. */
  async #drawn(): Promise<string[]> {
    return await this.page.evaluate(() => {
      const nodes = [...document.querySelectorAll<HTMLElement>(".react-flow__node")].map((node) => {
        const [x, y] = node.style.transform.match(/-?[\d.]+/g) ?? [];
        const field = node.querySelector("textarea");
        const text = field?.value ?? node.querySelector(".cv-text")?.textContent ?? "";
        return `node ${node.dataset.id} ${x} ${y} ${text.replace(/\s/gu, "")}`;
      });
      const edges = [...document.querySelectorAll(".react-flow__edge")];
      return [...nodes, ...edges.map((edge) => `edge ${edge.getAttribute("data-id")}`)].sort();
    });
  }

  /** Waits until the header says that nothing waits. */
  async showsSaved(): Promise<void> {
    await this.shows(/^saved/i);
  }

  /** Waits until the header says this of the connection and the edits. */
  async shows(words: RegExp): Promise<void> {
    await this.page.locator("header").getByRole("status").filter({ hasText: words }).waitFor();
  }

  /** Waits until all unsent edits are in the browser's own store. */
  async isStored(): Promise<void> {
    const isStored = (view: Fields) => view.stored === true && view.saving === true;
    await this.sees("unsent edits are stored", isStored);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  #listen(): void {
    this.page.on("pageerror", (error) => this.complaints.push(`page error: ${error.stack}`));
    this.page.on("console", (message) => {
      const isComplaint = message.type() === "error" && !ABOUT_THE_LINK.test(message.text());
      if (isComplaint) this.complaints.push(`console: ${message.text()}`);
    });
  }
}

function withoutSpaces(text: string): string {
  return text.replace(/\s/gu, "");
}

/** The same lines as `#drawn` tells, from the page's state. */
function knownIn(view: Fields): string[] {
  const { nodes, edges } = fieldsOf(view.diagram, "the diagram");
  if (!Array.isArray(nodes) || !Array.isArray(edges)) throw new Error("No lists of elements");
  const lines = nodes.map(([id, node]: [string, { position: Point; data: Fields }]) => {
    const text = withoutSpaces(String(node.data.label ?? ""));
    return `node ${id} ${node.position.x} ${node.position.y} ${text}`;
  });
  return [...lines, ...edges.map(([id]: [string]) => `edge ${id}`)].sort();
}

export function elementIn(view: Fields, nodeId: string): Fields | undefined {
  const nodes = view.diagram === undefined ? [] : fieldsOf(view.diagram, "the diagram").nodes;
  if (!Array.isArray(nodes)) return undefined;
  const entry: unknown = nodes.find((each: unknown) => Array.isArray(each) && each[0] === nodeId);
  return Array.isArray(entry) ? fieldsOf(entry[1], "the node") : undefined;
}

export function nodeIdsIn(view: Fields): string[] {
  const { nodes } = fieldsOf(view.diagram, "the diagram");
  return Array.isArray(nodes) ? nodes.map(([id]: [string]) => id) : [];
}

export function labelIn(view: Fields, nodeId: string): unknown {
  const element = elementIn(view, nodeId);
  return element === undefined ? undefined : fieldsOf(element.data, "its data").label;
}

export async function centreOf(locator: Locator): Promise<Point> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error(`${locator} is not visible`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
