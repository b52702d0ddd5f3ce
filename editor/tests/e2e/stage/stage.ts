/** What a file of scenes plays on: one server, one browser, links that can be cut, the journal. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium } from "playwright-core";
import { expect } from "vitest";
import { type Permission, TestServer } from "../../support/server.ts";
import { waitUntil } from "../../support/wait.ts";
import { Wire } from "../../support/wire.ts";
import { Agent } from "./agent.ts";
import { Journal } from "./journal.ts";
import { fieldsOf, type Told, toldByJournal, toldByServer } from "./normal.ts";
import { PATIENCE_MS, Person } from "./person.ts";

/** At most so many people with a link of their own sit in a scene. */
const LINKS = 2;
const DESK = { width: 1440, height: 900 };
/** Where screenshots and measurements go; not kept in the repository. */
export const OUTPUT = fileURLToPath(new URL("../output/", import.meta.url));

/** In larger diagrams only what is in view is drawn. */
const DRAWN_WHOLE = 300;

type Fields = Record<string, unknown>;

export class Stage {
  readonly server: TestServer;
  readonly #browser: Browser;
  readonly #links: readonly Wire[];
  #freeLinks: Wire[];
  readonly #journal: Journal;
  readonly #cookie: string;
  readonly #people: Person[] = [];
  readonly #agents: Agent[] = [];
  readonly #keys = new Map<string, string>();

  private constructor(
    server: TestServer,
    browser: Browser,
    links: Wire[],
    journal: Journal,
    cookie: string,
  ) {
    this.server = server;
    this.#browser = browser;
    this.#links = links;
    this.#freeLinks = [...links];
    this.#journal = journal;
    this.#cookie = cookie;
  }

  /** Takes some seconds: a database is made. */
  static async open(): Promise<Stage> {
    mkdirSync(OUTPUT, { recursive: true });
    const links = await Promise.all(Array.from({ length: LINKS }, () => Wire.listen()));
    const publicHosts = links.map((link) => link.host);
    const [server, browser] = await Promise.all([TestServer.start({ publicHosts }), launch()]);
    for (const link of links) link.target(server.port);
    const journal = new Journal(server.dataFolder);
    return new Stage(server, browser, links, journal, await signIn(browser, server.link));
  }

  /** A signed-in person at a browser of their own, the first ones behind links of their own. */
  async person(options: BrowserContextOptions = {}): Promise<Person> {
    const link = this.#freeLinks.shift();
    const person = await this.#sitDown(options, link);
    this.#people.push(person);
    return person;
  }

  /** Somebody at a browser of their own who has never been here. */
  async stranger(): Promise<Person> {
    const person = await this.#sitDown({}, undefined, "");
    this.#people.push(person);
    return person;
  }

  /** Somebody goes home before the scene is over. */
  async leaves(person: Person): Promise<void> {
    this.#people.splice(this.#people.indexOf(person), 1);
    if (person.wire !== undefined) this.#freeLinks.push(person.wire);
    await person.leave();
  }

  /** A real agent, the same one as before where the name was used before. */
  async agent(name: string): Promise<Agent> {
    const key = await this.key(name);
    const agent = await Agent.connect(this.server.baseUrl, name, key);
    this.#agents.push(agent);
    return agent;
  }

  /** An agent's key, the same one as before where the name was used before. */
  async key(name: string, permissions?: Permission[]): Promise<string> {
    const key = this.#keys.get(name) ?? (await this.server.createAgentKey(name, permissions));
    this.#keys.set(name, key);
    return key;
  }

  /** Stores a diagram and returns its id; `fields` as in `POST /api/diagrams`. */
  async newDiagram(fields: Fields): Promise<string> {
    const answer = await this.#api("POST", "/api/diagrams", { title: "A scene", ...fields });
    return String(fieldsOf(answer.data, "the row").id);
  }

  /** What the server's HTTP API says of the diagram. */
  async toldByServer(diagramId: string): Promise<Told> {
    return toldByServer(await this.#api("GET", `/api/diagrams/${diagramId}`));
  }

  /** Everybody, a fresh page, the server and the journal tell exactly the same, and all is saved. */
  async allAgree(diagramId: string): Promise<Told> {
    return await this.allHereAgree(diagramId, this.#people);
  }

  /** The same, where some people look at something else. */
  async allHereAgree(diagramId: string, people: readonly Person[]): Promise<Told> {
    for (const person of people) await person.isSaved();
    const server = await this.toldByServer(diagramId);
    for (const person of people) await this.#agrees(person, server);
    const fresh = await this.#sitDown({ viewport: DESK });
    await fresh.open(diagramId);
    await this.#agrees(fresh, server);
    await fresh.leave();
    expect(toldByJournal(await this.#journal.replay(diagramId))).toEqual(server);
    expect([...people, fresh].flatMap((person) => person.complaints)).toEqual([]);
    return server;
  }

  /** After a scene: everybody goes home, the links are whole again. */
  async clear(): Promise<void> {
    await Promise.all(this.#people.splice(0).map((person) => person.leave()));
    await Promise.all(this.#agents.splice(0).map((agent) => agent.close()));
    for (const link of this.#links) link.restore();
    this.#freeLinks = [...this.#links];
  }

  async close(): Promise<void> {
    await this.clear();
    await this.#browser.close();
    await this.#journal.close();
    await this.server.stop();
    await Promise.all(this.#links.map((link) => link.close()));
  }

  async #sitDown(
    options: BrowserContextOptions,
    link?: Wire,
    cookie: string = this.#cookie,
  ): Promise<Person> {
    const context = await this.#browser.newContext({ viewport: DESK, ...options });
    const baseUrl = link?.url ?? this.server.baseUrl;
    const [name = "", value = ""] = cookie.split("=");
    if (name !== "") await context.addCookies([{ name, value, url: baseUrl }]);
    return await Person.sitDown(context, baseUrl, link);
  }

  async #agrees(person: Person, server: Told): Promise<void> {
    const hasCaughtUp = async () => (await person.told()).revision >= server.revision;
    await waitUntil(`a page is at revision ${server.revision}`, hasCaughtUp, PATIENCE_MS);
    expect(await person.told()).toEqual(server);
    if (JSON.parse(server.diagram).nodes.length <= DRAWN_WHOLE) await person.drawsAll();
    await person.showsSaved();
  }

  async #api(method: string, path: string, body?: Fields): Promise<Fields> {
    const answer = await fetch(`${this.server.baseUrl}${path}`, {
      method,
      headers: { cookie: this.#cookie, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return fieldsOf(await answer.json(), path);
  }
}

/** Opens the one-time link and returns the cookie, `name=value`, that it gives. */
async function signIn(browser: Browser, link: string): Promise<string> {
  const context = await browser.newContext();
  await context.request.get(link);
  const [cookie] = await context.cookies();
  await context.close();
  if (cookie === undefined) throw new Error("The link signed nobody in");
  return `${cookie.name}=${cookie.value}`;
}

async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}
