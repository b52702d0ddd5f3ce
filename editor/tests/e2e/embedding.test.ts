/** docs/client.md, as printed: its app and its script, with the packed client, on a real server. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer as createListener } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Api } from "../support/api.ts";
import { TestServer } from "../support/server.ts";
import { waitUntil } from "../support/wait.ts";

const EDITOR = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENT = fileURLToPath(new URL("../../../docs/client.md", import.meta.url));
/** What an app has installed besides the client. */
const INSTALLED = [
  "@types",
  "@vitejs",
  "@xyflow",
  "csstype",
  "idb",
  "react",
  "react-dom",
  "typescript",
  "vite",
];
const CODE_LINES = 30;
const DRAG_STEPS = 10;
/** Addresses that the document uses. */
const DOCUMENTED_SERVER = "127.0.0.1:8080";
const DOCUMENTED_APP = "localhost:5173";

/** The app around the block, with a label that is written in React Flow's own way. */
const MAIN = `
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@xyflow/react/dist/style.css";
import { SharedFlow } from "./SharedFlow.tsx";
function Rename() {
  const { updateNodeData } = useReactFlow();
  return <button onClick={() => updateNodeData("three", { label: "Step three, renamed" })}>Rename</button>;
}
createRoot(document.querySelector("#root")).render(
  <StrictMode><ReactFlowProvider><SharedFlow /><Rename /></ReactFlowProvider></StrictMode>
);`;

const execute = promisify(execFile);

let document_: string;
let folder: string;
let server: TestServer;
let api: Api;
let browser: Browser;
let app: ViteDevServer;
let appHost: string;

/** What a program prints. Throws with all of it where the program fails. */
async function run(
  program: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  try {
    return (await execute(program, args, options)).stdout;
  } catch (error) {
    throw new Error(`${error}\n${Object(error).stdout}`);
  }
}

/** The only block of that language in the document. */
function block(language: string): string {
  const found = [...document_.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(
    ([, name]) => name === language,
  );
  const [only] = found;
  if (found.length !== 1 || only?.[2] === undefined) throw new Error(`${found.length} ${language}`);
  return only[2];
}

/** The block with the addresses that this test happens to use. */
function here(text: string): string {
  const address = new URL(server.baseUrl).host;
  return text.replaceAll(DOCUMENTED_SERVER, address).replaceAll(DOCUMENTED_APP, appHost);
}

async function freePort(): Promise<number> {
  const listener = createListener().listen(0, "localhost");
  await once(listener, "listening");
  const address = listener.address();
  listener.close();
  await once(listener, "close");
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}

/** A folder such as `npm install` makes it, with the client out of its tarball. */
async function makeApp(): Promise<void> {
  const modules = join(folder, "node_modules");
  const client = join(modules, "@diagramai", "client");
  await mkdir(client, { recursive: true });
  for (const name of INSTALLED) {
    await symlink(join(EDITOR, "node_modules", name), join(modules, name));
  }
  await run("npm", ["run", "pack:client", "--", "--pack-destination", folder], { cwd: EDITOR });
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  expect(document_).toContain(`npm install ./${tarball}`);
  await run("tar", ["-xzf", tarball ?? "", "-C", client, "--strip-components=1"], { cwd: folder });
  const files = {
    "package.json": `{"type": "module", "private": true}`,
    "index.html": `<div id="root" style="height: 95vh"></div><script type="module" src="/main.tsx"></script>`,
    "main.tsx": MAIN,
    "SharedFlow.tsx": here(block("tsx")),
    "vite.config.ts": here(block("ts")),
    "tidy.mjs": here(block("js")),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

beforeAll(async () => {
  document_ = await readFile(DOCUMENT, "utf8");
  folder = await mkdtemp(join(tmpdir(), "diagramai-app-"));
  const port = await freePort();
  appHost = `localhost:${port}`;
  expect(document_).toContain(`diagramai serve --public-host ${DOCUMENTED_APP}`);
  server = await TestServer.start({ publicHosts: [appHost] });
  api = new Api(server.baseUrl, { cookie: await server.signIn() });
  await makeApp();
  app = await createServer({
    root: folder,
    configFile: join(folder, "vite.config.ts"),
    // It would complain of each browser that goes.
    logLevel: "silent",
    // The packages are links here; npm would have copied them into the app.
    server: { host: "localhost", port, strictPort: true, fs: { allow: [folder, EDITOR] } },
  });
  await app.listen();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function newDiagram(): Promise<string> {
  const nodes = ["one", "two", "three"].map((id, i) => ({
    id,
    type: "default",
    position: { x: 101, y: 51 + 150 * i },
    data: { label: `Step ${id}` },
  }));
  return (await api.create("Embedded", nodes, [{ id: "e", source: "one", target: "two" }])).id;
}

/** Signs in through the app's own address, and opens the diagram there. */
async function openApp(diagramId: string, name: string): Promise<Page> {
  const context = await browser.newContext();
  const link = (
    await server.run(["sign-in", "--port", String(server.port), "--name", name])
  ).trim();
  await context.request.get(here(link.replace(new URL(link).host, DOCUMENTED_APP)), {
    maxRedirects: 0,
  });
  const page = await context.newPage();
  await page.goto(`http://${appHost}/#${diagramId}`);
  await page.locator('.react-flow__node[data-id="one"]').waitFor();
  return page;
}

async function centre(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(page: Page, from: string, by: { x: number; y: number }): Promise<void> {
  const { x, y } = await centre(page, from);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by.x, y + by.y, { steps: DRAG_STEPS });
  await page.mouse.up();
}

function node(id: string): string {
  return `.react-flow__node[data-id="${id}"]`;
}

/** Where a page shows the node; the view of the block is not zoomed. */
async function shownAt(page: Page, id: string): Promise<unknown> {
  const style = await page.locator(node(id)).getAttribute("style");
  const found = /translate\(([-\d.]+)px, ?([-\d.]+)px\)/.exec(style ?? "");
  return { x: Number(found?.[1]), y: Number(found?.[2]) };
}

test("the block has thirty lines of code, and strict TypeScript takes it", async () => {
  const code = block("tsx").split("\n");
  expect(code.filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(CODE_LINES);
  const strict = ["--strict", "--noEmit", "--skipLibCheck", "false", "--types", ""];
  const options = ["--jsx", "react-jsx", "--target", "es2023", "--module", "esnext"];
  const resolution = ["--moduleResolution", "bundler", "--allowImportingTsExtensions"];
  const tsc = join(EDITOR, "node_modules", ".bin", "tsc");
  const args = [...strict, ...options, ...resolution, "SharedFlow.tsx"];
  expect(await run(tsc, args, { cwd: folder })).toBe("");
});

test("the app as printed is live: dragging, connecting, labels, deleting, who is here", async () => {
  const id = await newDiagram();
  const [ann, bob] = [await openApp(id, "Ann"), await openApp(id, "Bob")];
  await ann.getByText("Bob", { exact: true }).waitFor();
  await bob.getByText("Ann", { exact: true }).waitFor();

  await drag(ann, node("one"), { x: 250, y: 30 });
  const isMoved = async () => (await api.read(id)).diagram.nodes.get("one")?.position;
  await waitUntil("the drag is stored", async () => Number(Object(await isMoved()).x) > 300);
  const stored = await isMoved();
  await waitUntil("Bob sees it", async () => {
    return JSON.stringify(await shownAt(bob, "one")) === JSON.stringify(stored);
  });
  expect(await shownAt(ann, "one")).toEqual(stored);

  const from = `${node("two")} .source`;
  const [start, end] = [await centre(bob, from), await centre(bob, `${node("three")} .target`)];
  await drag(bob, from, { x: end.x - start.x, y: end.y - start.y });
  await ann.locator(".react-flow__edge").nth(1).waitFor({ state: "attached" });
  await bob.locator(".react-flow__edge").nth(1).waitFor({ state: "attached" });
  await waitUntil("the edge is stored", async () => (await api.read(id)).diagram.edges.size > 1);
  const edges = [...(await api.read(id)).diagram.edges.values()];
  expect(edges).toContainEqual({ source: "two", target: "three" });

  await bob.getByRole("button", { name: "Rename" }).click();
  await ann.getByText("Step three, renamed").waitFor();
  await waitUntil("the label is stored", async () => {
    const label = (await api.read(id)).diagram.nodes.get("three")?.data;
    return JSON.stringify(label) === '{"label":"Step three, renamed"}';
  });

  await ann.locator(node("two")).click();
  await ann.keyboard.press("Backspace");
  await bob.locator(node("two")).waitFor({ state: "detached" });
  await waitUntil(
    "the deletion is stored",
    async () => (await api.read(id)).diagram.nodes.size < 3,
  );
  const { diagram, revision } = await api.read(id);
  expect([diagram.nodes.size, diagram.edges.size]).toEqual([2, 0]);
  // Moved, connected, renamed, deleted: each one was one operation.
  expect(revision).toBe(4);
  expect(await bob.locator(".react-flow__edge").count()).toBe(0);
});

test("the script as printed puts the nodes onto a grid", async () => {
  const id = await newDiagram();
  const key = await server.createAgentKey("tidy");
  const env = { ...process.env, DIAGRAMAI_KEY: key };
  const stdout = await run(process.execPath, ["tidy.mjs", id], { cwd: folder, env });
  expect(stdout).toBe("ready: 3 nodes\n");
  const { diagram } = await api.read(id);
  expect(Array.from(diagram.nodes.values(), (each) => each.position)).toEqual([
    { x: 100, y: 60 },
    { x: 100, y: 200 },
    { x: 100, y: 360 },
  ]);
});
