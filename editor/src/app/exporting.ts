/** A diagram as a file: the earlier app's row, from the server where it can be had. */
import { type Diagram, isObject, type Json, type JsonObject } from "@diagramai/client";
import { readRow } from "./api/diagrams.ts";

/** Characters of a title in the name of a file. */
const MAX_NAME_LENGTH = 60;

/**
 * The row as text. `fresh` says that the server has all that is shown; else, or where it does not
 * answer, the row is made from what is shown.
 */
export async function exportText(id: string, diagram: Diagram, fresh: boolean): Promise<string> {
  return JSON.stringify(fresh ? await rowOr(id, diagram) : localRow(id, diagram), null, 2);
}

async function rowOr(id: string, diagram: Diagram): Promise<unknown> {
  try {
    return await readRow(id);
  } catch {
    return localRow(id, diagram);
  }
}

/** What is shown, in the form that the import takes. Parents stand before their children. */
export function localRow(id: string, diagram: Diagram): JsonObject {
  const { title, description, kind } = diagram;
  const mermaid = kind === "mermaid";
  return {
    id,
    title,
    description,
    format: mermaid ? "mermaid" : "reactflow",
    ...(mermaid ? {} : { kind }),
    content: mermaid ? textOf(diagram) : flowOf(diagram),
  };
}

function textOf(diagram: Diagram): string {
  return typeof diagram.data.text === "string" ? diagram.data.text : "";
}

function flowOf(diagram: Diagram): JsonObject {
  const nodes = parentsFirst(diagram).map((id) => ({ ...diagram.nodes.get(id), id }));
  const edges = [...diagram.edges].map(([id, edge]) => ({ ...edge, id }));
  const viewport = isObject(diagram.data.viewport) ? { viewport: diagram.data.viewport } : {};
  return { nodes, edges, ...viewport };
}

function parentsFirst(diagram: Diagram): string[] {
  const placed = new Set<string>();
  for (const id of diagram.nodes.keys()) {
    for (const step of ancestors(diagram, id, placed).reverse()) placed.add(step);
  }
  return [...placed];
}

/** The node and those above it that are not placed yet, nearest first. */
function ancestors(diagram: Diagram, id: string, placed: ReadonlySet<string>): string[] {
  const chain: string[] = [];
  let at: Json | undefined = id;
  while (typeof at === "string" && !placed.has(at) && !chain.includes(at)) {
    const node = diagram.nodes.get(at);
    if (node === undefined) break;
    chain.push(at);
    at = node.parentId;
  }
  return chain;
}

/** A name for the file from the title: lower case, words joined by dashes. */
export function fileName(title: string): string {
  const words = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/gu, "");
  const short = [...words].slice(0, MAX_NAME_LENGTH).join("");
  return `${short === "" ? "diagram" : short}.json`;
}

/** Hands the text to the browser as a download. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the data once the click is through.
  setTimeout(() => URL.revokeObjectURL(url));
}
