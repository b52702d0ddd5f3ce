/** Paths inside an element: JSON Pointers (RFC 6901), kept as the strings they travel as. */
import { advance, isLongerThan } from "./codePoints.ts";
import { OperationError } from "./errors.ts";

/** Steps of one path; deeper values can still be written whole. */
export const MAX_PATH_STEPS = 32;
/** Characters (code points) of one path. */
export const MAX_PATH_LENGTH = 1_024;

/** Paths whose keys are remembered; most edits write to the same few. */
const MAX_REMEMBERED = 4_096;
const remembered = new Map<string, readonly string[]>();

/** The keys that `path` steps through, at least one. Throws OperationError `invalid_path`. */
export function split(path: string): readonly string[] {
  const known = remembered.get(path);
  if (known !== undefined) return known;
  const keys = parse(path);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(path, keys);
  return keys;
}

function parse(path: string): readonly string[] {
  if (!path.startsWith("/")) {
    const message = "A path is a JSON Pointer and starts with '/'.";
    throw new OperationError("invalid_path", message, `/${beginning(path)}`);
  }
  if (isLongerThan(path, MAX_PATH_LENGTH)) {
    const message = `A path has at most ${MAX_PATH_LENGTH} characters.`;
    throw new OperationError("invalid_path", message, beginning(path));
  }
  const keys = path.slice(1).split("/");
  if (keys.length > MAX_PATH_STEPS) {
    const message = `A path has at most ${MAX_PATH_STEPS} steps.`;
    throw new OperationError("invalid_path", message, path);
  }
  return path.includes("~") ? keys.map((key) => unescapeKey(key, path)) : keys;
}

function beginning(path: string): string {
  return path.slice(0, advance(path, 0, MAX_PATH_LENGTH));
}

function unescapeKey(key: string, path: string): string {
  if (key.replaceAll("~0", "").replaceAll("~1", "").includes("~")) {
    const message = "In a path '~' is written '~0' and '/' inside a key '~1'.";
    throw new OperationError("invalid_path", message, path);
  }
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The path one step below `path` (`""` is the element itself). */
export function join(path: string, key: string): string {
  return `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Whether `path` leads strictly inside what stands at `ancestor`. */
export function isBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && path[ancestor.length] === "/";
}

/** The nearest written path that contains `path` strictly; `null` where none does. */
export function pathAbove(path: string, writes: ReadonlyMap<string, unknown>): string | null {
  for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
    const above = path.slice(0, cut);
    if (writes.has(above)) return above;
  }
  return null;
}
