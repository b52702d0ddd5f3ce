/** The pages and their addresses: `/` (with `page` and `filter` in the query), `/trash`, `/share`, `/admin`, `/d/<diagram id>`. */
import { useSyncExternalStore } from "react";

export interface StartRoute {
  readonly name: "start";
  /** Counts from 1. */
  readonly page: number;
  readonly filter: string;
}
export interface TrashRoute {
  readonly name: "trash";
  /** Counts from 1. */
  readonly page: number;
}
/** Where a share link leads; its secret stands after the #. */
export interface ShareRoute {
  readonly name: "share";
}
export interface DiagramRoute {
  readonly name: "diagram";
  readonly id: string;
}
/** The admin page; what it shows stands in the query. */
export interface AdminRoute {
  readonly name: "admin";
  readonly query: string;
}
export interface UnknownRoute {
  readonly name: "unknown";
}
export type Route = StartRoute | TrashRoute | ShareRoute | AdminRoute | DiagramRoute | UnknownRoute;

/** The longest title filter that the API takes, in characters. */
export const MAX_FILTER_LENGTH = 200;
const MAX_PAGE = 1_000_000;
const DIAGRAM = /^\/d\/([^/]+)\/?$/;

export const ADMIN_PATH = "/admin";

/** Reads an address. Whatever is wrong in a query is ignored; a path that is none of ours is `unknown`. */
export function parseRoute(path: string, query: string): Route {
  if (path === "/") return startRoute(new URLSearchParams(query));
  if (path === "/trash") return { name: "trash", page: pageOf(new URLSearchParams(query)) };
  if (path === "/share") return { name: "share" };
  if (path === ADMIN_PATH) return { name: "admin", query };
  const id = decode(DIAGRAM.exec(path)?.[1] ?? "");
  return id === null || id === "" ? { name: "unknown" } : { name: "diagram", id };
}

function startRoute(query: URLSearchParams): StartRoute {
  const filter = (query.get("filter") ?? "").slice(0, MAX_FILTER_LENGTH);
  return { name: "start", page: pageOf(query), filter };
}

function pageOf(query: URLSearchParams): number {
  const page = Number(query.get("page") ?? "1");
  return Number.isInteger(page) && page >= 1 && page <= MAX_PAGE ? page : 1;
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

export function trashPath(page = 1): string {
  return page > 1 ? `/trash?page=${page}` : "/trash";
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
