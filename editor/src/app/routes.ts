/** The two pages and their addresses: `/` (with `page` and `filter` in the query) and `/d/<diagram id>`. */
import { useSyncExternalStore } from "react";

export interface StartRoute {
  readonly name: "start";
  /** Counts from 1. */
  readonly page: number;
  readonly filter: string;
}
export interface DiagramRoute {
  readonly name: "diagram";
  readonly id: string;
}
export interface UnknownRoute {
  readonly name: "unknown";
}
export type Route = StartRoute | DiagramRoute | UnknownRoute;

/** The longest title filter that the API takes, in characters. */
export const MAX_FILTER_LENGTH = 200;
const MAX_PAGE = 1_000_000;
const DIAGRAM = /^\/d\/([^/]+)\/?$/;

/** Reads an address. Whatever is wrong in a query is ignored; a path that is none of ours is `unknown`. */
export function parseRoute(path: string, query: string): Route {
  if (path === "/") return startRoute(new URLSearchParams(query));
  const id = decode(DIAGRAM.exec(path)?.[1] ?? "");
  return id === null || id === "" ? { name: "unknown" } : { name: "diagram", id };
}

function startRoute(query: URLSearchParams): StartRoute {
  const page = Number(query.get("page") ?? "1");
  const known = Number.isInteger(page) && page >= 1 && page <= MAX_PAGE;
  const filter = (query.get("filter") ?? "").slice(0, MAX_FILTER_LENGTH);
  return { name: "start", page: known ? page : 1, filter };
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The address of the list; the defaults are left out of it. */
export function startPath(page = 1, filter = ""): string {
  const query = new URLSearchParams();
  if (page > 1) query.set("page", String(page));
  if (filter !== "") query.set("filter", filter);
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}

export function diagramPath(id: string): string {
  return `/d/${encodeURIComponent(id)}`;
}

const listeners = new Set<() => void>();

function tellAll(): void {
  for (const listener of listeners) listener();
}

/** Goes to a page of ours without loading anew. `replace` leaves no step in the browser's history. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  tellAll();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

/** The present address; the component renders again when it changes. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const at = address.indexOf("?");
  return at < 0 ? parseRoute(address, "") : parseRoute(address.slice(0, at), address.slice(at));
}
