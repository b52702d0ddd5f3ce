/** The list of diagrams, and what is done to one of them from there. */
import { isObject, request } from "./http.ts";
import type { Role } from "./sharing.ts";
import { number, text, time, unexpected } from "./values.ts";

/** A diagram in the list. Times are ms since 1970. */
export interface Entry {
  readonly id: string;
  /** A second id, from the app before; both name the diagram everywhere. */
  readonly uuid: string;
  readonly title: string;
  readonly description: string | null;
  readonly kind: string;
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly updatedAt: number;
  readonly createdByAgent: boolean;
  readonly lastAgentEdit: number | null;
  readonly agentEditCount: number;
  readonly openToAgents: boolean;
  /** Of the person who asks; null where that is not told. */
  readonly role: Role | null;
  /** null: it is not in the trash. */
  readonly deletedAt: number | null;
  /** A name, or else an id; empty where that is not known. */
  readonly deletedBy: string;
}

export interface Page {
  readonly entries: readonly Entry[];
  readonly total: number;
  /** Counts from 1. */
  readonly page: number;
  readonly pages: number;
}

export type Template = "flowchart" | "sequence" | "mindmap" | "blank";

/** Diagrams on one page of the list. */
export const PAGE_LENGTH = 24;

/** Newest change first, as the API has it. */
export async function listDiagrams(
  page: number,
  filter: string,
  signal: AbortSignal,
  inTrash = false,
): Promise<Page> {
  const query = new URLSearchParams({ limit: String(PAGE_LENGTH), page: String(page) });
  if (inTrash) query.set("trash", "true");
  if (filter !== "") query.set("filter", filter);
  const { data, envelope } = await request(`/api/diagrams?${query}`, { signal });
  return readPage(data, envelope.pagination);
}

/** Returns the id of the new diagram. */
export async function createDiagram(title: string, template: Template): Promise<string> {
  const { data } = await request("/api/diagrams", { method: "POST", body: { title, template } });
  return readEntry(data).id;
}

export async function renameDiagram(id: string, title: string): Promise<void> {
  await request(pathOf(id), { method: "PUT", body: { title } });
}

/** Moves it to the trash. */
export async function deleteDiagram(id: string): Promise<void> {
  await request(pathOf(id), { method: "DELETE" });
}

/** Takes it out of the trash. */
export async function restoreDiagram(id: string): Promise<void> {
  await request(`${pathOf(id)}/restore`, { method: "POST" });
}

export function pathOf(id: string): string {
  return `/api/diagrams/${encodeURIComponent(id)}`;
}

/** Throws ApiError `unexpected_answer` where the value is no page. */
export function readPage(data: unknown, pagination: unknown): Page {
  if (!Array.isArray(data) || !isObject(pagination)) throw unexpected();
  const { total, page, pages } = pagination;
  return {
    entries: data.map(readEntry),
    total: number(total),
    page: number(page),
    pages: number(pages),
  };
}

/** Throws ApiError `unexpected_answer` where the value is no entry. */
export function readEntry(value: unknown): Entry {
  if (!isObject(value)) throw unexpected();
  return {
    id: text(value.id),
    uuid: text(value.uuid),
    title: text(value.title),
    description: typeof value.description === "string" ? value.description : null,
    kind: value.format === "mermaid" ? "mermaid" : text(value.kind),
    nodeCount: number(value.nodeCount),
    edgeCount: number(value.edgeCount),
    updatedAt: time(value.updatedAt),
    createdByAgent: value.createdByAgent === true,
    lastAgentEdit: value.lastAgentEdit === null ? null : time(value.lastAgentEdit),
    agentEditCount: number(value.agentEditCount),
    openToAgents: value.agentAccessible === true,
    role:
      value.role === "viewer" || value.role === "editor" || value.role === "owner"
        ? value.role
        : null,
    deletedAt: typeof value.deletedAt === "string" ? time(value.deletedAt) : null,
    deletedBy: firstText(value.deletedByName, value.deletedBy),
  };
}

function firstText(...values: readonly unknown[]): string {
  return values.find((value) => typeof value === "string") ?? "";
}
