/** What the server draws, reads, writes, arranges and checks: files, pictures, layouts, findings. */
import { type Json, type Operation, operationFromJson } from "@diagramai/client";
import { pathOf } from "./diagrams.ts";
import { isObject, request, requestFile } from "./http.ts";
import { unexpected } from "./values.ts";

export type ExportFormat = "json" | "mermaid" | "png" | "svg";
export type ImportFormat = "json" | "mermaid";
type ShownTheme = "light" | "dark";

/** A diagram that came out of a file, and what had to be mended in it, in plain words. */
export interface Imported {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly report: readonly string[];
}

export interface ImportWish {
  readonly format: ImportFormat;
  /** For what has none. */
  readonly title: string;
  /** Flowcharts and mind maps become nodes and edges. */
  readonly asShapes: boolean;
  /** Every diagram gets a new id. */
  readonly asCopies: boolean;
}

/** The longest body that the server takes, in bytes. */
export const MAX_IMPORT_BYTES = 8 * 1024 * 1024;
const MEDIA_TYPES: Record<ImportFormat, string> = {
  json: "application/json",
  mermaid: "text/vnd.mermaid",
};

/** Stores all diagrams of a file, or none. Throws ApiError. */
export async function importFile(file: Blob, wish: ImportWish): Promise<Imported[]> {
  const { format, title, asShapes, asCopies } = wish;
  const query = new URLSearchParams({ title, as: asShapes ? "canvas" : "text" });
  if (asCopies) query.set("new_ids", "true");
  const { data } = await request(`/api/diagrams/import?${query}`, {
    method: "POST",
    file: { content: file, mediaType: MEDIA_TYPES[format] },
  });
  return readImported(data);
}

/** Throws ApiError `unexpected_answer` where the value is no list of imported diagrams. */
export function readImported(data: unknown): Imported[] {
  if (!Array.isArray(data)) throw unexpected();
  return data.map((value: unknown) => {
    if (!isObject(value) || !Array.isArray(value.report)) throw unexpected();
    const { id, title, format, kind, report } = value;
    const shownKind = format === "mermaid" ? "mermaid" : kind;
    if (typeof id !== "string" || typeof title !== "string") throw unexpected();
    if (typeof shownKind !== "string") throw unexpected();
    return { id, title, kind: shownKind, report: report.map(String) };
  });
}

/** The diagram as a file, as the server has it. Throws ApiError. */
export async function readExport(
  id: string,
  format: ExportFormat,
  theme: ShownTheme,
): Promise<Blob> {
  const query = new URLSearchParams({ format, theme });
  return await requestFile(`${pathOf(id)}/export?${query}`);
}

/**
 * The diagram drawn, as an address that an image takes. Throws ApiError: with the place where a
 * Mermaid text is wrong, or is of a kind that is not drawn.
 */
export async function readPicture(
  id: string,
  theme: ShownTheme,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams({ format: "svg", strict: "true", theme });
  const svg = await (await requestFile(`${pathOf(id)}/export?${query}`, signal)).text();
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** Where the small picture of a diagram is. `updatedAt` makes a new address of each change. */
export function thumbnailPath(id: string, theme: ShownTheme, updatedAt: number): string {
  const query = new URLSearchParams({ theme, changed: String(updatedAt) });
  return `${pathOf(id)}/thumbnail?${query}`;
}

export type Direction = "TB" | "LR";

/** An edit that the server proposes on the diagram as it was at `revision`. */
export interface Plan {
  readonly revision: number;
  readonly operation: Operation;
}

/** How the nodes would stand well; `only` names those that may move, null all. Stores nothing. */
export async function planLayout(
  id: string,
  direction: Direction,
  only: readonly string[] | null,
): Promise<Plan> {
  // Whoever asks for it here wants just this to move, wherever people have put it before.
  const body = { direction, dryRun: true, keepPlaced: false, ...(only === null ? {} : { only }) };
  const { data } = await request(`${pathOf(id)}/layout`, { method: "POST", body });
  if (!isObject(data) || typeof data.revision !== "number") throw unexpected();
  return { revision: data.revision, operation: operationFrom(data.operation) };
}

export type Severity = "error" | "warning" | "hint";

/** Something that is wrong with a diagram, in a sentence, and the edit that mends it. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly nodes: string[];
  readonly edges: string[];
  readonly mend: Operation | null;
}

/** What is wrong with the diagram as it is at `revision`, the worst kinds first. */
export interface Checked {
  readonly revision: number;
  readonly findings: readonly Finding[];
}

/** Throws ApiError. */
export async function readCheck(id: string): Promise<Checked> {
  return checkedFrom((await request(`${pathOf(id)}/check?mends=true`)).data);
}

/** Throws ApiError `unexpected_answer` where the value tells of no check. */
export function checkedFrom(data: unknown): Checked {
  if (!isObject(data) || typeof data.revision !== "number") throw unexpected();
  if (!Array.isArray(data.findings)) throw unexpected();
  return { revision: data.revision, findings: data.findings.map(findingFrom) };
}

function findingFrom(value: unknown): Finding {
  if (!isObject(value)) throw unexpected();
  const { code, severity, message, nodes, edges, mend } = value;
  if (typeof code !== "string" || typeof message !== "string") throw unexpected();
  if (severity !== "error" && severity !== "warning" && severity !== "hint") throw unexpected();
  const operation = mend === undefined ? null : operationFrom(mend);
  return { code, severity, message, nodes: ids(nodes), edges: ids(edges), mend: operation };
}

/** Lists that are empty may be left out. */
function ids(value: unknown = []): string[] {
  if (!Array.isArray(value)) throw unexpected();
  return value.map(String);
}

/** Throws ApiError `unexpected_answer` where the value is no operation. */
function operationFrom(value: unknown): Operation {
  try {
    // What came as JSON is JSON.
    const json: Json = JSON.parse(JSON.stringify(value ?? null));
    return operationFromJson(json);
  } catch {
    throw unexpected();
  }
}
