/** A diagram as a file: drawn or written by the server; its row also by this page where that is away. */
import { type Diagram, isObject, type Json, type JsonObject } from "@diagramai/client";
import type { ExportFormat } from "./api/engine.ts";

/** Characters of a title in the name of a file. */
const MAX_NAME_LENGTH = 60;
const ENDINGS: Record<ExportFormat, string> = {
  json: "json",
  mermaid: "mmd",
  png: "png",
  svg: "svg",
};

/**
 * The row of what is shown, without asking the server: what was typed here last may not have reached
 * it. It lacks what only the server knows, such as tags.
 */
export function localFile(id: string, diagram: Diagram): Blob {
  const text = JSON.stringify(localRow(id, diagram), null, 2);
  return new Blob([text], { type: "application/json" });
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
export function fileName(title: string, format: ExportFormat): string {
  const words = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/gu, "");
  const short = [...words].slice(0, MAX_NAME_LENGTH).join("");
  return `${short === "" ? "diagram" : short}.${ENDINGS[format]}`;
}

/** Hands the file to the browser as a download. */
export function download(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the data once the click is through.
  setTimeout(() => URL.revokeObjectURL(url));
}
