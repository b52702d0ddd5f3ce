/** Files that become diagrams: which they may be, and how each fares. */
import { type Imported, type ImportFormat, MAX_IMPORT_BYTES } from "../../api/engine.ts";
import { ApiError } from "../../api/http.ts";
import { sentenceOf } from "../../words/failure.ts";
import { MAX_TITLE_LENGTH } from "../TitleField.tsx";

/** What the browser offers to choose. */
export const ACCEPT = ".json,.mmd,.mermaid,.txt";
/** Files in one go. */
export const MAX_FILES = 50;

export type Fate =
  | { readonly name: "waiting" }
  | { readonly name: "running" }
  | { readonly name: "done"; readonly diagrams: readonly Imported[] }
  /** `taken`: a diagram with the same id is there; as copies they could be stored. */
  | { readonly name: "failed"; readonly why: string; readonly taken: boolean };

export interface Item {
  /** Unique in the list. */
  readonly key: number;
  readonly file: File;
  readonly fate: Fate;
}

const FORMATS: ReadonlyMap<string, ImportFormat> = new Map([
  ["json", "json"],
  ["mmd", "mermaid"],
  ["mermaid", "mermaid"],
  ["txt", "mermaid"],
]);

/** By the end of the name; undefined where it is none of ours. */
export function formatOf(name: string): ImportFormat | undefined {
  return FORMATS.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
}

/** What the file holds: by its ending, and in a .txt by how it begins, as on the command line. */
export async function formatIn(file: File): Promise<ImportFormat> {
  const format = formatOf(file.name) ?? "mermaid";
  if (!file.name.toLowerCase().endsWith(".txt")) return format;
  return /^\s*[{[]/.test(await file.text()) ? "json" : format;
}

/** The name without its ending: a title for what has none. */
export function titleFrom(name: string): string {
  const at = name.lastIndexOf(".");
  return [...(at > 0 ? name.slice(0, at) : name)].slice(0, MAX_TITLE_LENGTH).join("");
}

/**
 * The list with more files at its end; those that cannot be imported say so at once. Beyond
 * MAX_FILES one more item tells what was left out.
 */
export function withFiles(items: readonly Item[], files: readonly File[]): readonly Item[] {
  const next = (items.at(-1)?.key ?? 0) + 1;
  const added = files.map((file, i) => ({ key: next + i, file, fate: firstFate(file) }));
  const all = [...items, ...added];
  const out = all[MAX_FILES];
  if (out === undefined) return all;
  const others = all.length - MAX_FILES - 1;
  const which = others === 0 ? "this one was" : `this one and ${others} more were`;
  const why = `At most ${MAX_FILES} files in one go: ${which} left out. Import them afterwards.`;
  return [...all.slice(0, MAX_FILES), { ...out, fate: failed(why) }];
}

function firstFate(file: File): Fate {
  if (formatOf(file.name) === undefined) {
    return failed("Only .json, .mmd, .mermaid and .txt files can be imported.");
  }
  if (file.size > MAX_IMPORT_BYTES) {
    const most = MAX_IMPORT_BYTES / 1024 / 1024;
    return failed(`The file is too large: at most ${most} MB. The command line takes more.`);
  }
  return { name: "waiting" };
}

export function fateOfError(error: unknown): Fate {
  const taken = error instanceof ApiError && error.code === "already_exists";
  return taken ? failed(error.message, taken) : failed(sentenceOf(error));
}

function failed(why: string, taken = false): Fate {
  return { name: "failed", why, taken };
}

/** The one diagram to go to right away; null where there is anything to read first. */
export function onlyDiagram(items: readonly Item[]): string | null {
  const [item, ...others] = items;
  if (item?.fate.name !== "done" || others.length > 0) return null;
  const [diagram, ...more] = item.fate.diagrams;
  const clear = diagram !== undefined && more.length === 0 && diagram.report.length === 0;
  return clear ? diagram.id : null;
}
